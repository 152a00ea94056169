import type { Clock, Tx } from '../../platform/index.ts';
import { forgetNormal, type Label, rebaseline } from '../detectors/rebaseline.ts';
import { analyticsErrors } from '../errors.ts';
import { newSensorState } from '../sensors/sensorState.ts';
import { type Anomaly, closeAnomaly, pointsOf, readAnomaly } from '../store/anomalies.ts';
import { lockPoints, type PointMemory, readPoint, savePoints } from '../store/pointMemory.ts';

/** Closes an anomaly with what people found, in the transaction that closes its order. */
export type LabelAnomaly = (tx: Tx, anomalyId: string, label: Label, by: string) => Promise<void>;

/** For ticketing. An anomaly that was closed before keeps its label: a repeated or late closure is harmless. */
export function createLabelAnomaly(clock: Clock, closed?: (tx: Tx, anomalyId: string) => Promise<void>): LabelAnomaly {
  return async (tx, anomalyId, label, by) => {
    if (await closeWithLabel(clock, tx, anomalyId, label, by)) await closed?.(tx, anomalyId);
  };
}

/**
 * Labels and closes an anomaly, and starts the baselines of all its points afresh.
 *
 * @returns whether it was open
 * @throws ANALYTICS_ANOMALY_UNKNOWN
 */
export async function closeWithLabel(
  clock: Clock,
  tx: Tx,
  anomalyId: string,
  label: Label,
  by: string,
): Promise<boolean> {
  const anomaly = await readAnomaly(tx, anomalyId);
  if (!anomaly) throw analyticsErrors.ANALYTICS_ANOMALY_UNKNOWN({ id: anomalyId });
  // Points before the anomaly: the order in which the partitions lock them too.
  const memories = await lockMemories(tx, anomalyId);
  if (!(await closeAnomaly(tx, anomalyId, { atMs: clock.nowMs(), by, label }))) return false;
  for (const memory of memories) startAfresh(memory, anomaly, label);
  await savePoints(tx, memories);
  return true;
}

/** Forgets a point's past once its anomaly is closed. */
export function startAfresh(
  memory: PointMemory,
  anomaly: Pick<Anomaly, 'id' | 'fault' | 'strength'>,
  label: Label,
): void {
  if (anomaly.fault === 'sensor') {
    endSensorFault(memory, anomaly.id, label);
    return;
  }
  if (memory.detector.open !== null && memory.detector.open.anomalyId !== anomaly.id) return;
  const { id: anomalyId, fault, strength } = anomaly;
  const intervention = { anomalyId, label, fault, strength };
  memory.history = { ...memory.history, interventions: [...memory.history.interventions, intervention] };
  rebaseline(memory.detector, label, { fault: anomaly.fault, strength: anomaly.strength });
  memory.accumulated = null;
  memory.shaftBaseline = null;
  memory.recentBlocks = [];
  if (memory.verdict) memory.verdict = { ...memory.verdict, anomalyId: null, outcome: 'learning', frozen: false };
}

/**
 * A sensor's fault is over by a person's word. A repaired or replaced sensor hears differently, so its point learns
 * afresh unless the machine has a fault open there; a sign that was none is not raised again.
 */
function endSensorFault(memory: PointMemory, anomalyId: string, label: Label): void {
  const { sensor, detector } = memory;
  if (sensor.open?.anomalyId !== anomalyId) return;
  const { sign } = sensor.open;
  const muted = label === 'false_alarm' ? [...new Set([...sensor.muted, sign])] : sensor.muted;
  memory.sensor = { ...newSensorState(), muted };
  if (label !== 'confirmed' || detector.open !== null) return;
  const intervention = { anomalyId, label, fault: 'sensor' as const, strength: 0 };
  memory.history = { ...memory.history, interventions: [...memory.history.interventions, intervention] };
  forgetNormal(detector);
  memory.accumulated = null;
  memory.shaftBaseline = null;
}

async function lockMemories(tx: Tx, anomalyId: string): Promise<PointMemory[]> {
  const points = await pointsOf(tx, anomalyId);
  const kinds = new Map<string, PointMemory['kind']>();
  for (const { pointKey } of points) {
    const memory = await readPoint(tx, pointKey);
    if (memory) kinds.set(pointKey, memory.kind);
  }
  return [...(await lockPoints(tx, kinds)).values()];
}
