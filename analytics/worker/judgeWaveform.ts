import type { FeedWaveform } from '../../ingest/index.ts';
import type { Feature } from '../detectors/observation.ts';
import { isLate, observe } from '../detectors/observe.ts';
import { placeOf, regimeAt } from '../detectors/regime.ts';
import type { RiseSight } from '../detectors/rise/rise.ts';
import type { DetectorSettings } from '../detectors/settings.ts';
import type { RegimeBaselines } from '../detectors/state.ts';
import {
  type ModelVerdict,
  standingGate,
  waveformFeatures,
  waveformObservation,
} from '../detectors/waveformObservation.ts';
import {
  accumulate,
  type BlockAnalysis,
  baselineOf,
  type Diagnosis,
  diagnose,
  emptyState,
  noteRun,
  type ShaftBaseline,
} from '../diagnosis/index.ts';
import { maintenanceAt, type PointFacts } from '../facts/machineFacts.ts';
import { judgeSensor } from '../sensors/judgeSensor.ts';
import type { SeenSign } from '../sensors/signs.ts';
import { waveformSign } from '../sensors/waveformSigns.ts';
import type { MachineState } from '../store/machineState.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import type { PointSettings } from '../thresholds/settingsFor.ts';
import { withOwnLimits } from '../thresholds/zone.ts';
import { type JudgedItem, sensorGate, sensorReasons } from './judgedItem.ts';
import { judgedTimeMs } from './judgeReading.ts';
import { heard } from './neighbours.ts';
import { placeOfPoint } from './operating.ts';

/** Newest blocks remembered as possible proof. */
const RECENT_BLOCKS = 6;
/** Healthy blocks after which the shaft's lines are taken as the machine's own. */
const SHAFT_BASELINE_BLOCKS = 12;
/** Lines grow with the square of speed: a baseline serves speeds this close to its own. */
const SHAFT_BASELINE_SPEED_SHARE = 0.1;

/** Judges one analysed block by its point's memory, which is changed in place. */
export function judgeWaveform(
  point: PointMemory,
  item: FeedWaveform,
  facts: PointFacts | null,
  settings: PointSettings,
  analysed: BlockAnalysis,
  models: readonly ModelVerdict[],
  machine: MachineState | null,
  neighbours: readonly RiseSight[],
): JudgedItem {
  const { severity, velocityRmsMmS } = analysed;
  const analysis = { ...analysed, severity: withOwnLimits(severity, velocityRmsMmS, settings.zoneLimitsMmS) };
  const timeMs = judgedTimeMs(item);
  const window = maintenanceAt(facts, timeMs);
  const context = {
    timeMs,
    loadPercent: item.loadPercent,
    ratedRpm: facts?.ratedRpm ?? null,
    inMaintenance: window !== null,
    machineStopped: machine?.stopped ?? false,
  };
  const standing = standingGate(analysis, context);
  const isOut = standing !== null || isLate(point.detector, timeMs);
  const around = placeOfPoint(item, facts, machine);
  const place = { ...around, speedRpm: analysis.speedSource === 'measured' ? analysis.speedRpm : around.speedRpm };
  const past = regimeAt(point.detector, placeOf(place));
  const features = standing === null ? waveformFeatures(analysis, models) : [];
  const sensor = isOut
    ? null
    : judgeSensor(point.sensor, signOf(point, past, analysis, features, timeMs, settings.detector));
  const gate = standing ?? sensorGate(sensor);
  const isGated = isOut || gate !== null;
  const diagnosis = isGated ? null : diagnoseBlock(point, facts, analysis);
  if (!isGated) point.recentBlocks = [...point.recentBlocks, { ref: item.ref, timeMs }].slice(-RECENT_BLOCKS);
  const observation = {
    ...waveformObservation(analysis, diagnosis, features, context, gate),
    ...place,
    ...heard(neighbours),
  };
  const verdict = observe(point.detector, settings.detector, observation);
  if (verdict.gate === null && !verdict.frozen) learnShaft(point, analysis.speedRpm);
  const gateReasons =
    verdict.gate === 'maintenance'
      ? [window?.note ?? 'maintenance window']
      : [...new Set([...analysis.quality.flags, ...sensorReasons(point, sensor)])];
  return {
    timeMs,
    arrivalMs: item.arrivalMs,
    loadPercent: item.loadPercent,
    observation,
    verdict,
    settingsVersion: settings.version,
    analysis,
    standardSeverity: severity,
    diagnosis,
    gateReasons,
    sensor,
  };
}

function signOf(
  point: PointMemory,
  past: RegimeBaselines | null,
  analysis: BlockAnalysis,
  features: readonly Feature[],
  timeMs: number,
  settings: DetectorSettings,
): SeenSign | null {
  const levels = features.filter((feature) => feature.group === 'level');
  return waveformSign(point.sensor, analysis, {
    timeMs,
    levels: new Map(analysis.quality.usable ? levels.map(({ name, value }) => [name, value]) : []),
    past,
    baselineMinCount: settings.baselineMinCount,
  });
}

function diagnoseBlock(point: PointMemory, facts: PointFacts | null, analysis: BlockAnalysis): Diagnosis {
  point.accumulated = noteRun(accumulate(point.accumulated ?? emptyState(), analysis), facts ?? {});
  return diagnose(point.accumulated, facts ?? {}, shaftBaselineFor(point, analysis.speedRpm));
}

function shaftBaselineFor(point: PointMemory, speedRpm: number | null): ShaftBaseline | undefined {
  const known = point.shaftBaseline;
  if (!known || speedRpm === null) return undefined;
  return Math.abs(speedRpm / known.speedRpm - 1) <= SHAFT_BASELINE_SPEED_SHARE ? known.baseline : undefined;
}

function learnShaft(point: PointMemory, speedRpm: number | null): void {
  if (speedRpm === null || !point.accumulated || point.accumulated.blocks < SHAFT_BASELINE_BLOCKS) return;
  // Taken once for a speed and then left: a baseline that follows would follow a slow fault as well.
  if (shaftBaselineFor(point, speedRpm)) return;
  point.shaftBaseline = { speedRpm, baseline: baselineOf(point.accumulated) };
}
