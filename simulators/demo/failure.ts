import type { Defect } from '../machines/index.ts';
import type { Visit } from '../plant/index.ts';

/** The machine that fails: nothing stands by for it, so its loss is felt. */
export const FAILING_DEVICE = 'pm-f201';

/** Rounds in good order first: a point's baseline needs twelve. */
export const HEALTHY_ROUNDS = 14;
/** Plant time between two rounds. */
export const ROUND_HOURS = 1;

/** A spall on the outer ring that grows by the round; the last value stands for ever after. */
const SEVERITIES = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4];

/** What is wrong with a machine in a round. */
export function defectsIn(device: string, round: number): Defect[] {
  if (device !== FAILING_DEVICE || round < HEALTHY_ROUNDS) return [];
  const severity = SEVERITIES[Math.min(round - HEALTHY_ROUNDS, SEVERITIES.length - 1)]!;
  return [{ kind: 'outer', bearing: 'DE', severity }];
}

/** Temperature sensor that sticks while its machine is well. */
export const STUCK_POINT = 'ut-p301a/temperature';
const STUCK_FROM = HEALTHY_ROUNDS - 5;

/**
 * What happens to machines that are well: a drive slows down, a pump is throttled, a motor is stopped and started again,
 * a sensor sticks. None of it is a machine's fault.
 */
export function lifeIn(device: string, round: number): Partial<Visit> {
  const later = round >= HEALTHY_ROUNDS - 4;
  switch (device) {
    case 'pm-m201':
      return later ? { speedShare: 0.82 } : {};
    case 'ut-p301b':
      return later ? { loadPercent: 45 } : {};
    case 'fn-m401':
      return round === HEALTHY_ROUNDS - 6 || round === HEALTHY_ROUNDS - 5 ? { speedShare: 0 } : {};
    case 'ut-p301a':
      return round >= STUCK_FROM ? { sensors: { temperature: 'stuck' } } : {};
    default:
      return {};
  }
}
