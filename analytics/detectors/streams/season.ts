/** The usual course of a day, learnt as it goes. Plain data of fixed size. */
export interface SeasonState {
  /** Usual value in each bin of the day (UTC), and how many values made it; null where none did. */
  usual: (number | null)[];
  counts: number[];
  /** Running mean of the value, and squared deviations from it and from the course of the day. */
  mean: number | null;
  variance: number;
  residualVariance: number;
  seen: number;
}

const BINS = 48;
const DAY_MS = 86_400_000;
/** A bin follows its value by a tenth a day. */
const FOLLOW_PER_DAY = 0.1;
/** The two variances forget in about five days. */
const VARIANCE_DAYS = 5;
/** There is a course of the day when knowing it leaves less than this share of the variance. */
const UNEXPLAINED_SHARE = 0.3;
const DAYS_BEFORE_JUDGING = 2;

export function newSeason(): SeasonState {
  return {
    usual: new Array<number | null>(BINS).fill(null),
    counts: new Array<number>(BINS).fill(0),
    mean: null,
    variance: 0,
    residualVariance: 0,
    seen: 0,
  };
}

/**
 * The value less what is usual at its time of day, before the value is learnt. Changes the state in place.
 *
 * @param perDay values a day, ≥ 1
 * @returns null until the bin of the day has been met for two days
 */
export function seasonResidual(state: SeasonState, timeMs: number, value: number, perDay: number): number | null {
  const bin = Math.floor(((((timeMs % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS) * BINS);
  const perBin = Math.max(perDay / BINS, 1);
  const usual = state.usual[bin] ?? null;
  const known = usual !== null && state.counts[bin]! >= DAYS_BEFORE_JUDGING * perBin;
  const residual = usual === null ? 0 : value - usual;
  state.counts[bin]! += 1;
  state.usual[bin] =
    usual === null ? value : usual + residual * Math.max(FOLLOW_PER_DAY / perBin, 1 / state.counts[bin]!);
  const slow = 1 / (VARIANCE_DAYS * Math.max(perDay, 1));
  state.mean = state.mean === null ? value : state.mean + (value - state.mean) * slow;
  if (!known) return null;
  state.seen += 1;
  const share = Math.max(slow, 1 / state.seen);
  state.variance += ((value - state.mean) ** 2 - state.variance) * share;
  state.residualVariance += (residual ** 2 - state.residualVariance) * share;
  return residual;
}

/** Whether the time of day explains most of how the value moves. */
export function isSeasonal(state: SeasonState): boolean {
  return state.residualVariance < UNEXPLAINED_SHARE * state.variance;
}
