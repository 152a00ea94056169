import { type Clock, newId, type Outbox, type Tx } from '../../platform/index.ts';
import type { Claim } from '../detectors/observation.ts';
import { AnomalyConfirmed, AnomalyEscalated } from '../events.ts';
import { buildCard } from '../evidence/buildCard.ts';
import { mainCompanion, telling } from '../evidence/telling.ts';
import {
  type Anomaly,
  addPoint,
  closeAnomaly,
  insertAnomaly,
  lockOpenAnomalies,
  type OpenAnomaly,
  raiseStrength,
  saveCard,
  updateAnomaly,
} from '../store/anomalies.ts';
import { readTrend } from '../store/featureHistory.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import { belongsTo, explains } from './belonging.ts';
import { claimOf, describe, type Occurrence, payloadOf } from './describe.ts';
import { failingAsset, familyOf, faultKeyOf } from './faultKey.ts';
import type { ProofKeeper } from './proofKeeper.ts';

export interface CarryOutDeps {
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly proof: ProofKeeper;
}

/**
 * Carries out what a verdict asks for: opens, confirms, escalates or names an anomaly, and notes it in the
 * point's memory. Everything happens in the caller's transaction, the event included.
 */
export async function carryOut(deps: CarryOutDeps, tx: Tx, point: PointMemory, occurrence: Occurrence): Promise<void> {
  const { act } = occurrence.verdict;
  switch (act) {
    case 'none':
    case 'fade':
      return;
    case 'suspect':
    case 'confirm':
      return raise(deps, tx, point, occurrence);
    case 'escalate':
    case 'refine':
      return worsen(deps, tx, point, occurrence);
    default:
      return act satisfies never;
  }
}

/** The fault must have grown this much before it is written again, dB or z. */
const STRENGTH_STEP = 1;

/**
 * Keeps the strength of a confirmed anomaly with its growth, so that the neighbours, which hear it grow as well, go on
 * being told from its source.
 */
export async function noteStrength(tx: Tx, point: PointMemory, claim: Claim | null): Promise<void> {
  const { open } = point.detector;
  if (!claim || open?.status !== 'confirmed' || open.part !== 'origin') return;
  if (familyOf(claim.fault) !== familyOf(open.fault) || claim.strength < open.strength + STRENGTH_STEP) return;
  await raiseStrength(tx, open.anomalyId, claim.strength);
  point.detector.open = { ...open, strength: claim.strength };
}

/** Drops a suspicion that nothing has supported for a while. */
export async function dropSuspicion(deps: CarryOutDeps, tx: Tx, point: PointMemory): Promise<void> {
  const { open } = point.detector;
  if (!open) return;
  const wasClosed =
    open.part === 'corroborates' ||
    (await closeAnomaly(tx, open.anomalyId, { atMs: deps.clock.nowMs(), by: null, label: null }));
  // Not closed: another point has confirmed it meanwhile, and this one stays frozen with it.
  point.detector.open = wasClosed ? null : { ...open, status: 'confirmed' };
}

async function raise(deps: CarryOutDeps, tx: Tx, point: PointMemory, judged: Occurrence): Promise<void> {
  const occurrence = attributed(judged);
  const { claim, facts, verdict } = occurrence;
  const faultKey = faultKeyOf(point.pointKey, facts, claim.fault);
  const ownId = point.detector.open?.anomalyId ?? null;
  const open = await lockOpenAnomalies(tx, { faultKey, machineId: facts?.machineId ?? null, ownId });
  const own = open.find((anomaly) => anomaly.id === ownId) ?? null;
  const assetId = facts && failingAsset(facts, claim.fault).id;
  const belongs = belongsTo(claim, faultKey, assetId, facts?.machineId ?? null, open) ?? own;
  const isNew = verdict.act === 'confirm' && belongs?.status !== 'confirmed';
  const unexplained = isNew ? explains(claim, facts?.machineId ?? null, open) : null;
  const target = unexplained ?? belongs;
  // What was suspected under another name gives way to the anomaly that the claim turned out to belong to.
  if (own?.status === 'suspected' && target && own.id !== target.id && point.detector.open?.part === 'origin') {
    await closeAnomaly(tx, own.id, { atMs: deps.clock.nowMs(), by: null, label: null });
  }
  if (unexplained) {
    await addPoint(tx, unexplained.id, point.pointKey, 'origin', occurrence.timeMs);
    point.detector.open = claimOf(unexplained, 'origin');
    return worsen(deps, tx, point, { ...occurrence, verdict: { ...verdict, act: 'refine' } });
  }
  if (verdict.act === 'suspect' || target?.status === 'confirmed') {
    return target ? join(tx, point, occurrence, target, deps) : begin(deps, tx, point, occurrence, faultKey);
  }
  return confirm(deps, tx, point, occurrence, faultKey, target);
}

/** What several points say together is said of the component that has the greatest part in it, whoever was asked. */
function attributed(occurrence: Occurrence): Occurrence {
  const main = mainCompanion(occurrence)?.member;
  if (!main || !occurrence.facts) return occurrence;
  const { pointId, pointName, assetId, assetName } = main;
  return { ...occurrence, facts: { ...occurrence.facts, pointId, pointName, assetId, assetName } };
}

/** The claim belongs to an anomaly that is open: the point supports it, and is frozen with it. */
async function join(
  tx: Tx,
  point: PointMemory,
  occurrence: Occurrence,
  target: Anomaly,
  deps: CarryOutDeps,
): Promise<void> {
  const part = target.pointKey === point.pointKey ? 'origin' : 'corroborates';
  await addPoint(tx, target.id, point.pointKey, part, occurrence.timeMs);
  point.detector.open = claimOf(target, part);
  const isWorse = occurrence.claim.level === 'serious' && target.level === 'warning';
  if (target.status === 'confirmed' && occurrence.verdict.act === 'confirm' && isWorse) {
    await worsen(deps, tx, point, occurrence);
  }
}

async function begin(
  deps: CarryOutDeps,
  tx: Tx,
  point: PointMemory,
  occurrence: Occurrence,
  faultKey: string,
): Promise<void> {
  const anomaly = describe(newId(), faultKey, 'suspected', occurrence, deps.clock.nowMs());
  // Another partition may have opened the same fault since the look above; the next block joins it.
  if (!(await insertAnomaly(tx, anomaly))) return;
  await addPoint(tx, anomaly.id, point.pointKey, 'origin', occurrence.timeMs);
  point.detector.open = claimOf(anomaly, 'origin');
}

async function confirm(
  deps: CarryOutDeps,
  tx: Tx,
  point: PointMemory,
  occurrence: Occurrence,
  faultKey: string,
  target: Anomaly | null,
): Promise<void> {
  const anomaly = describe(target?.id ?? newId(), faultKey, 'confirmed', occurrence, deps.clock.nowMs());
  if (target) {
    anomaly.firstSeenMs = Math.min(target.firstSeenMs, occurrence.timeMs);
    await updateAnomaly(tx, anomaly);
  } else if (!(await insertAnomaly(tx, anomaly))) {
    return; // lost the race for the fault key; the next block finds the winner and joins it
  }
  await addPoint(tx, anomaly.id, point.pointKey, 'origin', occurrence.timeMs);
  point.detector.open = claimOf(anomaly, 'origin');
  await prove(deps, tx, occurrence, anomaly);
  await deps.outbox.publish(tx, AnomalyConfirmed, payloadOf(anomaly));
}

/** A confirmed anomaly became serious, or its cause got a name: the card is written anew, the people hear again. */
async function worsen(deps: CarryOutDeps, tx: Tx, point: PointMemory, occurrence: Occurrence): Promise<void> {
  const own = point.detector.open;
  if (!own) return;
  const found = await lockOpenAnomalies(tx, { faultKey: '', machineId: null, ownId: own.anomalyId });
  const known = found[0];
  if (!known) return; // closed by people a moment ago; the memory is put right when it is next loaded
  const renames = occurrence.verdict.act === 'refine';
  if (!renames && known.level === 'serious') {
    point.detector.open = claimOf(known, own.part);
    return;
  }
  const now = deps.clock.nowMs();
  const fresh = describe(known.id, known.faultKey, 'confirmed', occurrence, now);
  const level = known.level === 'serious' ? 'serious' : fresh.level;
  const changed: OpenAnomaly = renames
    ? { ...fresh, level, firstSeenMs: known.firstSeenMs, confirmedMs: known.confirmedMs, escalatedMs: now }
    : { ...known, level, severityZone: fresh.severityZone, lastWaveformMs: fresh.lastWaveformMs, escalatedMs: now };
  await updateAnomaly(tx, changed);
  // A point that merely hears another's fault adds its weight, not its picture.
  if (renames || own.part === 'origin') {
    const claim = { ...occurrence.claim, fault: changed.fault, level, confidence: changed.confidence };
    await prove(deps, tx, { ...occurrence, claim }, changed);
  }
  point.detector.open = claimOf(changed, own.part);
  await deps.outbox.publish(tx, AnomalyEscalated, payloadOf(changed));
}

/** Writes the evidence card, and keeps the blocks that it rests on. */
async function prove(deps: CarryOutDeps, tx: Tx, occurrence: Occurrence, anomaly: OpenAnomaly): Promise<void> {
  const course = telling(occurrence);
  const trend = course ? await readTrend(tx, course.pointKey, course.name) : [];
  const card = buildCard(occurrence, { id: anomaly.id, confirmedMs: anomaly.confirmedMs ?? deps.clock.nowMs() }, trend);
  anomaly.summary = card.summary;
  await updateAnomaly(tx, anomaly);
  await saveCard(tx, card);
  for (const { ref } of card.proofBlocks) await deps.proof.keep(tx, tx.tenantId, ref, anomaly.id);
}
