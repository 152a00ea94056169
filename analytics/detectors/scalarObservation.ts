import type { Observation } from './observation.ts';

export interface ScalarContext {
  readonly timeMs: number;
  readonly unit: string;
  readonly inMaintenance: boolean;
  readonly machineStopped: boolean;
}

/** A temperature, pressure or other plain reading as one observation for the detector. */
export function scalarObservation(value: number, context: ScalarContext): Observation {
  const gate = context.inMaintenance
    ? ('maintenance' as const)
    : context.machineStopped
      ? ('stopped' as const)
      : Number.isFinite(value)
        ? null
        : ('quality' as const);
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
