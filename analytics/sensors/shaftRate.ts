import type { BlockAnalysis } from '../diagnosis/types.ts';

/** A line counts as standing from here, dB over the floor; beside another, as absent below this share of it. */
const PRESENT_DB = 15;
const ABSENT_SHARE = 0.1;
/** How far the shaft's own line outdoes all others, in velocity, in any common machine in order. */
const OUTDOES = 2;

/**
 * The factor by which the true sampling rate differs from the declared one, told by the shaft's lines: a tachometer says
 * where once per turn must lie, and the lines lie at half or at twice that.
 *
 * @returns 2, ½, or null when the lines are where they belong or do not tell
 * @remarks Half orders alone are looseness, which keeps the line at once per turn the largest; twice per turn alone is
 *   misalignment, which always leaves something at once and three times.
 */
export function shaftRateFactor(analysis: BlockAnalysis): number | null {
  if (analysis.speedSource !== 'measured') return null;
  const lineAt = (order: number) => analysis.shaft.find((line) => line.order === order);
  const db = (order: number) => lineAt(order)?.snrDb ?? 0;
  const half = lineAt(0.5);
  if (half && half.snrDb >= PRESENT_DB) {
    const others = analysis.shaft.filter((line) => line.order > 0.5 && line.order <= 10);
    if (others.length > 0 && others.every((line) => half.rmsMmS > OUTDOES * line.rmsMmS)) return 2;
  }
  const twice = lineAt(2)?.rmsMmS ?? 0;
  const noOdd = [1, 3, 5].every((order) => (lineAt(order)?.rmsMmS ?? 0) < ABSENT_SHARE * twice);
  return noOdd && db(2) >= PRESENT_DB && db(4) >= PRESENT_DB ? 0.5 : null;
}

/** Whether the shaft's own line stands where the declared rate puts it: the rate is then right, whatever the clock says. */
export function shaftIsWhereDeclared(analysis: BlockAnalysis): boolean {
  if (analysis.speedSource !== 'measured' || shaftRateFactor(analysis) !== null) return false;
  return analysis.shaft.some((line) => line.order === 1 && line.snrDb >= PRESENT_DB);
}
