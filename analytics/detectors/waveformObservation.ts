import type { BlockAnalysis, Diagnosis, Severity, SeverityZone } from '../diagnosis/types.ts';
import type { FeatureScale } from './baseline.ts';
import type { Feature, Observation } from './observation.ts';
import type { Gate } from './state.ts';

/** Below this share of rated speed a machine is standing or coasting, not running. */
const RUNNING_SPEED_SHARE = 0.05;

export interface WaveformContext {
  readonly timeMs: number;
  readonly loadPercent: number | null;
  readonly ratedRpm: number | null;
  readonly inMaintenance: boolean;
  /** Whether the machine was last seen standing by any of its points; counts for a block that does not know its speed. */
  readonly machineStopped: boolean;
}

/** A model's word on a block: how unlike its training the block is, or how likely a fault. */
export interface ModelVerdict {
  /** Name and version: another version is another number, with a past of its own. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly scale: FeatureScale;
  /** A model in shadow is compared with its past like any other, and never speaks. */
  readonly live: boolean;
}

/** The features of a block that are compared with the point's own past. */
export function waveformFeatures(analysis: BlockAnalysis, models: readonly ModelVerdict[]): Feature[] {
  const { time, unit } = analysis;
  const features: Feature[] = [
    { name: 'rms', value: time.rms, unit, scale: 'log', group: 'level' },
    { name: 'kurtosis', value: time.kurtosis, unit: '', scale: 'log', group: 'shape' },
    { name: 'crest', value: time.crest, unit: '', scale: 'log', group: 'shape' },
  ];
  if (analysis.velocityRmsMmS !== null) {
    features.unshift({
      name: 'velocityRms',
      value: analysis.velocityRmsMmS,
      unit: 'mm/s',
      scale: 'log',
      group: 'level',
    });
  }
  for (const band of analysis.bands) {
    const name = `band ${Math.round(band.lowHz)}–${Math.round(band.highHz)} Hz`;
    features.push({ name, value: band.rms, unit, scale: 'log', group: 'level' });
  }
  for (const { name, value, unit, scale, live } of models) {
    features.push({ name: `model ${name}`, value, unit, scale, group: live ? 'model' : null });
  }
  return features;
}

/** A block, its features and its diagnosis as one observation for the detector. */
export function waveformObservation(
  analysis: BlockAnalysis,
  diagnosis: Diagnosis | null,
  features: readonly Feature[],
  context: WaveformContext,
  gate: Gate | null,
): Observation {
  return {
    timeMs: context.timeMs,
    gate,
    speedRpm: analysis.speedSource === 'measured' ? analysis.speedRpm : null,
    loadPercent: context.loadPercent,
    features: gate ? [] : features,
    diagnosis,
    zone: evidentZone(analysis.severity),
  };
}

/** The zone as evidence. Where group or mounting had to be assumed, the strict limits were taken: one zone is granted back. */
export function evidentZone(severity: Pick<Severity, 'zone' | 'assumed'> | null): SeverityZone | null {
  if (!severity) return null;
  if (!severity.assumed) return severity.zone;
  return severity.zone === 'D' ? 'C' : severity.zone === 'C' ? 'B' : severity.zone;
}

/** Whether the machine is in a state to be judged. A machine at rest is said to be so before its sensor is blamed. */
export function standingGate(analysis: BlockAnalysis, context: WaveformContext): Gate | null {
  if (context.inMaintenance) return 'maintenance';
  const slow =
    analysis.speedRpm !== null &&
    context.ratedRpm !== null &&
    analysis.speedRpm < RUNNING_SPEED_SHARE * context.ratedRpm;
  // A dead signal that does not know its speed: at rest if the machine is, else the sensor's own affair.
  const quiet = context.machineStopped && analysis.speedRpm === null && !analysis.quality.usable;
  return analysis.quality.stopped || slow || quiet ? 'stopped' : null;
}
