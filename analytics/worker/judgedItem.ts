import type { Observation, Verdict } from '../detectors/observation.ts';
import type { Gate } from '../detectors/state.ts';
import type { BlockAnalysis, Diagnosis, Severity } from '../diagnosis/index.ts';
import { say } from '../evidence/findings/say.ts';
import type { PointVerdict } from '../pointVerdict.ts';
import type { SensorVerdict } from '../sensors/judgeSensor.ts';
import { SIGN_WORDS } from '../sensors/signs.ts';
import type { PointMemory } from '../store/pointMemory.ts';

/** A unit of the feed after it was judged. */
export interface JudgedItem {
  readonly timeMs: number;
  readonly arrivalMs: number;
  readonly loadPercent: number | null;
  readonly observation: Observation;
  readonly verdict: Verdict;
  /** Version of the tenant's thresholds that it was judged under. */
  readonly settingsVersion: number;
  readonly analysis: BlockAnalysis | null;
  /** What the standard says of it, whatever limits the plant has set. */
  readonly standardSeverity: Severity | null;
  readonly diagnosis: Diagnosis | null;
  readonly gateReasons: readonly string[];
  /** null where the sensor was not asked: a standing machine, a maintenance window, history. */
  readonly sensor: SensorVerdict | null;
}

/** The judgement as people read it. */
export function toPointVerdict(item: JudgedItem, anomalyId: string | null): PointVerdict {
  const { verdict, analysis, diagnosis } = item;
  return {
    atMs: item.timeMs,
    outcome: verdict.outcome,
    gate: verdict.gate,
    gateReasons: verdict.gate === null ? [] : [...item.gateReasons],
    regime: verdict.regime,
    coldStart: verdict.coldStart,
    frozen: verdict.frozen,
    settingsVersion: item.settingsVersion,
    speedRpm: analysis?.speedRpm ?? null,
    loadPercent: item.loadPercent,
    zone: analysis?.severity?.zone ?? null,
    features: verdict.scored.map(({ name, value, unit, centre, upper, z, speaks }) => ({
      name,
      value,
      unit,
      centre,
      upper,
      z,
      speaks,
    })),
    diagnosis: diagnosis && {
      fault: diagnosis.fault,
      confidence: diagnosis.confidence,
      cannotTell: diagnosis.cannotTell,
      reason: say(diagnosis.reason),
      blocks: diagnosis.blocks,
    },
    anomalyId,
  };
}

/** The gate that a sensor's verdict closes, if any. */
export function sensorGate(sensor: SensorVerdict | null): Gate | null {
  if (!sensor || sensor.usable) return null;
  return sensor.seen ? 'quality' : 'sensor';
}

/** What speaks against the sensor, for whoever asks why the point is not judged. */
export function sensorReasons(point: PointMemory, sensor: SensorVerdict | null): string[] {
  if (!sensor || sensor.usable) return [];
  if (sensor.seen) return [sensor.seen.sign, sensor.seen.detail.en];
  return point.sensor.open ? [`sensor fault open: ${SIGN_WORDS[point.sensor.open.sign].en}`] : [];
}
