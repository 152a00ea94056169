import type { FeedReading } from '../../ingest/index.ts';
import { viewOf } from '../detectors/baseline.ts';
import type { JointValue } from '../detectors/joint/joint.ts';
import { isLate, observe } from '../detectors/observe.ts';
import { placeOf, regimeAt } from '../detectors/regime.ts';
import type { RiseSight } from '../detectors/rise/rise.ts';
import { readingScale, scalarObservation } from '../detectors/scalarObservation.ts';
import type { DetectorSettings } from '../detectors/settings.ts';
import type { RegimeBaselines } from '../detectors/state.ts';
import { maintenanceAt, type PlausibleRange, type PointFacts } from '../facts/machineFacts.ts';
import { judgeSensor } from '../sensors/judgeSensor.ts';
import { isHoldingLong, scalarSign } from '../sensors/scalarSigns.ts';
import type { MachineState } from '../store/machineState.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import type { PointSettings } from '../thresholds/settingsFor.ts';
import { type JudgedItem, sensorGate, sensorReasons } from './judgedItem.ts';
import { heard } from './neighbours.ts';
import { placeOfPoint, roleOf } from './operating.ts';

/** The time a unit is judged under; one that claims to come from the future counts as of its arrival. */
export function judgedTimeMs(item: { timeNs: bigint; arrivalMs: number; future: boolean }): number {
  return item.future ? item.arrivalMs : Number(item.timeNs) / 1e6;
}

/** Judges one plain reading by its point's memory, which is changed in place. */
export function judgeReading(
  point: PointMemory,
  item: FeedReading,
  facts: PointFacts | null,
  settings: PointSettings,
  machine: MachineState | null,
  range: PlausibleRange | null,
  neighbours: readonly RiseSight[],
  companions: readonly JointValue[] | null,
): JudgedItem {
  const timeMs = judgedTimeMs(item);
  const window = maintenanceAt(facts, timeMs);
  const standing = window
    ? ('maintenance' as const)
    : machine?.stopped && roleOf(item.pointKey, facts) !== 'speed'
      ? ('stopped' as const)
      : null;
  const isOut = standing !== null || isLate(point.detector, timeMs);
  const place = placeOfPoint(item, facts, machine);
  const regime = regimeAt(point.detector, placeOf(place));
  const sensor = isOut ? null : judgeSensor(point.sensor, signOf(point, item, range, regime, settings.detector));
  const gate = standing ?? sensorGate(sensor);
  const read = {
    ...scalarObservation(item.value, { timeMs, unit: item.unit ?? '', gate }),
    ...place,
    ...heard(neighbours),
    ...(companions && gate === null ? { companions } : {}),
  };
  // A value that stands still for longer than ever would narrow the baseline to itself.
  const observation = isHoldingLong(point.sensor) ? { ...read, teaches: false } : read;
  const verdict = observe(point.detector, settings.detector, observation);
  return {
    timeMs,
    arrivalMs: item.arrivalMs,
    loadPercent: null,
    observation,
    verdict,
    settingsVersion: settings.version,
    analysis: null,
    standardSeverity: null,
    diagnosis: null,
    gateReasons: window ? [window.note ?? 'maintenance window'] : sensorReasons(point, sensor),
    sensor,
  };
}

function signOf(
  point: PointMemory,
  item: FeedReading,
  range: PlausibleRange | null,
  regime: RegimeBaselines | null,
  settings: DetectorSettings,
): Parameters<typeof judgeSensor>[1] {
  const baseline = regime?.features.value;
  return scalarSign(point.sensor, item.value, {
    unit: item.unit ?? '',
    range,
    // The checks for steps and spikes compare by difference; where the past is kept by ratio they abstain.
    normal:
      baseline && readingScale(item.unit ?? '') === 'linear'
        ? viewOf(baseline, 'linear', settings.baselineMinCount)
        : null,
  });
}
