import type { Condition, MachineDesign, Sensor } from './machine.ts';
import { isBearingDefect } from './machine.ts';
import type { Random } from './random.ts';

/** Velocity at twice the mains frequency of a motor that must be stopped, mm/s RMS. */
const WORST_MM_S = 7;
/** Depth to which a damaged rotor swells and fades the pull, once for each pole and turn of the slip. */
const SLIP_MODULATION = 0.4;

/**
 * Adds the pull of an uneven air gap, in m/s²: a force at twice the mains frequency, whatever the speed, modulated at the
 * pole-pass frequency (poles times slip) as far as the rotor has its part in it.
 */
export function addMagneticPull(
  samples: Float64Array,
  design: MachineDesign,
  sensor: Sensor,
  condition: Condition,
  samplingRateHz: number,
  random: Random,
): void {
  let severity = 0;
  for (const defect of condition.defects) {
    if (!isBearingDefect(defect) && defect.kind === 'electrical') severity = Math.max(severity, defect.severity);
  }
  if (severity === 0) return;
  const hz = 2 * design.lineHz;
  const shaftHz = condition.speedRpm / 60;
  const poles = 2 * Math.max(1, Math.floor(design.lineHz / shaftHz + 0.02));
  const passRad = (2 * Math.PI * Math.abs(hz - poles * shaftHz)) / samplingRateHz;
  const stepRad = (2 * Math.PI * hz) / samplingRateHz;
  const velocity = WORST_MM_S * severity * (sensor.axis === 'axial' ? 0.3 : 1);
  const peak = Math.SQRT2 * velocity * 1e-3 * 2 * Math.PI * hz;
  const phase = random.between(0, 2 * Math.PI);
  for (let i = 0; i < samples.length; i++) {
    samples[i]! += peak * (1 + SLIP_MODULATION * Math.cos(passRad * i)) * Math.cos(stepRad * i + phase);
  }
}
