import { defectOrder } from './bearing.ts';
import { fitComb, type OrderSpectrum } from './orderSpectrum.ts';
import type { BearingFault, BearingOrders } from './types.ts';

/** Shaft speeds sought where neither a speed nor a rating is known, and share of a rating. */
const COMMON_HZ = { low: 5, high: 100 } as const;
const OF_RATED = { low: 0.93, high: 1.02 } as const;
/** The grid of speeds leaves no gap: each covers this much on either side. */
const REACH = 0.008;
/** Slip and contact angle between a defect's order and the shaft's. */
const SLIP = 0.015;
/** ln over the floor of a defect's harmonics, and of the comb that says which defect it is. */
const COMB = Math.log(12);
const WITNESS = { alone: Math.log(10), rated: Math.log(4) } as const;
/** ln by which the best reading must beat one with another speed. */
const LEAD = Math.log(3);
/** A reading that leaves a comb so much stronger unexplained reads a sideband. */
const COMB_SLACK = Math.log(2);

interface Reading {
  readonly shaftHz: number;
  /** ln over the floor of the defect's harmonics. */
  readonly comb: number;
  /** The same with the second comb's testimony. */
  readonly score: number;
}

/**
 * Shaft speed from the spectrum of a run. A comb of a defect alone fits several speeds; a second comb, of the shaft or,
 * for a ball, of its cage, at the right ratio tells which.
 *
 * @param lines spectrum on an axis of Hz
 * @returns Hz, or null when no reading, or more than one, fits
 * @remarks O(speeds · scales).
 */
export function estimateRunShaftHz(
  lines: OrderSpectrum,
  orders: BearingOrders,
  ratedRpm: number | undefined,
): number | null {
  const rated = ratedRpm === undefined ? null : ratedRpm / 60;
  const low = rated === null ? COMMON_HZ.low : rated * OF_RATED.low;
  const high = rated === null ? COMMON_HZ.high : rated * OF_RATED.high;
  const needed = rated === null ? WITNESS.alone : WITNESS.rated;
  const readings: Reading[] = [];
  let strongest = 0;
  for (let shaftHz = low; shaftHz <= high; shaftHz *= 1 + 2 * REACH) {
    for (const fault of ['inner', 'outer', 'ball'] as const) {
      const comb = fitComb(lines, defectOrder(fault, orders) * shaftHz, 1 - REACH, 1 + REACH);
      if (comb.score < COMB) continue;
      const witness = witnessOf(lines, fault, orders, shaftHz * comb.scale);
      strongest = Math.max(strongest, comb.score);
      if (witness < needed) continue;
      readings.push({ shaftHz: shaftHz * comb.scale, comb: comb.score, score: comb.score + witness });
    }
  }
  const fitting = readings.filter((reading) => reading.comb >= strongest - COMB_SLACK);
  if (fitting.length === 0) return null;
  const best = fitting.reduce((a, b) => (b.score > a.score ? b : a));
  const rivals = fitting.filter(({ shaftHz }) => Math.abs(shaftHz / best.shaftHz - 1) > 2 * SLIP);
  return rivals.some(({ score }) => score > best.score - LEAD) ? null : best.shaftHz;
}

function witnessOf(lines: OrderSpectrum, fault: BearingFault, orders: BearingOrders, shaftHz: number): number {
  const shaft = fitComb(lines, shaftHz, 1 - SLIP, 1 + SLIP).score;
  if (fault !== 'ball') return shaft;
  return Math.max(shaft, fitComb(lines, orders.ftf * shaftHz, 1 - SLIP, 1 + SLIP).score);
}
