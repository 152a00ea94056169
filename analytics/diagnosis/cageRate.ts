import type { BearingVerdict } from './bearingVerdict.ts';
import { finding } from './finding.ts';
import { logAt, type OrderSpectrum } from './orderSpectrum.ts';

/**
 * Trust left where the cage's rate speaks for a rolling element, or for the cage itself. The spin of the elements, which
 * would decide, mostly lies at the level of chance where only the cage's rate is heard, so that a worn cage stays possible.
 */
const TRUST = { ball: 0.5, cage: 0.8 } as const;
/** Harmonics of the row that a train of blows fills and a swelling of the load does not. */
const LATER = [4, 5, 6, 7, 8, 9] as const;
/** Most that the later harmonics of a train fall below its first three, 6 dB; a swelling load falls by 8 and more. */
const MOST_FALL = 0.6 * Math.LN10;
/** Orders about a shaft order in which nothing of the row can be seen. */
const SHAFT_SHARE = 0.05;

/**
 * What lines at the cage's rate stand for. One rolling element that differs from the others alters the load once a cage
 * turn, long before its own spin frequency shows: a few harmonics that fall quickly. A broken cage strikes: a long row of
 * harmonics of nearly one height. A cage that wears without striking cannot be told from the former; the card says so.
 *
 * @param spectrum that convicted; @param order the first harmonic's, as fitted
 */
export function atCageRate(verdict: BearingVerdict, spectrum: OrderSpectrum, order: number): BearingVerdict {
  const first = [1, 2, 3].reduce((sum, k) => sum + logAt(spectrum, k * order), 0) / 3;
  const later = LATER.filter((k) => Math.abs(k * order - Math.round(k * order)) > SHAFT_SHARE)
    .map((k) => logAt(spectrum, k * order))
    .sort((a, b) => a - b);
  const fault = first - later[later.length >> 1]! <= MOST_FALL ? 'cage' : 'ball';
  return {
    ...verdict,
    fault,
    byCageRate: true,
    confidence: TRUST[fault] * verdict.confidence,
    rejected: [
      ...verdict.rejected.filter((rejection) => rejection.fault !== fault && rejection.fault !== 'cage'),
      ...(fault === 'ball' ? [{ fault: 'cage' as const, reason: finding('cage-row-short') }] : []),
    ],
    reason: [...verdict.reason, finding(fault === 'cage' ? 'cage-blows' : 'cage-one-element')],
  };
}
