/** Averaged envelope power on an axis of shaft orders, prepared for the search of combs. Natural logarithms. */
export interface OrderSpectrum {
  readonly step: number;
  /** Width of a spectral line, orders. */
  readonly resolution: number;
  /** ln of the power over its floor, shaft orders discounted. */
  readonly log: Float32Array;
  /** The largest `log` within half a line of each cell. */
  readonly logPeak: Float32Array;
}

/** Distance from a shaft order, in line widths, within which nothing can be told apart from it. */
const SHAFT_EXCLUSION = 1.2;
const LEAST_POWER = 0.05;
const LOG_FLOOR = Math.log(LEAST_POWER);

/**
 * Prepares an averaged spectrum: what a shaft order may have leaked to its neighbours is taken for floor, what lies on
 * it is excluded.
 *
 * @param power      averaged power over its floor, shape (cells,)
 * @param step       orders per cell
 * @param resolution line width, orders
 * @param shaftScale true shaft speed over reported speed
 * @param cells      leading cells to prepare
 * @remarks O(cells). A rectangular window's side lobes fall as 1/(πd)², d in line widths.
 */
export function orderSpectrum(
  power: Float32Array,
  step: number,
  resolution: number,
  shaftScale: number,
  cells: number,
): OrderSpectrum {
  const count = Math.min(cells, power.length);
  const log = new Float32Array(count);
  const half = Math.max(1, Math.round(resolution / step / 2));
  const ordersPerCell = step / shaftScale;
  let shaft = -1;
  let leakScale = 0;
  for (let c = 1; c < count; c++) {
    const order = c * ordersPerCell;
    const nearest = (order + 0.5) | 0;
    if (nearest !== shaft) {
      shaft = nearest;
      const shaftPower = nearest === 0 ? 0 : peakNear(power, Math.round(nearest / ordersPerCell), half);
      leakScale = (2 * shaftPower * resolution * resolution) / (Math.PI * Math.PI);
    }
    const distance = order - nearest;
    if (nearest > 0 && Math.abs(distance) < SHAFT_EXCLUSION * resolution) continue;
    const level = nearest === 0 ? power[c]! : power[c]! / (1 + leakScale / (distance * distance));
    log[c] = level > LEAST_POWER ? Math.log(level) : LOG_FLOOR;
  }
  return { step, resolution, log, logPeak: slidingMax(log, half) };
}

function peakNear(power: Float32Array, centre: number, reach: number): number {
  let peak = 0;
  for (let c = Math.max(0, centre - reach); c <= Math.min(power.length - 1, centre + reach); c++) {
    peak = Math.max(peak, power[c]!);
  }
  return peak;
}

/** The largest value within `reach` cells, which is the largest of three neighbours `reach` times over. */
export function slidingMax(values: Float32Array, reach: number): Float32Array {
  const out = Float32Array.from(values);
  const last = out.length - 1;
  for (let pass = 0; pass < reach; pass++) {
    let before = out[0]!;
    for (let c = 0; c < last; c++) {
      const pair = larger(out[c]!, out[c + 1]!);
      out[c] = larger(before, pair);
      before = pair;
    }
    out[last] = larger(before, out[last]!);
  }
  return out;
}

/** The larger of two finite numbers of float32 without a branch, which on noise would be mispredicted every other time. */
function larger(a: number, b: number): number {
  return 0.5 * (a + b + Math.abs(a - b));
}

export interface CombFit {
  /** Mean ln of the harmonics over the floor: the logarithm of their geometric mean. */
  readonly score: number;
  readonly scale: number;
}

const NO_FIT: CombFit = { score: 0, scale: 1 };

/**
 * Best fit of a comb of harmonics on one common scale.
 *
 * @param fundamental order of the first tooth
 * @param low, high   scales to search, about 1
 * @param harmonics   teeth; at least two of them must lie inside the spectrum, else the score is 0
 */
export function fitComb(
  spectrum: OrderSpectrum,
  fundamental: number,
  low: number,
  high: number,
  harmonics = 3,
): CombFit {
  const { step, resolution, logPeak } = spectrum;
  const teeth = Math.min(harmonics, Math.floor(((logPeak.length - 2) * step) / (fundamental * high)));
  if (teeth < 2) return NO_FIT;
  const stride = resolution / (2 * teeth * fundamental);
  const centre = (low + high) / 2;
  const steps = Math.floor((high - low) / 2 / stride);
  let score = Number.NEGATIVE_INFINITY;
  let scale = centre;
  // From the middle outwards, so that of equal fits the one nearest to the expected speed is taken.
  for (let i = 0; i <= 2 * steps; i++) {
    const s = centre + (i % 2 === 0 ? i / 2 : -(i + 1) / 2) * stride;
    let sum = 0;
    for (let h = 1; h <= teeth; h++) sum += logPeak[((h * fundamental * s) / step + 0.5) | 0]!;
    if (sum > score) {
      score = sum;
      scale = s;
    }
  }
  return { score: score / teeth, scale };
}

/** ln of the power over the floor at one order, the best within half a line. */
export function logAt(spectrum: OrderSpectrum, order: number): number {
  const c = Math.round(order / spectrum.step);
  return c > 0 && c < spectrum.logPeak.length ? spectrum.logPeak[c]! : 0;
}

/** Shaft sidebands on either side of a defect's harmonics that count as its own lines. */
const FAMILY_SIDEBANDS = 3;

/** The spectrum with a defect's harmonics and their shaft sidebands put down to the floor. O(cells). */
export function withoutFamily(
  spectrum: OrderSpectrum,
  defect: number,
  shaft: number,
  sidebands = FAMILY_SIDEBANDS,
): OrderSpectrum {
  const { step, resolution, logPeak } = spectrum;
  const rest = Float32Array.from(logPeak);
  const reach = Math.ceil((1.2 * resolution) / step) + 1;
  const last = logPeak.length - 1;
  for (let harmonic = defect; harmonic - sidebands * shaft < last * step; harmonic += defect) {
    for (let k = -sidebands; k <= sidebands; k++) {
      const centre = Math.round((harmonic + k * shaft) / step);
      rest.fill(0, Math.max(0, centre - reach), Math.max(0, Math.min(last, centre + reach) + 1));
    }
  }
  return { ...spectrum, logPeak: rest };
}
