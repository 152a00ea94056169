import { streamErrors } from './errors.ts';

/** Two-sided cumulative sum: how far the values have drifted to either side beyond the allowance. Plain data. */
export interface CusumState {
  high: number;
  low: number;
  /** Values since each sum was last 0: where the shift began, counted back from now. */
  highRun: number;
  lowRun: number;
}

export interface CusumSettings {
  /** Allowance k in deviations: half of the shift that is to be found fastest. ≥ 0 */
  readonly allowance: number;
  /** Decision interval h in deviations. > 0 */
  readonly decision: number;
}

export interface CusumVerdict {
  readonly side: 'high' | 'low' | null;
  /** Values since the shift is thought to have begun; null without an alarm. */
  readonly since: number | null;
  /** The greater sum as a share of the decision interval. */
  readonly share: number;
}

export function newCusum(): CusumState {
  return { high: 0, low: 0, highRun: 0, lowRun: 0 };
}

/**
 * One step of a tabular two-sided CUSUM. Changes the state in place; start anew (`newCusum`) once a shift was dealt with.
 *
 * @param z value less the mean, in deviations; not finite: neither judged nor summed
 * @see E. S. Page, Continuous inspection schemes, Biometrika 41 (1954) 100-115
 */
export function cusumStep(state: CusumState, z: number, { allowance, decision }: CusumSettings): CusumVerdict {
  if (Number.isFinite(z)) {
    state.high = Math.max(0, state.high + z - allowance);
    state.low = Math.max(0, state.low - z - allowance);
    state.highRun = state.high > 0 ? state.highRun + 1 : 0;
    state.lowRun = state.low > 0 ? state.lowRun + 1 : 0;
  }
  const share = Math.max(state.high, state.low) / decision;
  if (share <= 1) return { side: null, since: null, share };
  return state.high >= state.low
    ? { side: 'high', since: state.highRun, share }
    : { side: 'low', since: state.lowRun, share };
}

/**
 * Average run length of a two-sided CUSUM on independent normal values: values until an alarm.
 *
 * @param shift mean of the values in deviations; 0 gives the run between false alarms
 * @returns within about 5 % of exact tables for h ≥ 3
 * @see D. Siegmund, Sequential Analysis, Springer 1985, section 10.2 (the decision interval lengthened by 2 × 0.583)
 */
export function cusumRunLength({ allowance, decision }: CusumSettings, shift = 0): number {
  const oneSided = (drift: number) => {
    const b = decision + 1.166;
    if (Math.abs(drift) < 1e-9) return b * b;
    return (Math.exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift * drift);
  };
  return 1 / (1 / oneSided(shift - allowance) + 1 / oneSided(-shift - allowance));
}

const RUN_LENGTH_MOST = 1e12;

/**
 * Decision interval for a chosen run between false alarms, by bisection of `cusumRunLength`.
 *
 * @param runLength wanted values between false alarms, 10 … 10¹²
 * @param allowance k in deviations, > 0
 */
export function cusumDecisionFor(runLength: number, allowance: number): number {
  if (!(runLength >= 10 && runLength <= RUN_LENGTH_MOST && allowance > 0))
    throw streamErrors.STREAM_SETTING({
      what: 'A CUSUM design',
      got: `run length ${runLength}, allowance ${allowance}`,
      want: 'a run length of 10 to 10¹² and an allowance above 0',
    });
  let low = 0;
  let high = 1;
  while (cusumRunLength({ allowance, decision: high }) < runLength) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (cusumRunLength({ allowance, decision: middle }) < runLength) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
