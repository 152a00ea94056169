import type { Samples } from '../dsp/fftPlan.ts';
import { hannPower } from '../dsp/velocity.ts';
import type { ShaftLine } from './types.ts';

/** Orders that tell unbalance (1), misalignment (2) and looseness (many, and halves) apart. */
export const SHAFT_ORDERS: readonly number[] = Array.from({ length: 20 }, (_, i) => (i + 1) / 2);

/** Share by which the reported speed may be wrong. */
const SPEED_ERROR = 0.01;
/** Bins a Hann main lobe needs on either side of a line before its neighbour may begin. */
const LOBE_BINS = 4;
const HANN_POWER = 0.375;

/** Orders of the gear mesh and its first two pairs of shaft sidebands. */
export function meshOrders(gearTeeth: number): number[] {
  return [-2, -1, 0, 1, 2].map((k) => gearTeeth + k);
}

/**
 * Velocity of single shaft orders.
 *
 * @param bins     packed transform of an acceleration (or velocity) waveform
 * @param binHz    bin spacing, Hz
 * @param shaftHz  reported shaft speed, Hz; the line is sought within 1 %
 * @param toMmS2   unit factor as for `velocityRmsOfBins`
 * @param integrate false when the samples are velocity
 * @returns a line for each order that the block can resolve; halves need blocks of at least eight revolutions
 * @remarks O(orders · width). The line's power is the three bins about the peak, 97–100 % of a Hann main lobe.
 */
export function shaftLines(
  bins: Samples,
  binHz: number,
  shaftHz: number,
  toMmS2: number,
  integrate: boolean,
  orders: readonly number[],
): ShaftLine[] {
  const lines: ShaftLine[] = [];
  const half = bins.length / 2;
  for (const order of orders) {
    const centre = (order * shaftHz) / binHz;
    const spacing = (0.5 * shaftHz) / binHz;
    if ((Number.isInteger(order) ? 2 * spacing : spacing) < LOBE_BINS) continue;
    // A window wider than half the distance to the next order would pick the neighbour's line.
    const reach = Math.min(centre * SPEED_ERROR + 1, spacing - 2);
    const first = Math.max(3, Math.round(centre - reach));
    const last = Math.min(half - 4, Math.round(centre + reach));
    if (first > last || centre > half - 4) continue;
    let peak = first;
    let peakPower = -1;
    for (let k = first; k <= last; k++) {
      const power = hannPower(bins, k);
      if (power > peakPower) {
        peakPower = power;
        peak = k;
      }
    }
    const rmsMmS = lineVelocity(bins, peak, binHz, toMmS2, integrate);
    const floor = neighbourFloor(bins, peak, half);
    lines.push({ order, rmsMmS, snrDb: floor > 0 ? 10 * Math.log10(Math.max(peakPower, 1e-300) / floor) : 0 });
  }
  return lines;
}

/** Velocity of a line, mm/s RMS: the power of the three bins about its peak. */
export function lineVelocity(bins: Samples, peak: number, binHz: number, toMmS2: number, integrate: boolean): number {
  const power = hannPower(bins, peak - 1) + hannPower(bins, peak) + hannPower(bins, peak + 1);
  const omega = integrate ? 2 * Math.PI * peak * binHz : 1;
  return (toMmS2 * Math.sqrt((2 * power) / HANN_POWER)) / (omega * bins.length);
}

/** Mean power 3–8 bins either side of a line, the louder side left out since it may hold another line. */
export function neighbourFloor(bins: Samples, peak: number, half: number): number {
  let below = 0;
  let above = 0;
  for (let d = 3; d <= 8; d++) {
    below += hannPower(bins, Math.max(2, peak - d));
    above += hannPower(bins, Math.min(half - 2, peak + d));
  }
  return Math.min(below, above) / 6;
}
