import { type DetectorState, type FaultName, MAX_DISMISSALS } from './state.ts';

/** What people found when they looked: the fault was there; there was none; something else explained it. */
export type Label = 'confirmed' | 'false_alarm' | 'other_cause';

/** What is normal is learnt afresh, for the sensor hears differently; nothing was found out about the machine. */
export function forgetNormal(state: DetectorState): void {
  state.regimes = [];
  state.votes = [];
  delete state.change;
}

const CAUTION_STEP = 1.25;
const CAUTION_LIMIT = 3;

/**
 * Starts the point's baselines afresh once its anomaly is closed: after a repair the old normal is gone, and after a
 * false alarm the present is the normal. A false alarm also makes the point more cautious, and remembers how loudly
 * the fault spoke, so that the same evidence does not raise it again at once.
 */
export function rebaseline(
  state: DetectorState,
  label: Label,
  dismissed: { fault: FaultName; strength: number },
): void {
  state.regimes = [];
  state.votes = [];
  delete state.change;
  state.probation = null;
  state.quiet = 0;
  state.open = null;
  switch (label) {
    case 'false_alarm':
      state.caution = Math.min(CAUTION_LIMIT, state.caution * CAUTION_STEP);
      state.dismissed = [...state.dismissed.filter((past) => past.fault !== dismissed.fault), dismissed].slice(
        -MAX_DISMISSALS,
      );
      return;
    case 'confirmed':
      // Whatever was dismissed before the repair says nothing about the repaired machine.
      state.dismissed = [];
      return;
    case 'other_cause':
      return;
    default:
      label satisfies never;
  }
}
