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
 * @remarks O(n), mostly one pass. A NaN or infinity among the samples yields NaN.
 * @see ISO 13373-2:2016, 4.2
 * @example timeFeatures([1, -1, 1, -1]) // rms 1, peak 1, crest 1, kurtosis 1, skewness 0
 */
export function timeFeatures(samples: Samples | readonly number[], out: TimeFeatures = emptyFeatures()): TimeFeatures {
  const n = samples.length;
  let sums = sumPowers(samples, roughMean(samples));
  // Moments about a point far from the mean would cancel; that takes a mean that a few samples cannot tell.
  if (sums.first * sums.first > n * sums.second * MAX_MEAN_SHARE) {
    sums = sumPowers(samples, sums.about + sums.first / n);
  }
  const { low, high } = sums;
  const shift = sums.first / n;
  const mean = sums.about + shift;
  const second = sums.second / n;
  const third = sums.third / n;
  const m2 = Math.max(0, second - shift * shift);
  const m3 = third - 3 * shift * second + 2 * shift ** 3;
  const m4 = sums.fourth / n - 4 * shift * third + 6 * shift * shift * second - 3 * shift ** 4;
  const rms = Math.sqrt(m2);
  // Rounding leaves a residue of about 1e-16 of the mean on a flat line; that is no signal.
  const flat = high === low || rms <= 1e-12 * Math.abs(mean);
  out.mean = mean;
  out.rms = high === low ? 0 : rms;
  out.peak = Math.max(high - mean, mean - low);
  out.peakToPeak = high - low;
  out.crest = flat ? 0 : out.peak / rms;
  out.kurtosis = flat ? 0 : m4 / (m2 * m2);
  out.skewness = flat ? 0 : m3 / (m2 * rms);
  return out;
}

/** Storage for `timeFeatures`. */
export function emptyFeatures(): TimeFeatures {
  return { mean: 0, rms: 0, peak: 0, peakToPeak: 0, crest: 0, kurtosis: 0, skewness: 0 };
}

/** Share of the mean square about the rough mean that the true mean may contribute: a tenth costs one digit at most. */
const MAX_MEAN_SHARE = 0.1;

interface PowerSums {
  readonly about: number;
  readonly low: number;
  readonly high: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly fourth: number;
}

/** Σ(x − about)^k for k = 1…4, and the extremes. */
function sumPowers(samples: Samples | readonly number[], about: number): PowerSums {
  const n = samples.length;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  // Two of each side by side: one sum alone waits for its own last addition.
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let oddFirst = 0;
  let oddSecond = 0;
  let oddThird = 0;
  let oddFourth = 0;
  const pairs = n - (n % 2);
  for (let i = 0; i < pairs; i += 2) {
    const x = samples[i]!;
    const y = samples[i + 1]!;
    if (x < low) low = x;
    if (x > high) high = x;
    if (y < low) low = y;
    if (y > high) high = y;
    const d = x - about;
    const e = y - about;
    const d2 = d * d;
    const e2 = e * e;
    first += d;
    oddFirst += e;
    second += d2;
    oddSecond += e2;
    third += d2 * d;
    oddThird += e2 * e;
    fourth += d2 * d2;
    oddFourth += e2 * e2;
  }
  if (n > pairs) {
    const tail = samples[pairs]!;
    low = Math.min(low, tail);
    high = Math.max(high, tail);
    const d = tail - about;
    first += d;
    second += d ** 2;
    third += d ** 3;
    fourth += d ** 4;
  }
  return {
    about,
    low,
    high,
    first: first + oddFirst,
    second: second + oddSecond,
    third: third + oddThird,
    fourth: fourth + oddFourth,
  };
}

const ROUGH_SAMPLES = 64;

/** Mean of some samples spread over the waveform. */
function roughMean(samples: Samples | readonly number[]): number {
  const stride = Math.max(1, Math.floor(samples.length / ROUGH_SAMPLES));
  let sum = 0;
  let count = 0;
  for (let i = 0; i < samples.length; i += stride, count++) sum += samples[i]!;
  return sum / count;
}
