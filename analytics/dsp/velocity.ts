import { dspErrors } from './errors.ts';
import type { FftEngine, Samples } from './fftPlan.ts';

/** Standard gravity, m/s² (CGPM 1901, exact). */
export const STANDARD_GRAVITY = 9.80665;

/** ISO 20816-1:2016, 4.3: broad-band velocity is judged between 10 and 1000 Hz. */
export const VELOCITY_BAND_HZ = { low: 10, high: 1000 } as const;

/** Σ of the squared Hann weights over n, the share of power the window leaves. */
const HANN_POWER = 0.375;

/**
 * Velocity RMS inside a band from the transform of an acceleration (or velocity) waveform: each bin is divided by jω.
 *
 * @param bins      packed real transform of n mean-free samples (see `FftPlan`), unscaled
 * @param binHz     samplingRateHz / n
 * @param toMmS2    factor from the samples' unit to mm/s² (9806.65 for g), or to mm/s when `integrate` is false
 * @param integrate false when the samples are velocity already
 * @returns mm/s RMS of lowHz <= f <= highHz (the edges clipped to the bins that exist)
 * @remarks O(bins in the band), allocates nothing. A Hann window is applied as a convolution of neighbouring bins, so
 *   that what leaks from below 10 Hz is not blown up by 1/ω.
 * @example 1 g RMS at 100 Hz gives 9806.65 / (2π·100) = 15.61 mm/s
 */
export function velocityRmsOfBins(
  bins: Samples,
  binHz: number,
  toMmS2: number,
  integrate = true,
  lowHz: number = VELOCITY_BAND_HZ.low,
  highHz: number = VELOCITY_BAND_HZ.high,
): number {
  const half = bins.length / 2;
  const first = Math.max(2, Math.ceil(lowHz / binHz - 1e-9));
  const last = Math.min(half - 2, Math.floor(highHz / binHz + 1e-9));
  let sum = 0;
  for (let k = first; k <= last; k++) {
    const power = hannPower(bins, k);
    sum += integrate ? power / (k * k) : power;
  }
  const omegaStep = integrate ? 2 * Math.PI * binHz : 1;
  return (toMmS2 * Math.sqrt((2 * sum) / HANN_POWER)) / (omegaStep * bins.length);
}

/** |X windowed by Hann|² at bin k, 2 <= k <= n/2 − 2, from the rectangular bins. */
export function hannPower(bins: Samples, k: number): number {
  const i = 2 * k;
  const re = 0.5 * bins[i]! - 0.25 * (bins[i - 2]! + bins[i + 2]!);
  const im = 0.5 * bins[i + 1]! - 0.25 * (bins[i - 1]! + bins[i + 3]!);
  return re * re + im * im;
}

/**
 * Velocity RMS of an acceleration waveform in 10–1000 Hz.
 *
 * @param acceleration shape (n,), n even, g
 * @returns mm/s RMS
 * @throws {FaultlineError} DSP_LENGTH for a length the engine cannot transform, DSP_RATE for an unusable rate
 * @remarks O(n log n); makes a plan, so a hot path calls `velocityRmsOfBins` with its own.
 */
export function velocityRms(engine: FftEngine, acceleration: Samples, samplingRateHz: number): number {
  if (!(samplingRateHz > 0 && Number.isFinite(samplingRateHz))) throw dspErrors.DSP_RATE({ samplingRateHz });
  const plan = engine.real(acceleration.length);
  plan.time.set(acceleration);
  plan.forward();
  const result = velocityRmsOfBins(plan.bins, samplingRateHz / plan.size, 1000 * STANDARD_GRAVITY);
  plan.free();
  return result;
}
