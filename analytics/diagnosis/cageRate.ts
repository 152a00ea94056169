import type { BearingVerdict } from './bearingVerdict.ts';
import { logAt, type OrderSpectrum } from './orderSpectrum.ts';

/** Trust left where the cage's rate speaks for a rolling element, or for the cage itself. */
const TRUST = { ball: 0.7, cage: 0.8 } as const;
/** Harmonics of the row that a train of blows fills and a swelling of the load does not. */
const LATER = [4, 5, 6, 7, 8, 9] as const;
/** Most that the later harmonics of a train fall below its first three, 6 dB; a swelling load falls by 8 and more. */
const MOST_FALL = 0.6 * Math.LN10;
/** Orders about a shaft order in which nothing of the row can be seen. */
const SHAFT_SHARE = 0.05;

/**
 * What lines at the cage's rate stand for. One rolling element that differs from the others alters the load once a cage
 * turn, long before its own spin frequency shows: a few harmonics that fall quickly. A broken cage strikes: a long row of
 * harmonics of nearly one height.
 *
 * @param spectrum that convicted; @param order the first harmonic's, as fitted
 */
export function atCageRate(verdict: BearingVerdict, spectrum: OrderSpectrum, order: number): BearingVerdict {
  const first = [1, 2, 3].reduce((sum, k) => sum + logAt(spectrum, k * order), 0) / 3;
  const later = LATER.filter((k) => Math.abs(k * order - Math.round(k * order)) > SHAFT_SHARE)
    .map((k) => logAt(spectrum, k * order))
    .sort((a, b) => a - b);
  const fault = first - later[later.length >> 1]! <= MOST_FALL ? 'cage' : 'ball';
  const why =
    fault === 'cage'
      ? 'They repeat with the cage, in a long row of one height as blows do'
      : 'They repeat with the cage and fall quickly: one rolling element differs from the others';
  return {
    ...verdict,
    fault,
    byCageRate: true,
    confidence: TRUST[fault] * verdict.confidence,
    rejected: [
      ...verdict.rejected.filter((rejection) => rejection.fault !== fault && rejection.fault !== 'cage'),
      ...(fault === 'ball' ? [{ fault: 'cage' as const, reason: 'its row of harmonics is too short for blows' }] : []),
    ],
    reason: `${verdict.reason} ${why}.`,
  };
}
