import type { FeatureScale } from './baseline.ts';
import type { Feature, Observation } from './observation.ts';
import type { Gate } from './state.ts';

export interface ScalarContext {
  readonly timeMs: number;
  readonly unit: string;
  readonly gate: Gate | null;
}

/** A temperature, pressure or other plain reading as one observation for the detector. */
export function scalarObservation(value: number, context: ScalarContext): Observation {
  const { gate } = context;
  return {
    timeMs: context.timeMs,
    gate,
    speedRpm: null,
    loadPercent: null,
    features: gate ? [] : [readingFeature(value, context.unit)],
    diagnosis: null,
    zone: null,
  };
}

/** Units in which only the size of a vibration is told: it is compared by ratio, and followed for rises. */
const VIBRATION_UNITS = new Set(['g', 'mg', 'm/s2', 'm/s²', 'mm/s2', 'mm/s²', 'mm/s', 'in/s', 'um', 'µm']);

/** How readings of a unit are compared with their past: sizes of vibration by ratio, anything else by difference. */
export function readingScale(unit: string): FeatureScale {
  return VIBRATION_UNITS.has(unit) ? 'log' : 'linear';
}

function readingFeature(value: number, unit: string): Feature {
  return readingScale(unit) === 'log'
    ? { name: 'value', value, unit, scale: 'log', group: 'level' }
    : { name: 'value', value, unit, scale: 'linear', group: 'reading' };
}
