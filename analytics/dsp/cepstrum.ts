import type { Samples } from './fftPlan.ts';
import { signalOf, spectrumOf } from './spectrum64.ts';

/** Below this share of the largest bin a magnitude is rounding, and its logarithm would be noise of great size. */
const FLOOR_SHARE = 1e-15;

/**
 * Real cepstrum: the inverse DFT of ln|X|. A family of harmonics or sidebands df apart stands at one quefrency, 1/df.
 *
 * @param samples shape (n,), n >= 1
 * @returns shape (n,), neper; entry q lies at quefrency q/samplingRateHz seconds, symmetric about n/2
 * @remarks O(n log n), float64. Bins of no magnitude are raised to 1e-15 of the largest; silence gives zeros.
 * @see R. Randall, Mech. Syst. Signal Process. 97 (2017) 3-19
 * @example realCepstrum(x)[0] // the mean of ln|X| over all bins
 */
export function realCepstrum(samples: Samples): Float64Array {
  const spectrum = spectrumOf(samples);
  let largest = 0;
  for (let i = 0; i < spectrum.length; i += 2) largest = Math.max(largest, Math.hypot(spectrum[i]!, spectrum[i + 1]!));
  if (largest === 0) return new Float64Array(samples.length);
  for (let i = 0; i < spectrum.length; i += 2) {
    spectrum[i] = Math.log(Math.max(Math.hypot(spectrum[i]!, spectrum[i + 1]!), FLOOR_SHARE * largest));
    spectrum[i + 1] = 0;
  }
  return signalOf(spectrum);
}
