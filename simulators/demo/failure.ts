import type { Defect } from '../machines/index.ts';

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
