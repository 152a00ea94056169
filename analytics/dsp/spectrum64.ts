import { complexDft64 } from './complexFft64.ts';
import type { Samples } from './fftPlan.ts';

/**
 * DFT of a real signal of any length, float64.
 *
 * @param samples shape (n,)
 * @returns interleaved real and imaginary parts of all n bins, shape (2n,), unscaled
 * @remarks O(n log n); allocates, so a hot path uses a plan instead.
 */
export function spectrumOf(samples: Samples): Float64Array {
  const data = new Float64Array(2 * samples.length);
  for (let i = 0; i < samples.length; i++) data[2 * i] = samples[i]!;
  const out = new Float64Array(2 * samples.length);
  complexDft64(samples.length).forward(out, data);
  return out;
}

/** Real part of the inverse DFT, scaled by 1/n: undoes `spectrumOf`. Shape (2n,) in, (n,) out. */
export function signalOf(spectrum: Float64Array): Float64Array {
  const n = spectrum.length / 2;
  const out = new Float64Array(2 * n);
  complexDft64(n).inverse(out, spectrum);
  return Float64Array.from({ length: n }, (_, i) => out[2 * i]! / n);
}
