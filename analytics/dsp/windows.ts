import { dspErrors } from './errors.ts';

export type WindowName = 'rectangular' | 'hann' | 'hamming' | 'blackman' | 'flat-top';

/** Coefficients of a0 − a1·cos θ + a2·cos 2θ − …, θ = 2πi/n. */
const COSINE_TERMS: Record<WindowName, readonly number[]> = {
  rectangular: [1],
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  'flat-top': [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368],
};

/**
 * Periodic (DFT-even) window, the kind that spectral averaging wants.
 *
 * @param name family of cosine sums
 * @param size number of coefficients, a positive integer
 * @returns shape (size,), dimensionless, at most 1
 * @throws {FaultlineError} DSP_LENGTH when size is not a positive integer
 * @remarks O(size). Equals `scipy.signal.get_window(name, size)` (fftbins true).
 * @see F. J. Harris, Proc. IEEE 66 (1978) 51-83
 * @example window('hann', 4) // [0, 0.5, 1, 0.5]
 */
export function window(name: WindowName, size: number): Float64Array {
  if (!Number.isInteger(size) || size < 1) {
    throw dspErrors.DSP_LENGTH({ what: 'The window', got: size, want: 'a positive whole number' });
  }
  const terms = COSINE_TERMS[name];
  return Float64Array.from({ length: size }, (_, i) =>
    terms.reduce((sum, a, k) => sum + (k % 2 === 0 ? a : -a) * Math.cos((2 * Math.PI * k * i) / size), 0),
  );
}

/** Σw², the factor between a windowed periodogram and a density. O(size). */
export function windowEnergy(coefficients: Float64Array): number {
  let energy = 0;
  for (const w of coefficients) energy += w * w;
  return energy;
}
