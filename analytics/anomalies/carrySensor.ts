import { newId, type Tx } from '../../platform/index.ts';
import { AnomalyCleared, AnomalyConfirmed } from '../events.ts';
import { buildSensorCard } from '../evidence/sensorCard.ts';
import type { PointFacts } from '../facts/machineFacts.ts';
import type { SensorVerdict } from '../sensors/judgeSensor.ts';
import type { SeenSign } from '../sensors/signs.ts';
import {
  addPoint,
  closeRecovered,
  insertAnomaly,
  lockOpenAnomalies,
  type OpenAnomaly,
  readAnomaly,
  saveCard,
} from '../store/anomalies.ts';
import { readTrend } from '../store/featureHistory.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import type { CarryOutDeps } from './carryOut.ts';
import { payloadOf } from './describe.ts';
import { faultKeyOf } from './faultKey.ts';

/** When the observation was made and came in, ms. */
export interface SensorOccurrence {
  readonly timeMs: number;
  readonly arrivalMs: number;
}

/** Carries out what a sensor's verdict asks for, in the caller's transaction, the event included. */
export async function carrySensor(
  deps: CarryOutDeps,
  tx: Tx,
  point: PointMemory,
  facts: PointFacts | null,
  verdict: SensorVerdict,
  occurrence: SensorOccurrence,
): Promise<void> {
  switch (verdict.act) {
    case 'none':
      return;
    case 'raise':
      return raise(deps, tx, point, facts, verdict.seen!, verdict.confidence, occurrence);
    case 'clear':
      return clear(deps, tx, point);
    default:
      return verdict.act satisfies never;
  }
}

async function raise(
  deps: CarryOutDeps,
  tx: Tx,
  point: PointMemory,
  facts: PointFacts | null,
  seen: SeenSign,
  confidence: number,
  { timeMs, arrivalMs }: SensorOccurrence,
): Promise<void> {
  // A failing machine may well be louder than its sensor can tell; that is the machine's fault, which is open already.
  if (seen.sign === 'clipping' && point.detector.open?.status === 'confirmed') return;
  const { pointKey } = point;
  const faultKey = faultKeyOf(pointKey, facts, 'sensor');
  const nowMs = deps.clock.nowMs();
  const feature = point.kind === 'reading' ? 'value' : 'rms';
  const id = newId();
  const trend = await readTrend(tx, pointKey, feature);
  const card = buildSensorCard({ id, confirmedMs: nowMs }, { pointKey, facts, seen, confidence, feature, trend });
  const anomaly: OpenAnomaly = {
    id,
    faultKey,
    pointKey,
    pointId: facts?.pointId ?? null,
    // The point is what fails; the machine behind it is well as far as anybody knows.
    assetId: facts?.pointId ?? null,
    assetName: card.assetName,
    machineId: facts?.machineId ?? null,
    fault: 'sensor',
    basis: 'sensor',
    level: 'warning',
    status: 'confirmed',
    severityZone: null,
    confidence,
    strength: 0,
    summary: card.summary,
    firstSeenMs: timeMs,
    confirmedMs: nowMs,
    escalatedMs: null,
    lastWaveformMs: arrivalMs,
  };
  if (!(await insertAnomaly(tx, anomaly))) {
    const [known] = await lockOpenAnomalies(tx, { faultKey, machineId: null, ownId: null });
    if (known) point.sensor.open = { anomalyId: known.id, sign: seen.sign };
    return;
  }
  await addPoint(tx, id, pointKey, 'origin', timeMs);
  await saveCard(tx, card);
  point.sensor.open = { anomalyId: id, sign: seen.sign };
  await deps.outbox.publish(tx, AnomalyConfirmed, payloadOf(anomaly));
}

async function clear(deps: CarryOutDeps, tx: Tx, point: PointMemory): Promise<void> {
  const { open } = point.sensor;
  if (!open) return;
  point.sensor.open = null;
  point.sensor.seen = [];
  const anomaly = await readAnomaly(tx, open.anomalyId);
  const clearedAtMs = deps.clock.nowMs();
  if (!anomaly || !(await closeRecovered(tx, anomaly.id, clearedAtMs))) return;
  const { id: anomalyId, faultKey, pointKey, assetName, summary } = anomaly;
  await deps.outbox.publish(tx, AnomalyCleared, { anomalyId, faultKey, pointKey, assetName, summary, clearedAtMs });
}
