import type { Samples } from './fftPlan.ts';

/** Features of a waveform about its mean, in the waveform's unit; crest, kurtosis and skewness have none. */
export interface TimeFeatures {
  mean: number;
  rms: number;
  peak: number;
  peakToPeak: number;
  crest: number;
  kurtosis: number;
  skewness: number;
}

/**
 * Level and shape of a waveform about its mean.
 *
 * @param samples shape (n,), any unit, n >= 1
 * @param out     written and returned, so that a hot path can keep one
 * @returns rms is the standard deviation (population); peak the largest distance from the mean; kurtosis 3 for
 *   Gaussian noise. A flat line gives 0 for crest, kurtosis and skewness.
 * @remarks O(n), two passes, allocates nothing. A NaN or infinity among the samples yields NaN.
 * @see ISO 13373-2:2016, 4.2
 * @example timeFeatures([1, -1, 1, -1]) // rms 1, peak 1, crest 1, kurtosis 1, skewness 0
 */
export function timeFeatures(samples: Samples | readonly number[], out: TimeFeatures = emptyFeatures()): TimeFeatures {
  const n = samples.length;
  let sum = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const x = samples[i]!;
    sum += x;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  const mean = sum / n;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let i = 0; i < n; i++) {
    const d = samples[i]! - mean;
    const square = d * d;
    m2 += square;
    m3 += square * d;
    m4 += square * square;
  }
  m2 /= n;
  const rms = Math.sqrt(m2);
  // Rounding leaves a residue of about 1e-16 of the mean on a flat line; that is no signal.
  const flat = high === low || rms <= 1e-12 * Math.abs(mean);
  out.mean = mean;
  out.rms = high === low ? 0 : rms;
  out.peak = Math.max(high - mean, mean - low);
  out.peakToPeak = high - low;
  out.crest = flat ? 0 : out.peak / rms;
  out.kurtosis = flat ? 0 : m4 / n / (m2 * m2);
  out.skewness = flat ? 0 : m3 / n / (m2 * rms);
  return out;
}

/** Storage for `timeFeatures`. */
export function emptyFeatures(): TimeFeatures {
  return { mean: 0, rms: 0, peak: 0, peakToPeak: 0, crest: 0, kurtosis: 0, skewness: 0 };
}
