import { streamErrors } from './errors.ts';

export interface Eigen {
  /** Eigenvalues, greatest first. */
  readonly values: readonly number[];
  /** `vectors[k]` is the unit vector that belongs to `values[k]`. */
  readonly vectors: readonly (readonly number[])[];
}

const SWEEPS = 60;

/**
 * Eigenvalues and vectors of a small symmetric matrix by Jacobi's rotations.
 *
 * @param matrix shape (n, n), symmetric, finite; only the upper triangle is read
 * @throws {FaultlineError} STREAM_SETTING when a value is not finite
 * @remarks O(n³) a sweep, a handful of sweeps: meant for sensors by the dozen.
 * @see G. H. Golub, C. F. Van Loan, Matrix Computations, 4th edition, section 8.5
 */
export function symmetricEigen(matrix: readonly (readonly number[])[]): Eigen {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  if (!a.every((row) => row.every(Number.isFinite)))
    throw streamErrors.STREAM_SETTING({ what: 'A covariance', got: 'not finite', want: 'finite values only' });
  const v = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;
    if (off < 1e-24 * n) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, p, q);
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return { values: order.map((i) => a[i]![i]!), vectors: order.map((i) => v.map((row) => row[i]!)) };
}

/** Turns the plane of p and q so that their covariance vanishes. */
function rotate(a: number[][], v: number[][], p: number, q: number): void {
  const apq = a[p]![q]!;
  if (Math.abs(apq) < 1e-300) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const app = a[p]![p]!;
  const aqq = a[q]![q]!;
  a[p]![p] = app - t * apq;
  a[q]![q] = aqq + t * apq;
  a[p]![q] = 0;
  a[q]![p] = 0;
  for (let k = 0; k < a.length; k++) {
    if (k !== p && k !== q) {
      const akp = a[k]![p]!;
      const akq = a[k]![q]!;
      a[k]![p] = c * akp - s * akq;
      a[p]![k] = a[k]![p]!;
      a[k]![q] = s * akp + c * akq;
      a[q]![k] = a[k]![q]!;
    }
    const vkp = v[k]![p]!;
    const vkq = v[k]![q]!;
    v[k]![p] = c * vkp - s * vkq;
    v[k]![q] = s * vkp + c * vkq;
  }
}
