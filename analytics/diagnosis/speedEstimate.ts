import { BEARING_FAULTS, defectOrder, sidebandOrder } from './bearing.ts';
import { logAt, type OrderSpectrum } from './orderSpectrum.ts';
import type { BearingOrders } from './types.ts';

/** Shaft speeds sought where neither a speed nor a rating is known: 300 to 6000 rpm. */
const COMMON_HZ = { low: 5, high: 100 } as const;
/** An induction motor under load runs a few percent below its rating; a rounded rating may lie a little below it. */
const OF_RATED = { low: 0.93, high: 1.02 } as const;
const STRIDE = 0.0025;
const SLIP = 0.01;
/** ln by which the best reading must beat one with another speed. */
const LEAD = Math.log(1.6);
const COMB_SLACK = Math.log(1.5);
/** ln of the shaft's own lines over the floor that an unrated machine must show for its speed to be believed. */
const SHAFT_SHOWS = Math.log(1.6);

interface Reading {
  readonly shaftHz: number;
  /** ln over the floor of the defect's three harmonics. */
  readonly comb: number;
  /** The same with the shaft's own testimony. */
  readonly score: number;
}

/**
 * Shaft speed from the envelope alone. A defect comb fixes only the product of speed and defect order; the shaft's own
 * lines (and sidebands, where the fault has them) tell which defect order it was.
 *
 * @param whitened, levelled averaged envelopes on an axis of Hz
 * @param ratedRpm nameplate speed; narrows the search and replaces the shaft's lines as witness
 * @returns Hz, or null when no reading, or more than one, fits
 * @remarks O(speeds · faults).
 */
export function estimateShaftHz(
  whitened: OrderSpectrum,
  levelled: OrderSpectrum,
  orders: BearingOrders,
  ratedRpm: number | undefined,
  leastScore: number,
): number | null {
  const rated = ratedRpm === undefined ? null : ratedRpm / 60;
  const low = rated === null ? COMMON_HZ.low : rated * OF_RATED.low;
  const high = rated === null ? COMMON_HZ.high : rated * OF_RATED.high;
  const readings: Reading[] = [];
  for (let shaftHz = low; shaftHz <= high; shaftHz *= 1 + STRIDE) {
    if (shaftHz < 4 * whitened.resolution) continue;
    let witness: number | null = null;
    for (const fault of BEARING_FAULTS) {
      const defectHz = defectOrder(fault, orders) * shaftHz;
      if (fault === 'cage' || 3 * defectHz > (whitened.log.length - 3) * whitened.step) continue;
      const comb = (logAt(whitened, defectHz) + logAt(whitened, 2 * defectHz) + logAt(whitened, 3 * defectHz)) / 3;
      if (comb < leastScore) continue;
      witness ??= shaftWitness(levelled, shaftHz);
      const spacing = sidebandOrder(fault, orders) * shaftHz;
      const bands =
        spacing === 0
          ? 0
          : (logAt(levelled, defectHz - spacing) +
              logAt(levelled, defectHz + spacing) +
              logAt(levelled, 2 * defectHz - spacing) +
              logAt(levelled, 2 * defectHz + spacing)) /
            4;
      const strong = Math.max(witness, bands);
      if (rated === null && strong < SHAFT_SHOWS) continue;
      readings.push({ shaftHz, comb, score: comb + strong + 0.5 * Math.min(witness, bands) });
    }
  }
  if (readings.length === 0) return null;
  // A reading that leaves the strongest comb unexplained is a multiple or a sideband family of the right one.
  const strongest = Math.max(...readings.map(({ comb }) => comb));
  const fitting = readings.filter(({ comb }) => comb >= strongest - COMB_SLACK);
  const best = fitting.reduce((a, b) => (b.score > a.score ? b : a));
  const rival = fitting.filter(({ shaftHz }) => Math.abs(shaftHz / best.shaftHz - 1) > 3 * SLIP);
  return rival.some(({ score }) => score > best.score - LEAD) ? null : best.shaftHz;
}

/** Mean ln level of the three strongest of the shaft's first four orders, the best within slip of the speed. */
function shaftWitness(levelled: OrderSpectrum, shaftHz: number): number {
  let best = 0;
  for (let scale = 1 - SLIP; scale <= 1 + SLIP; scale += STRIDE) {
    const levels = [1, 2, 3, 4].map((k) => logAt(levelled, k * shaftHz * scale)).sort((a, b) => b - a);
    best = Math.max(best, (levels[0]! + levels[1]! + levels[2]!) / 3);
  }
  return best;
}
