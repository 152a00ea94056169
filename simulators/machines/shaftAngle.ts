import type { Acquisition, Condition } from './machine.ts';
import type { Random } from './random.ts';

/** The turning of a shaft during one acquisition. */
export interface ShaftMotion {
  /** Angle at each sample, radians, never falling. */
  angleRad: Float64Array;
  /** What a tachometer averages over the acquisition. */
  meanRpm: number;
  /** Highest speed reached, Hz; harmonics above the sensor's band are left out by it. */
  peakHz: number;
}

/** Slow speed wander of a mains-fed drive: about a thousandth of the speed, over a second or so. */
const WANDER_FRACTION = 0.0008;

/** Integrates speed (linear change plus a slow wander) into the shaft's angle. */
export function shaftMotion(condition: Condition, acquisition: Acquisition, random: Random): ShaftMotion {
  const { sampleCount, samplingRateHz } = acquisition;
  const startHz = condition.speedRpm / 60;
  const endHz = (condition.endSpeedRpm ?? condition.speedRpm) / 60;
  const wanderStep = (2 * Math.PI * random.between(0.4, 1.2)) / samplingRateHz;
  let wanderAngle = random.between(0, 2 * Math.PI);
  let angle = random.between(0, 2 * Math.PI);
  const firstAngle = angle;
  const angleRad = new Float64Array(sampleCount);
  for (let i = 0; i < sampleCount; i++) {
    angleRad[i] = angle;
    const hz = (startHz + ((endHz - startHz) * i) / sampleCount) * (1 + WANDER_FRACTION * Math.sin(wanderAngle));
    angle += (2 * Math.PI * hz) / samplingRateHz;
    wanderAngle += wanderStep;
  }
  const turns = (angle - firstAngle) / (2 * Math.PI);
  return {
    angleRad,
    meanRpm: (turns * samplingRateHz * 60) / sampleCount,
    peakHz: Math.max(startHz, endHz) * (1 + WANDER_FRACTION),
  };
}
