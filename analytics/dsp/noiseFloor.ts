/** Median of an exponential variable over its mean: noise power in a bin is exponential, its floor is the mean. */
const MEDIAN_TO_MEAN = 1 / Math.LN2;

export interface FloorPlan {
  /**
   * Divides power by its local noise floor.
   *
   * @param power shape (>= count,), non-negative
   * @param count leading bins to treat
   * @param width bins of one neighbourhood, at least 8
   * @param out   receives the leading `count` quotients; may be `power` itself
   */
  normalise(power: Float64Array, count: number, width: number, out: Float32Array | Float64Array): void;
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

  const normalise = (power: Float64Array, count: number, width: number, out: Float32Array | Float64Array) => {
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
    for (let q = -1, k = 0; k < count; q++) {
      // From the centre of one neighbourhood to the next the floor is a line; before the first and after the last, level.
      const low = knots[Math.max(0, q)]!;
      const slope = q >= 0 && q + 1 < knotCount ? (knots[q + 1]! - low) / hop : 0;
      const start = centre + q * hop;
      const end = q + 1 < knotCount ? Math.min(count, Math.ceil(start + hop)) : count;
      for (; k < end; k++) {
        const floor = low + slope * (k - start);
        out[k] = floor > 0 ? power[k]! / floor : 0;
      }
    }
  };
  return { normalise };
}

/**
 * The n-th smallest of the leading `length` values, which are reordered: quickselect, O(length) on average. Sorting would
 * cost more than all transforms of a block together. Values are exchanged whether they are smaller or not and the boundary
 * moves by the outcome, because on noise a branch would be mispredicted every other time.
 * @see C. Hoare, Comm. ACM 4 (1961) 321-322, algorithm 65
 */
export function nthSmallest(values: Float64Array, length: number, n: number): number {
  let left = 0;
  let right = length - 1;
  while (left < right) {
    const pivot = pivotToEnd(values, left, right);
    let below = left;
    for (let i = left; i < right; i++) {
      const value = values[i]!;
      values[i] = values[below]!;
      values[below] = value;
      below += +(value < pivot);
    }
    values[right] = values[below]!;
    values[below] = pivot;
    if (n < below) {
      right = below - 1;
      continue;
    }
    // Where nothing was smaller much may be equal, as in silence: all equals leave at once.
    let above = below + 1;
    if (below === left) while (above <= right && values[above] === pivot) above++;
    if (n < above) return pivot;
    left = above;
  }
  return values[n]!;
}

/** Moves the median of three to the end of the range and returns it. */
function pivotToEnd(values: Float64Array, left: number, right: number): number {
  const middle = (left + right) >> 1;
  const [a, b, c] = [values[left]!, values[middle]!, values[right]!];
  const at = a < b === b < c ? middle : a < b === c < a ? left : right;
  const pivot = values[at]!;
  values[at] = c;
  values[right] = pivot;
  return pivot;
}
