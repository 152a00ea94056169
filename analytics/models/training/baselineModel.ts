import { encodeModel } from '../onnx/encodeModel.ts';

/**
 * How far a row lies from a point's own baseline, along and across the directions in which the baseline varies: a
 * shrunken Mahalanobis distance, written as |L⁻¹·(x − centre)/spread|² / width.
 */
export interface BaselineModel {
  readonly width: number;
  readonly centre: Float64Array;
  readonly spread: Float64Array;
  /** Share of the identity in the covariance of the standardised rows, 0..1. */
  readonly shrinkage: number;
  /** (L⁻¹)ᵀ, row-major, shape (width, width); upper triangular. */
  readonly whitening: Float64Array;
}

/** A spread below this is rounding: a feature that never moves must not make a mountain of its first movement. */
const LEAST_SPREAD = 0.02;
/** Never less than this of the identity, so that the inverse is well-behaved whatever the rows. */
const LEAST_SHRINKAGE = 0.05;

/**
 * Fits the distance to rows of one point's baseline.
 *
 * @param rows shape (n, width), finite, n >= 2; robust against single rows that do not belong: centre and spread are
 *   median and scaled MAD, and standardised values are clipped at 5
 * @remarks O(n·width² + width³), closed form, deterministic: the same rows give the same model.
 * @see O. Ledoit, M. Wolf, J. Multivariate Anal. 88 (2004) 365-411: the shrinkage that loses least
 */
export function fitBaseline(rows: readonly Float32Array[]): BaselineModel {
  const width = rows[0]!.length;
  const centre = new Float64Array(width);
  const spread = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    const column = Float64Array.from(rows, (row) => row[i]!).sort();
    centre[i] = column[column.length >> 1]!;
    const distances = column.map((value) => Math.abs(value - centre[i]!)).sort();
    spread[i] = Math.max(LEAST_SPREAD, 1.4826 * distances[distances.length >> 1]!);
  }
  const standard = rows.map((row) =>
    Float64Array.from(row, (value, i) => Math.max(-5, Math.min(5, (value - centre[i]!) / spread[i]!))),
  );
  const covariance = secondMoments(standard, width);
  const shrinkage = Math.max(LEAST_SHRINKAGE, ledoitWolf(standard, covariance, width));
  let trace = 0;
  for (let i = 0; i < width; i++) trace += covariance[i * width + i]! / width;
  for (let i = 0; i < covariance.length; i++) covariance[i]! *= 1 - shrinkage;
  for (let i = 0; i < width; i++) covariance[i * width + i]! += shrinkage * Math.max(trace, 1e-6);
  return { width, centre, spread, shrinkage, whitening: inverseCholesky(covariance, width) };
}

/** The score of one row in float64; about 1 in the baseline itself. What the exported graph computes in float32. */
export function baselineScore({ width, centre, spread, whitening }: BaselineModel, row: ArrayLike<number>): number {
  let sum = 0;
  for (let o = 0; o < width; o++) {
    let value = 0;
    for (let i = 0; i <= o; i++) value += ((row[i]! - centre[i]!) / spread[i]!) * whitening[i * width + o]!;
    sum += value * value;
  }
  return sum / width;
}

/** Writes the model as ONNX: input `features` (batch, width), output `distance` (batch). */
export function encodeBaseline({ width, centre, spread, whitening }: BaselineModel): Uint8Array {
  return encodeModel({
    name: 'point-baseline',
    input: { name: 'features', width },
    output: { name: 'distance', width: null },
    constants: {
      centre: { dims: [width], values: centre },
      spread: { dims: [width], values: spread },
      whitening: { dims: [width, width], values: whitening },
      axes: { dims: [1], values: [1n] },
    },
    nodes: [
      { op: 'Sub', inputs: ['features', 'centre'], output: 'centred' },
      { op: 'Div', inputs: ['centred', 'spread'], output: 'standard' },
      { op: 'MatMul', inputs: ['standard', 'whitening'], output: 'white' },
      { op: 'Mul', inputs: ['white', 'white'], output: 'squared' },
      { op: 'ReduceMean', inputs: ['squared', 'axes'], output: 'distance', attributes: { keepdims: 0 } },
    ],
  });
}

function secondMoments(rows: readonly Float64Array[], width: number): Float64Array {
  const moments = new Float64Array(width * width);
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) moments[i * width + j]! += (row[i]! * row[j]!) / rows.length;
    }
  }
  return moments;
}

/** Ledoit and Wolf's estimate of the best share of the scaled identity, lemma 3.2 to 3.4. */
function ledoitWolf(rows: readonly Float64Array[], moments: Float64Array, width: number): number {
  let mean = 0;
  for (let i = 0; i < width; i++) mean += moments[i * width + i]! / width;
  let distance = 0;
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) distance += (moments[i * width + j]! - (i === j ? mean : 0)) ** 2;
  }
  let noise = 0;
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) noise += (row[i]! * row[j]! - moments[i * width + j]!) ** 2;
    }
  }
  return distance > 0 ? Math.min(1, noise / rows.length ** 2 / distance) : 1;
}

/** (L⁻¹)ᵀ of a positive definite matrix L·Lᵀ, so that x·(L⁻¹)ᵀ is white. */
function inverseCholesky(matrix: Float64Array, width: number): Float64Array {
  const lower = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * width + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * width + k]! * lower[j * width + k]!;
      lower[i * width + j] = i === j ? Math.sqrt(sum) : sum / lower[j * width + j]!;
    }
  }
  const transposed = new Float64Array(width * width);
  for (let column = 0; column < width; column++) {
    for (let i = column; i < width; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= lower[i * width + k]! * transposed[column * width + k]!;
      transposed[column * width + i] = sum / lower[i * width + i]!;
    }
  }
  return transposed;
}
