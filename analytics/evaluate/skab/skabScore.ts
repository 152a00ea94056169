/** Counts of samples over all files. */
export interface SampleCounts {
  hits: number;
  misses: number;
  falseAlarms: number;
  silences: number;
}

/** The leaderboard's three figures of outlier detection; NaN where there is nothing to divide by. */
export function outlierScore({ hits, misses, falseAlarms, silences }: SampleCounts) {
  return {
    f1: hits / (hits + (misses + falseAlarms) / 2),
    farPercent: (100 * falseAlarms) / (falseAlarms + silences),
    marPercent: (100 * misses) / (misses + hits),
  };
}

export interface ChangeScore {
  /** Sum of what the windows and the false alarms count. */
  readonly raw: number;
  readonly windows: number;
  readonly missed: number;
  readonly falseAlarms: number;
}

const WINDOW_MS = 60_000;
const FALSE_ALARM = -0.11;
const STEPS = 1_000;

/**
 * Change points of one file by the leaderboard's variant of the Numenta score: a window of 60 s to the right of each
 * true change; its first alarm counts 1 at the change, falling along a hyperbolic tangent to −0.11 a minute later; an
 * empty window counts −1, an alarm outside −0.11. Of windows that overlap the later one begins where the earlier ends.
 *
 * @param changesMs true changes, ascending
 * @param alarmsMs our alarms, ascending
 * @see the `chp_score` of https://github.com/waico/tsad (window 60 s, "righter", "cut right window", standard profile)
 */
export function changeScore(changesMs: readonly number[], alarmsMs: readonly number[]): ChangeScore {
  const windows = changesMs.map((from) => ({ from, to: from + WINDOW_MS }));
  for (let i = 1; i < windows.length; i++) {
    const before = windows[i - 1]!;
    if (before.to >= windows[i]!.from) windows[i]!.from = before.to;
  }
  let raw = 0;
  let missed = 0;
  for (const { from, to } of windows) {
    const first = alarmsMs.find((at) => at >= from && at <= to);
    if (first === undefined) missed += 1;
    raw += first === undefined ? -1 : gain(to > from ? (first - from) / (to - from) : 0);
  }
  const falseAlarms = alarmsMs.filter((at) => !windows.some(({ from, to }) => at >= from && at <= to)).length;
  return { raw: raw + FALSE_ALARM * falseAlarms, windows: windows.length, missed, falseAlarms };
}

/** 0 for a detector that says nothing, 100 for a perfect one. */
export function normalisedChange(scores: readonly ChangeScore[]): number {
  const windows = scores.reduce((sum, score) => sum + score.windows, 0);
  return (100 * (scores.reduce((sum, score) => sum + score.raw, 0) + windows)) / (2 * windows);
}

/** What an alarm at this place of its window counts, on the leaderboard's grid of a thousand points. */
function gain(place: number): number {
  const step = Math.min(Math.trunc(place * STEPS), STEPS - 1);
  const x = -Math.PI / 2 + (Math.PI * step) / (STEPS - 1);
  const half = (1 - FALSE_ALARM) / 2;
  return half * (1 - Math.tanh(x) / Math.tanh(Math.PI / 2)) + FALSE_ALARM;
}
