import type { Condition, MachineDesign, Sensor } from './machine.ts';
import { isBearingDefect } from './machine.ts';
import type { Random } from './random.ts';
import type { ShaftMotion } from './shaftAngle.ts';

/** Multiples of half the shaft speed up to the tenth order: looseness shows at ½, 1, 1½ … */
const HALF_ORDERS = 20;

/**
 * Velocity of each multiple of half the shaft's speed, mm/s RMS (index 2 is once per turn).
 *
 * Unbalance is radial and once per turn; misalignment twice per turn and strong along the shaft; looseness a long row
 * of harmonics with half orders between them. Unbalance and misalignment grow with the speed, looseness with the load.
 */
export function shaftVelocitiesMmS(design: MachineDesign, sensor: Sensor, condition: Condition): Float64Array {
  const velocities = new Float64Array(HALF_ORDERS + 1);
  const speed = condition.speedRpm / design.ratedRpm;
  const load = condition.loadPercent / 100;
  const axial = sensor.axis === 'axial';
  const residual = design.residualUnbalanceMmS * speed * speed * (axial ? 0.4 : 1);
  velocities[2]! += residual;
  velocities[4]! += residual * 0.3;
  velocities[6]! += residual * 0.12;
  for (const defect of condition.defects) {
    if (isBearingDefect(defect)) continue;
    const { severity } = defect;
    if (defect.kind === 'unbalance') velocities[2]! += 9 * severity * speed * speed * (axial ? 0.2 : 1);
    if (defect.kind === 'misalignment') {
      velocities[2]! += 2 * severity * speed * (axial ? 1.6 : 0.8);
      velocities[4]! += 6 * severity * speed * (axial ? 1.4 : 1);
      velocities[6]! += 1.5 * severity * speed;
    }
    if (defect.kind === 'looseness') {
      for (let half = 1; half <= HALF_ORDERS; half++) {
        const wholeTurn = half % 2 === 0;
        velocities[half]! += (severity * (0.4 + 0.6 * load) * (wholeTurn ? 3.2 : 1.3)) / Math.sqrt(half / 2 + 0.5);
      }
    }
  }
  return velocities;
}

/** Adds the shaft's harmonics to `samples`, in m/s². Orders beyond the sensor's band are left out, as its filter does. */
export function addShaftHarmonics(
  samples: Float64Array,
  velocitiesMmS: Float64Array,
  motion: ShaftMotion,
  bandHz: number,
  random: Random,
): void {
  const cosine = new Float64Array(HALF_ORDERS + 1);
  const sine = new Float64Array(HALF_ORDERS + 1);
  let top = 0;
  for (let half = 1; half <= HALF_ORDERS; half++) {
    const hz = (half / 2) * motion.peakHz;
    const phase = random.between(0, 2 * Math.PI);
    if (velocitiesMmS[half] === 0 || hz > bandHz) continue;
    // Peak acceleration of a harmonic whose velocity is given as RMS: √2 · v · 2πf.
    const amplitude = Math.SQRT2 * velocitiesMmS[half]! * 1e-3 * 2 * Math.PI * (half / 2) * (motion.meanRpm / 60);
    cosine[half] = amplitude * Math.cos(phase);
    sine[half] = amplitude * Math.sin(phase);
    top = half;
  }
  if (top === 0) return;
  for (let i = 0; i < samples.length; i++) {
    // Horner's rule on z = e^{iφ/2}: one sine and cosine a sample, whatever the number of harmonics.
    const halfAngle = motion.angleRad[i]! / 2;
    const zRe = Math.cos(halfAngle);
    const zIm = Math.sin(halfAngle);
    let re = 0;
    let im = 0;
    for (let half = top; half >= 1; half--) {
      const nextRe = (re + cosine[half]!) * zRe - (im + sine[half]!) * zIm;
      im = (re + cosine[half]!) * zIm + (im + sine[half]!) * zRe;
      re = nextRe;
    }
    samples[i]! += re;
  }
}
