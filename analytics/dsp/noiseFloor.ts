/** Median of an exponential variable over its mean: noise power in a bin is exponential, its floor is the mean. */
const MEDIAN_TO_MEAN = 1 / Math.LN2;

export interface FloorPlan {
  /**
   * Divides power by its local noise floor, in place.
   *
   * @param power shape (>= count,), non-negative
   * @param count leading bins to treat
   * @param width bins of one neighbourhood, at least 8
   */
  normalise(power: Float64Array, count: number, width: number): void;
}

/**
 * Noise floor that lines do not lift: the median of a neighbourhood scaled to the mean of exponential noise, taken on
 * half-overlapping neighbourhoods and interpolated between their centres.
 *
 * @remarks O(count). Noise has mean 1 afterwards; a silent neighbourhood is left at 0. Holds its work space.
 */
export function floorPlan(maxWidth: number): FloorPlan {
  const scratch = new Float64Array(maxWidth);
  let knots = new Float64Array(64);

  const normalise = (power: Float64Array, count: number, width: number) => {
    const reach = Math.max(8, Math.min(width, maxWidth, count - 1));
    const hop = Math.max(4, reach >> 1);
    // Bin 0 holds the mean and says nothing about noise.
    const knotCount = Math.max(1, Math.floor((count - 1 - reach) / hop) + 1);
    if (knots.length < knotCount) knots = new Float64Array(2 * knotCount);
    for (let q = 0; q < knotCount; q++) {
      const start = 1 + q * hop;
      const length = Math.min(reach, count - start);
      for (let i = 0; i < length; i++) scratch[i] = power[start + i]!;
      knots[q] = nthSmallest(scratch, length, length >> 1) * MEDIAN_TO_MEAN;
    }
    const centre = 1 + reach / 2;
    for (let k = 0; k < count; k++) {
      const at = Math.min(knotCount - 1, Math.max(0, (k - centre) / hop));
      const q = Math.floor(at);
      const low = knots[q]!;
      const high = q + 1 < knotCount ? knots[q + 1]! : low;
      const floor = low + (high - low) * (at - q);
      power[k] = floor > 0 ? power[k]! / floor : 0;
    }
  };
  return { normalise };
}

/**
 * The n-th smallest of the leading `length` values, which are reordered: quickselect, O(length). Sorting would cost more
 * than all transforms of a block together.
 * @see C. Hoare, Comm. ACM 4 (1961) 321-322, algorithm 65
 */
export function nthSmallest(values: Float64Array, length: number, n: number): number {
  let left = 0;
  let right = length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swap = values[i]!;
      values[i] = values[j]!;
      values[j] = swap;
      i++;
      j--;
    }
    if (n <= j) right = j;
    else if (n >= i) left = i;
    else break;
  }
  return values[n]!;
}
