import { normalOf } from '../../seededUniform.ts';

/** How a smooth function is fitted. */
export interface SmoothSettings {
  /** Random waves; the more, the nearer to the full kernel. */
  readonly waves: number;
  /** Frequency of the waves per standard deviation of an input: the kernel is Gaussian, 1/scale wide. */
  readonly scale: number;
  /** Ridge, in rows. */
  readonly ridge: number;
}

/** A ridge regression on random cosines and on the inputs themselves. Plain data. */
export interface SmoothFit {
  readonly inputs: readonly number[];
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  /** Waves by inputs, row by row. */
  readonly frequencies: Float64Array;
  readonly phases: Float64Array;
  /** Of the waves, of the inputs, and of the constant. */
  readonly weights: Float64Array;
}

/** Inputs enter linearly as well, but held back: the waves shall explain what they can. */
const LINEAR_SHARE = 0.1;

/**
 * Fits a smooth function of some columns by kernel ridge regression, approximated by random Fourier features.
 *
 * @param rows   inputs, one array per row; only the columns `inputs` are looked at
 * @param target one value per row
 * @param random seeded, uniform in [0, 1)
 * @remarks O(rows · (waves + inputs)²)
 * @see A. Rahimi, B. Recht, Random features for large-scale kernel machines, NIPS 20 (2007)
 */
export function fitSmooth(
  rows: readonly Float64Array[],
  target: Float64Array,
  inputs: readonly number[],
  settings: SmoothSettings,
  random: () => number,
): SmoothFit {
  const width = inputs.length;
  const { mean, spread } = moments(rows, inputs);
  const gaussian = normalOf(random);
  const frequencies = Float64Array.from({ length: settings.waves * width }, () => gaussian() * settings.scale);
  const phases = Float64Array.from({ length: settings.waves }, () => 2 * Math.PI * random());
  const fit = { inputs, mean, spread, frequencies, phases };
  const size = settings.waves + width + 1;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  const expanded = new Float64Array(size);
  rows.forEach((row, r) => {
    expand(fit, row, expanded);
    for (let p = 0; p < size; p++) {
      const x = expanded[p]!;
      right[p]! += x * target[r]!;
      for (let q = 0; q <= p; q++) normal[p * size + q]! += x * expanded[q]!;
    }
  });
  for (let p = 0; p < size - 1; p++) normal[p * size + p]! += settings.ridge;
  return { ...fit, weights: solve(normal, right) };
}

/** The fitted function at one row. */
export function smoothAt(fit: SmoothFit, row: ArrayLike<number>): number {
  const expanded = new Float64Array(fit.weights.length);
  expand(fit, row, expanded);
  return expanded.reduce((sum, x, p) => sum + x * fit.weights[p]!, 0);
}

function expand(fit: Omit<SmoothFit, 'weights'>, row: ArrayLike<number>, out: Float64Array): void {
  const { inputs, mean, spread, frequencies, phases } = fit;
  const width = inputs.length;
  const waves = phases.length;
  for (let k = 0; k < width; k++) out[waves + k] = (row[inputs[k]!]! - mean[k]!) / spread[k]!;
  for (let w = 0; w < waves; w++) {
    let angle = phases[w]!;
    for (let k = 0; k < width; k++) angle += frequencies[w * width + k]! * out[waves + k]!;
    out[w] = Math.cos(angle);
  }
  for (let k = 0; k < width; k++) out[waves + k]! *= LINEAR_SHARE;
  out[waves + width] = 1;
}

function moments(
  rows: readonly Float64Array[],
  inputs: readonly number[],
): { mean: Float64Array; spread: Float64Array } {
  const mean = Float64Array.from(inputs, (c) => rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
  const spread = Float64Array.from(inputs, (c, k) => {
    const variance = rows.reduce((sum, row) => sum + (row[c]! - mean[k]!) ** 2, 0) / rows.length;
    return Math.sqrt(variance) || 1;
  });
  return { mean, spread };
}

/** Solves a positive definite system by Cholesky's factors; only the lower triangle is read, and overwritten. */
function solve(a: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-9)) : sum / a[j * n + j]!;
    }
  }
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}
