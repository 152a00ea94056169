import type { Observation } from './observation.ts';
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
    features: gate ? [] : [{ name: 'value', value, unit: context.unit, scale: 'linear', group: 'reading' }],
    diagnosis: null,
    zone: null,
  };
}
