import type { FeedBatch, FeedItem, FeedWaveform } from '../../ingest/index.ts';
import type { Tx } from '../../platform/index.ts';
import { type CarryOutDeps, carryOut, dropSuspicion, noteStrength } from '../anomalies/carryOut.ts';
import { carrySensor } from '../anomalies/carrySensor.ts';
import { startAfresh } from '../anomalies/label.ts';
import type { Verdict } from '../detectors/observation.ts';
import type { ModelVerdict } from '../detectors/waveformObservation.ts';
import { type OperatingRole, type PlausibleRange, type PointFacts, partsOfKey } from '../facts/machineFacts.ts';
import { recordHistory } from '../history/recorder.ts';
import { SPECTRAL_SHAPE } from '../models/features/spectralShape.ts';
import { noteArrival } from '../sensors/silence.ts';
import { stillOpen } from '../store/anomalies.ts';
import type { Skipped } from '../store/consumed.ts';
import type { Devices } from '../store/deviceMemory.ts';
import { type FeatureRow, saveFeatures } from '../store/featureHistory.ts';
import { type Machines, readMachines } from '../store/machineState.ts';
import { lockPoints, type PointKind, type PointMemory, savePoints } from '../store/pointMemory.ts';
import type { InForce } from '../thresholds/inForce.ts';
import type { AnalysedBlock, FactsByPoint } from './analyseBlocks.ts';
import { type Company, companionsOf, noteMember, rowWasJudged } from './companions.ts';
import { type JudgedItem, toPointVerdict } from './judgedItem.ts';
import { judgedTimeMs, judgeReading } from './judgeReading.ts';
import { judgeWaveform } from './judgeWaveform.ts';
import { byMachine, neighbourSights } from './neighbours.ts';
import { noteOperatingPoint, roleOf } from './operating.ts';
import { judgeSilent } from './silentPoints.ts';

const KEPT_IDENTITIES = 24;
/** Readings come faster than a trend needs them. */
const READING_TREND_STEP_MS = 5_000;

export interface FedItem {
  readonly batch: FeedBatch;
  readonly item: FeedItem;
}

/** What is known beside the units themselves, the same for a whole round. */
export interface JudgeContext {
  readonly facts: FactsByPoint;
  readonly devices: Devices;
  /** Points of these devices that have said nothing for long; they have facts as well. */
  readonly silent: ReadonlyMap<string, PointKind>;
  /** What types of devices declare as plausible, by point key. */
  readonly ranges: ReadonlyMap<string, PlausibleRange>;
  readonly analysed: ReadonlyMap<FeedWaveform, AnalysedBlock>;
  readonly thresholds: InForce;
  readonly historyDays: number;
}

/**
 * Judges units in the order of the feed and writes what comes of them.
 *
 * @returns the units that could not be analysed, with the reason
 */
export async function judgeAll(
  deps: CarryOutDeps,
  tx: Tx,
  items: readonly FedItem[],
  { facts, devices, silent, ranges, analysed, thresholds, historyDays }: JudgeContext,
): Promise<Skipped[]> {
  const fed = new Map<string, PointKind>(items.map(({ item }) => [item.pointKey, item.kind]));
  const points = await lockPoints(tx, new Map([...silent, ...fed]));
  await forgetClosed(tx, points);
  const machineIds = [...new Set([...facts.values()].flatMap((known) => (known ? [known.machineId] : [])))];
  const machines = await readMachines(tx, machineIds);
  const places = byMachine(points, facts);
  const skipped: Skipped[] = [];
  const features: FeatureRow[] = [];
  const history = recordHistory({ retentionDays: historyDays });
  for (const { batch, item } of items) {
    const point = points.get(item.pointKey)!;
    const { device } = partsOfKey(item.pointKey);
    noteArrival(point.sensor, devices.of(device).hearing, item.arrivalMs);
    if (point.recentIdentities.includes(item.identity)) continue; // another delivery of a unit already judged
    point.recentIdentities = [...point.recentIdentities, item.identity].slice(-KEPT_IDENTITIES);
    const known = facts.get(item.pointKey) ?? null;
    const block = item.kind === 'waveform' ? analysed.get(item)! : null;
    if (block && 'failure' in block.result) {
      const { partition, spoolId, fromOffset, toOffset } = batch;
      const reason = block.result.failure;
      skipped.push({ partition, spoolId, fromOffset, toOffset, pointKey: item.pointKey, reason });
      continue;
    }
    const analysis = block && 'analysis' in block.result ? block.result.analysis : null;
    const settings = thresholds.settingsFor({
      kind: point.kind,
      pointKey: point.pointKey,
      machineId: known?.machineId ?? null,
      machineClass: known?.machineClass ?? null,
    });
    history.before(point);
    const machine = known && machines.of(known.machineId);
    const neighbours = known
      ? neighbourSights(point, judgedTimeMs(item), known.assetId, places.get(known.machineId)!)
      : [];
    const company =
      item.kind === 'reading' && known && roleOf(item.pointKey, known) === null
        ? devices.company(device, known.machineId)
        : null;
    const companions = company && companionsOf(company, item.pointKey);
    const judged =
      item.kind === 'reading'
        ? judgeReading(point, item, known, settings, machine, ranges.get(item.pointKey) ?? null, neighbours, companions)
        : judgeWaveform(point, item, known, settings, analysis!, verdictsOf(block!), machine, neighbours);
    if (known) noteMachine(machines, item, known, judged);
    if (company) noteCompany(company, item.pointKey, known!, judged.verdict, companions !== null);
    const row = featureRow(point, judged, shapeOf(block));
    if (row) features.push(row);
    const { act, claim } = judged.verdict;
    if (judged.sensor && judged.sensor.act !== 'none') {
      await saveFeatures(tx, features.splice(0));
      await carrySensor(deps, tx, point, known, judged.sensor, judged);
    }
    if (act !== 'none') await saveFeatures(tx, features.splice(0)); // the card's trend shall show what led to it
    if (act === 'none') await noteStrength(tx, point, claim);
    else if (act === 'fade') await dropSuspicion(deps, tx, point);
    else if (claim) {
      const { recentBlocks, pointKey } = point;
      const models = block?.models ?? [];
      await carryOut(deps, tx, point, {
        ...judged,
        pointKey,
        facts: known,
        company,
        models,
        recentBlocks,
        claim,
        accumulated: point.accumulated,
      });
    }
    history.after(point, judged);
    point.verdict = toPointVerdict(judged, point.detector.open?.anomalyId ?? null);
  }
  await saveFeatures(tx, features);
  const stillSilent = [...silent.keys()].map((key) => points.get(key)!);
  await judgeSilent(deps, tx, stillSilent, { devices, machines, facts });
  await machines.save(tx);
  await devices.save(tx);
  await history.save(tx, deps.clock.nowMs());
  await savePoints(
    tx,
    [...points.values()].filter((point) => point.verdict !== null),
  );
  return skipped;
}

/** What was said while it could not be judged is no part of any row, and neither is the row that was to be judged with it. */
function noteCompany(
  company: Company,
  pointKey: string,
  facts: PointFacts,
  { gate, scored }: Verdict,
  wasRow: boolean,
): void {
  const said = scored[0];
  if (gate !== null || !said || said.z === null || said.group === null) return;
  noteMember(company, pointKey, facts, { z: said.z, group: said.group, unit: said.unit });
  if (wasRow) rowWasJudged(company);
}

/** Frees points whose anomaly was closed between two batches by a transaction that did not know of them. */
async function forgetClosed(tx: Tx, points: ReadonlyMap<string, PointMemory>): Promise<void> {
  const held = [...points.values()].filter(({ detector, sensor }) => detector.open !== null || sensor.open !== null);
  const ids = held.flatMap(({ detector, sensor }) =>
    [detector.open, sensor.open].flatMap((claim) => (claim ? [claim.anomalyId] : [])),
  );
  const open = await stillOpen(tx, ids);
  for (const point of held) {
    const { detector, sensor } = point;
    if (detector.open && !open.has(detector.open.anomalyId)) {
      startAfresh(point, { id: detector.open.anomalyId, fault: detector.open.fault, strength: 0 }, 'other_cause');
    }
    if (sensor.open && !open.has(sensor.open.anomalyId)) {
      startAfresh(point, { id: sensor.open.anomalyId, fault: 'sensor', strength: 0 }, 'other_cause');
    }
  }
}

/** Tells the machine's other points whether it runs, and where it stands. */
function noteMachine(
  machines: Machines,
  item: FeedItem,
  facts: PointFacts,
  { verdict, timeMs, analysis }: JudgedItem,
): void {
  const { gate } = verdict;
  if (gate === 'late') return;
  if (item.kind === 'reading') {
    if (gate !== 'quality' && gate !== 'sensor') {
      noteOperatingPoint(machines, facts, item.pointKey, item.value, timeMs);
    }
    return;
  }
  if (gate === 'quality' || gate === 'sensor' || gate === 'maintenance') return;
  const stopped = gate === 'stopped';
  const isDeclared = (role: OperatingRole) => facts.operatingPoints?.[role] !== undefined;
  const speedRpm = analysis?.speedSource === 'measured' ? analysis.speedRpm : null;
  machines.note(facts.machineId, timeMs, {
    stopped,
    ...(stopped || speedRpm === null || isDeclared('speed') ? {} : { speedRpm }),
    ...(stopped || item.loadPercent === null || isDeclared('load') ? {} : { loadPercent: item.loadPercent }),
  });
}

function verdictsOf({ models }: AnalysedBlock): ModelVerdict[] {
  return models.map(({ verdict }) => verdict);
}

function shapeOf(block: AnalysedBlock | null): Float32Array | null {
  return block && 'rows' in block.result ? (block.result.rows[SPECTRAL_SHAPE] ?? null) : null;
}

/** Whether an observation belongs to what the point is like when it is well. */
function isBaseline({ outcome, frozen, scored }: Verdict): boolean {
  const isQuiet = outcome === 'well' || outcome === 'learning' || outcome === 'cannot-tell';
  return isQuiet && !frozen && !scored.some(({ speaks }) => speaks);
}

function featureRow(
  point: PointMemory,
  { verdict, timeMs, analysis }: JudgedItem,
  shape: Float32Array | null,
): FeatureRow | null {
  if (verdict.scored.length === 0) return null;
  const isTooSoon = point.trendMs !== null && timeMs - point.trendMs < READING_TREND_STEP_MS;
  if (point.kind === 'reading' && isTooSoon && verdict.act === 'none') return null;
  point.trendMs = timeMs;
  point.observations += 1;
  return {
    pointKey: point.pointKey,
    observation: point.observations,
    atMs: timeMs,
    speedRpm: analysis?.speedRpm ?? null,
    values: Object.fromEntries(verdict.scored.map(({ name, value }) => [name, Number(value.toPrecision(6))])),
    shape: isBaseline(verdict) ? shape : null,
  };
}
