/** What one kind of mistake costs; the benchmark's application profile. */
export interface NabProfile {
  readonly tpWeight: number;
  readonly fpWeight: number;
  readonly fnWeight: number;
}

/** First and last row of a labelled window, both inclusive. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
}

export interface NabScore {
  /** 0 for a detector that says nothing, 100 for a perfect one; null when no window can be scored. */
  readonly normalised: number | null;
  readonly raw: number;
  readonly windows: number;
  readonly windowsFound: number;
  readonly falseAlarms: number;
  /** Row of the earliest alarm in each window that can be scored; null where it was missed. */
  readonly firstAlarms: readonly (number | null)[];
}

export const STANDARD_PROFILE: NabProfile = { tpWeight: 1, fpWeight: 0.11, fnWeight: 1 };
const PROBATION_SHARE = 0.15;
const PROBATION_ROWS_AT_MOST = 5_000;
const STEEPNESS = 5;
const FAR_BEHIND_WINDOW = 3;

/** Rows at the start of a file that are not scored: 15 % of it, and at most 15 % of 5,000. */
export function probationaryRows(rows: number): number {
  return Math.min(Math.floor(PROBATION_SHARE * rows), PROBATION_SHARE * PROBATION_ROWS_AT_MOST);
}

/**
 * The Numenta score of one file for one profile.
 *
 * Each window counts its best alarm, weighted by a sigmoid of its place (1 at the left edge, 0 just past the right);
 * each alarm outside costs, less when it follows close upon a window; each window without an alarm costs `fnWeight`.
 *
 * @param rows number of rows of the file
 * @param alarms rows at which the score reached the threshold, ascending
 * @param windows labelled windows, ascending, not overlapping
 * @returns normalised as the benchmark does, with the file's own null score and its own number of windows
 * @remarks Windows that lie wholly in the probationary period can neither be found nor missed.
 * @see A. Lavin, S. Ahmad, Evaluating real-time anomaly detection algorithms, ICMLA 2015
 */
export function nabScore(
  rows: number,
  alarms: readonly number[],
  windows: readonly RowWindow[],
  profile: NabProfile = STANDARD_PROFILE,
): NabScore {
  const probation = probationaryRows(rows);
  const scored = windows.filter((window) => window.to >= probation);
  const best = scored.map(() => -profile.fnWeight);
  const firstAlarms: (number | null)[] = scored.map(() => null);
  let penalty = 0;
  let falseAlarms = 0;
  for (const row of alarms) {
    if (row < probation) continue;
    const inside = scored.findIndex((window) => window.from <= row && row <= window.to);
    if (inside >= 0) {
      const { from, to } = scored[inside]!;
      const gain = (sigmoid(-(to - row + 1) / (to - from + 1)) / sigmoid(-1)) * profile.tpWeight;
      best[inside] = Math.max(best[inside]!, gain);
      firstAlarms[inside] ??= row;
      continue;
    }
    falseAlarms += 1;
    const before = windows.findLast((window) => window.to < row);
    penalty += (before ? sigmoid((row - before.to) / (before.to - before.from)) : -1) * profile.fpWeight;
  }
  const raw = best.reduce((sum, gain) => sum + gain, penalty);
  const nothing = -profile.fnWeight * scored.length;
  const perfect = profile.tpWeight * scored.length;
  return {
    normalised: scored.length === 0 ? null : (100 * (raw - nothing)) / (perfect - nothing),
    raw,
    windows: scored.length,
    windowsFound: firstAlarms.filter((row) => row !== null).length,
    falseAlarms,
    firstAlarms,
  };
}

/** +1 far inside the window, 0 at its right edge, −1 far behind it. */
function sigmoid(position: number): number {
  return position > FAR_BEHIND_WINDOW ? -1 : 2 / (1 + Math.exp(STEEPNESS * position)) - 1;
}
