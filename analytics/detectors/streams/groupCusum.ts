/** Multivariate cumulative sum: one sum a direction. Plain data. */
export interface GroupCusumState {
  sum: number[];
  /** Values since the sum was last 0. */
  run: number;
}

export interface GroupCusumVerdict {
  readonly alarm: boolean;
  /** Length of the sum as a share of the decision interval. */
  readonly share: number;
  /** Each direction's share in the length squared; they add up to 1, or are all 0. */
  readonly contributions: readonly number[];
  /** Values since the shift is thought to have begun; null without an alarm. */
  readonly since: number | null;
}

export function newGroupCusum(directions: number): GroupCusumState {
  return { sum: new Array<number>(directions).fill(0), run: 0 };
}

/**
 * One step of Crosier's multivariate CUSUM: the vector sum is shrunk by the allowance along itself, so that a small
 * lasting shift in any direction adds up. Changes the state in place.
 *
 * @param z values without correlation, each less its mean and in deviations: scores along principal directions
 * @param allowance k: half the length of the shift that is to be found fastest
 * @param decision h; for two directions and k = 0.5, h = 5.5 gives 200 values between false alarms
 * @see R. B. Crosier, Multivariate generalizations of cumulative sum quality-control schemes, Technometrics 30 (1988) 291-303
 */
export function groupCusumStep(
  state: GroupCusumState,
  z: readonly number[],
  allowance: number,
  decision: number,
): GroupCusumVerdict {
  if (z.every(Number.isFinite)) {
    const next = state.sum.map((sum, k) => sum + (z[k] ?? 0));
    const length = Math.hypot(...next);
    const keep = length <= allowance ? 0 : 1 - allowance / length;
    state.sum = next.map((sum) => sum * keep);
    state.run = keep === 0 ? 0 : state.run + 1;
  }
  const length = Math.hypot(...state.sum);
  const alarm = length > decision;
  return {
    alarm,
    share: length / decision,
    contributions: state.sum.map((sum) => (length > 0 ? (sum * sum) / (length * length) : 0)),
    since: alarm ? state.run : null,
  };
}
