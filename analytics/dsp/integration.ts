import { dspErrors } from './errors.ts';
import type { Samples } from './fftPlan.ts';
import { signalOf, spectrumOf } from './spectrum64.ts';

/**
 * Integrates a vibration waveform once (acceleration → velocity) or twice (→ displacement) by division by jω inside a
 * band; what lies outside is removed, so that drift and noise near 0 Hz are not blown up.
 *
 * @param samples        shape (n,), any length; acceleration in m/s² gives m/s and m
 * @param samplingRateHz finite, above 0
 * @param times          1 or 2
 * @param lowHz          lower edge, inclusive, above 0: ISO 20816-1 judges from 10 Hz
 * @param highHz         upper edge, inclusive, at most half the rate
 * @returns shape (n,), the unit times s or s²
 * @throws {FaultlineError} DSP_RATE, DSP_BAND
 * @remarks O(n log n), float64, allocates. The waveform is taken as periodic: a line that does not close within n samples
 *   leaks at the ends.
 * @example integrate(cos ωt, rate, 1) // sin(ωt)/ω over whole periods
 */
export function integrate(
  samples: Samples,
  samplingRateHz: number,
  times: 1 | 2,
  lowHz: number,
  highHz: number,
): Float64Array {
  if (!(samplingRateHz > 0 && Number.isFinite(samplingRateHz))) throw dspErrors.DSP_RATE({ samplingRateHz });
  const lastHz = samplingRateHz / 2;
  if (!(lowHz > 0 && lowHz < highHz && highHz <= lastHz)) throw dspErrors.DSP_BAND({ lowHz, highHz, lastHz });
  const n = samples.length;
  const spectrum = spectrumOf(samples);
  for (let k = 0; k < n; k++) {
    const hz = (Math.min(k, n - k) * samplingRateHz) / n;
    const re = spectrum[2 * k]!;
    const im = spectrum[2 * k + 1]!;
    // At the Nyquist bin of an even length both signs of ω meet and the odd power cancels.
    if (hz < lowHz || hz > highHz || (2 * k === n && times === 1)) {
      spectrum[2 * k] = 0;
      spectrum[2 * k + 1] = 0;
      continue;
    }
    const omega = 2 * Math.PI * hz * (2 * k > n ? -1 : 1);
    // 1/(jω) turns (re, im) to (im, −re)/ω; 1/(jω)² is −1/ω².
    spectrum[2 * k] = times === 1 ? im / omega : -re / omega ** 2;
    spectrum[2 * k + 1] = times === 1 ? -re / omega : -im / omega ** 2;
  }
  return signalOf(spectrum);
}
