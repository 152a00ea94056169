import { dspErrors } from './errors.ts';

/** A curve through given points, with its value at any place between the first and the last. */
export interface Spline {
  /** NaN outside the points. */
  at(x: number): number;
}

/**
 * Natural cubic spline: twice continuously differentiable, without curvature at the ends.
 *
 * @param x shape (n,), strictly increasing, n >= 2
 * @param y shape (n,)
 * @throws {FaultlineError} DSP_LENGTH for fewer than two points or unequal lengths, DSP_ORDER where x does not increase
 * @remarks Making it is O(n) (Thomas algorithm); asking is O(1) when places ascend, else O(log n). Equals
 *   `scipy.interpolate.CubicSpline(x, y, bc_type='natural')`.
 * @see C. de Boor, A Practical Guide to Splines (1978), chapter IV
 */
export function naturalSpline(x: ArrayLike<number>, y: ArrayLike<number>): Spline {
  const n = x.length;
  if (n < 2 || y.length !== n)
    throw dspErrors.DSP_LENGTH({
      what: 'A spline',
      got: Math.min(n, y.length),
      want: 'two points or more, one y for each x',
    });
  for (let i = 1; i < n; i++) {
    if (!(x[i]! > x[i - 1]!)) throw dspErrors.DSP_ORDER({ what: 'The places of a spline', index: i });
  }
  const curvature = curvatures(x, y);
  let interval = 0;
  const at = (place: number): number => {
    if (!(place >= x[0]! && place <= x[n - 1]!)) return Number.NaN;
    if (place < x[interval]! || place > x[interval + 1]!) {
      const next = interval + 1;
      interval = next < n - 1 && place >= x[next]! && place <= x[next + 1]! ? next : search(x, place);
    }
    const low = x[interval]!;
    const width = x[interval + 1]! - low;
    const right = (place - low) / width;
    const left = 1 - right;
    const bend = (left ** 3 - left) * curvature[interval]! + (right ** 3 - right) * curvature[interval + 1]!;
    return left * y[interval]! + right * y[interval + 1]! + (bend * width * width) / 6;
  };
  return { at };
}

/** Second derivatives at the points, zero at both ends. */
function curvatures(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const n = x.length;
  const result = new Float64Array(n);
  const upper = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    const before = x[i]! - x[i - 1]!;
    const after = x[i + 1]! - x[i]!;
    const right = 6 * ((y[i + 1]! - y[i]!) / after - (y[i]! - y[i - 1]!) / before);
    const pivot = 2 * (before + after) - before * upper[i - 1]!;
    upper[i] = after / pivot;
    result[i] = (right - before * result[i - 1]!) / pivot;
  }
  for (let i = n - 2; i >= 1; i--) result[i]! -= upper[i]! * result[i + 1]!;
  return result;
}

/** The interval that holds the place: the last i with x[i] <= place, at most n − 2. */
function search(x: ArrayLike<number>, place: number): number {
  let low = 0;
  let high = x.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle]! <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
