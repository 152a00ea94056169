import type { Condition, MachineDesign } from './machine.ts';
import { isBearingDefect } from './machine.ts';
import type { Random } from './random.ts';

const AMBIENT_C = 24;
/** A bearing housing warms and cools with this time constant. */
const THERMAL_HOURS = 0.6;

/**
 * Housing temperature after some running, °C: it follows load and friction with a lag of half an hour or so.
 *
 * @param previousC temperature at the beginning of the interval
 */
export function housingTemperatureC(
  condition: Condition,
  previousC: number,
  elapsedHours: number,
  random: Random,
): number {
  let friction = 0;
  for (const defect of condition.defects) if (isBearingDefect(defect)) friction += 32 * defect.severity ** 2;
  const settledC = condition.speedRpm === 0 ? AMBIENT_C : AMBIENT_C + 12 + 0.22 * condition.loadPercent + friction;
  const followed = 1 - Math.exp(-elapsedHours / THERMAL_HOURS);
  return previousC + (settledC - previousC) * followed + 0.15 * random.normal();
}

/** Line current of a 400 V three-phase motor, A: magnetising current plus what the load asks for. */
export function motorCurrentA(design: MachineDesign, condition: Condition, random: Random): number {
  if (condition.speedRpm === 0) return 0;
  const ratedA = (design.powerKw * 1000) / (Math.sqrt(3) * 400 * 0.87 * 0.94);
  const load = condition.loadPercent / 100;
  return Math.max(0, ratedA * Math.hypot(0.35, 0.94 * load) * (1 + 0.006 * random.normal()));
}

/** Pressure behind a pump or fan, bar: falls with the square of the flow that the load stands for. */
export function dischargePressureBar(
  ratedBar: number,
  design: MachineDesign,
  condition: Condition,
  random: Random,
): number {
  const speed = condition.speedRpm / design.ratedRpm;
  const load = condition.loadPercent / 100;
  return Math.max(0, ratedBar * speed * speed * (1.25 - 0.25 * load * load) * (1 + 0.004 * random.normal()));
}
