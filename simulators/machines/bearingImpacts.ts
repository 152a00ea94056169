import { bearingOrders } from './bearingGeometry.ts';
import type { Acquisition, BearingDefect, Condition, MachineDesign, Sensor } from './machine.ts';
import type { Random } from './random.ts';
import { addRingDown, resonancesInBand } from './ringDown.ts';
import type { ShaftMotion } from './shaftAngle.ts';

const GRAVITY = 9.80665;
/** Rolling elements slide a little: each spacing of impacts varies by this share, and the errors add up. */
const SLIP_JITTER = 0.004;
/** An impact loses this much on its way to the machine's other end. */
const FAR_END_GAIN = 0.15;
const AXIAL_GAIN = 0.45;
/** Share of the circumference's load distribution that carries (ε of Stribeck's formula for a radial load). */
const LOAD_ZONE_EPSILON = 0.45;

/** Stribeck's load at an angle from the load's direction, 1 in its middle, 0 outside the load zone. */
function loadZone(angleRad: number): number {
  const base = 1 - (1 - Math.cos(angleRad)) / (2 * LOAD_ZONE_EPSILON);
  return base <= 0 ? 0 : base ** 1.5;
}

/** Peak of one impact in g: an incipient spall is far below the machine's own vibration, an open one is not. */
function impactPeakG(severity: number): number {
  return 7 * severity * severity;
}

/**
 * Adds the impacts of one damaged bearing, in m/s². Each time a rolling element meets the damage the structure rings.
 *
 * - outer: every impact has the same load, for the damage stands still in the load zone;
 * - inner: the damage turns through the load zone, so impacts swell and fade once per turn;
 * - ball: it strikes both rings in one turn of its own (twice BSF), fading with the cage's turn;
 * - cage: weak, once per turn of the cage.
 *
 * @see J. Antoni, R. B. Randall, J. Vib. Acoust. 125 (2003) 282-289: random slip makes the signal pseudo-cyclostationary
 */
export function addBearingImpacts(
  samples: Float64Array,
  design: MachineDesign,
  defect: BearingDefect,
  sensor: Sensor,
  condition: Condition,
  acquisition: Acquisition,
  motion: ShaftMotion,
  bandHz: number,
  random: Random,
): void {
  const orders = bearingOrders(design.bearings[defect.bearing]);
  const impactsPerTurn = { outer: orders.bpfo, inner: orders.bpfi, ball: 2 * orders.bsf, cage: orders.ftf }[
    defect.kind
  ];
  const resonances = resonancesInBand(design.resonancesHz, bandHz);
  const gain = (sensor.bearing === defect.bearing ? 1 : FAR_END_GAIN) * (sensor.axis === 'axial' ? AXIAL_GAIN : 1);
  const speed = condition.speedRpm / design.ratedRpm;
  const load = 0.3 + 0.7 * (condition.loadPercent / 100);
  const peak = GRAVITY * impactPeakG(defect.severity) * gain * speed * load;
  const { angleRad } = motion;
  const spacingRad = (2 * Math.PI) / impactsPerTurn;
  const cageStart = random.between(0, 2 * Math.PI);
  const lastAngle = angleRad[angleRad.length - 1]!;

  let impactAngle = angleRad[0]! - spacingRad * random.uniform();
  let cursor = 0;
  for (let impact = 0; impactAngle < lastAngle; impact++) {
    while (cursor + 1 < angleRad.length && angleRad[cursor + 1]! <= impactAngle) cursor++;
    const step = angleRad[cursor + 1]! - angleRad[cursor]!;
    const atSample = cursor + (step > 0 ? (impactAngle - angleRad[cursor]!) / step : 0);
    const amplitude = peak * impactLoad(defect.kind, impact, impactAngle, cageStart + impactAngle * orders.ftf, random);
    if (amplitude > 0) addRingDown(samples, atSample, amplitude, resonances, acquisition.samplingRateHz);
    impactAngle += spacingRad * (1 + SLIP_JITTER * random.normal());
  }
}

function impactLoad(
  kind: BearingDefect['kind'],
  impact: number,
  shaftAngleRad: number,
  cageAngleRad: number,
  random: Random,
): number {
  const scatter = Math.max(0, 1 + 0.12 * random.normal());
  switch (kind) {
    case 'outer':
      return scatter;
    case 'inner':
      return scatter * (0.06 + loadZone(shaftAngleRad)) * 1.3;
    case 'ball':
      // The inner ring lies deeper in the machine: every second impact arrives weaker.
      return scatter * (0.08 + loadZone(cageAngleRad)) * (impact % 2 === 0 ? 1 : 0.7);
    case 'cage':
      return scatter * 1.5;
  }
}
