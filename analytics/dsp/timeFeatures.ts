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
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  // Two sums side by side, here and below: one alone waits for its own last addition.
  let evenSum = 0;
  let oddSum = 0;
  const pairs = n - (n % 2);
  for (let i = 0; i < pairs; i += 2) {
    const x = samples[i]!;
    const y = samples[i + 1]!;
    evenSum += x;
    oddSum += y;
    if (x < low) low = x;
    if (x > high) high = x;
    if (y < low) low = y;
    if (y > high) high = y;
  }
  const tail = n > pairs ? samples[pairs]! : 0;
  if (n > pairs) {
    low = Math.min(low, tail);
    high = Math.max(high, tail);
  }
  const mean = (evenSum + oddSum + tail) / n;
  const tailDistance = n > pairs ? tail - mean : 0;
  let m2 = tailDistance ** 2;
  let m3 = tailDistance ** 3;
  let m4 = tailDistance ** 4;
  let oddM2 = 0;
  let oddM3 = 0;
  let oddM4 = 0;
  for (let i = 0; i < pairs; i += 2) {
    const d = samples[i]! - mean;
    const e = samples[i + 1]! - mean;
    const d2 = d * d;
    const e2 = e * e;
    m2 += d2;
    oddM2 += e2;
    m3 += d2 * d;
    oddM3 += e2 * e;
    m4 += d2 * d2;
    oddM4 += e2 * e2;
  }
  m2 = (m2 + oddM2) / n;
  m3 += oddM3;
  m4 += oddM4;
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
