import { dspErrors } from './errors.ts';
import type { FftEngine, FftPlan, Samples } from './fftPlan.ts';
import type { Kernels } from './kernels.ts';
import { type WindowName, window, windowEnergy } from './windows.ts';

/** One-sided power spectral density; bin i lies at i·binHz. */
export interface Psd {
  density: Samples;
  binHz: number;
}

export interface WelchPlan {
  readonly segmentLength: number;
  readonly hop: number;
  /** Written by every call of `estimate`, shape (segmentLength/2 + 1,). */
  readonly density: Float64Array;
  /**
   * @param samples shape (n,), n >= segmentLength, any unit
   * @returns number of segments averaged; `density` then holds unit²/Hz
   */
  estimate(samples: Samples, samplingRateHz: number): number;
  /** Gives the transform's memory back. */
  free(): void;
}

/**
 * Welch's averaged, windowed periodogram with each segment's mean removed.
 *
 * @param engine        transform to use; the result carries its precision
 * @param segmentLength even, at least 2; resolution is samplingRateHz / segmentLength
 * @param overlap       shared part of neighbouring segments, 0 <= overlap < 1
 * @throws {FaultlineError} DSP_LENGTH for an odd segment, DSP_RATE for an unusable rate
 * @remarks O(n·log segmentLength); `estimate` allocates nothing. Equals `scipy.signal.welch(x, fs, window, nperseg,
 *   noverlap, detrend='constant', scaling='density')`.
 * @see P. Welch, IEEE Trans. Audio Electroacoust. 15 (1967) 70-73
 * @example welchPlan(float64Engine, 8).estimate(x, 8) // white noise of variance 1: density near 2/8 in every bin
 */
export function welchPlan(
  engine: FftEngine,
  segmentLength: number,
  overlap = 0.5,
  windowName: WindowName = 'hann',
): WelchPlan {
  if (!engine.supports('real', segmentLength)) {
    throw dspErrors.DSP_LENGTH({ what: 'A Welch segment', got: segmentLength, want: 'an even length of at least 32' });
  }
  const plan = engine.real(segmentLength);
  const weights = window(windowName, segmentLength);
  const energy = windowEnergy(weights);
  const hop = Math.max(1, Math.round(segmentLength * (1 - overlap)));
  const half = segmentLength / 2;
  const density = new Float64Array(half + 1);

  const kernels = engine.kernels?.holds(plan.time) ? engine.kernels : undefined;
  const sum =
    kernels === undefined ? inPlace(plan, weights, hop, density) : onHeap(plan, weights, hop, density, kernels);

  const estimate = (samples: Samples, samplingRateHz: number): number => {
    if (!(samplingRateHz > 0 && Number.isFinite(samplingRateHz))) throw dspErrors.DSP_RATE({ samplingRateHz });
    if (samples.length < segmentLength) {
      throw dspErrors.DSP_LENGTH({ what: 'The waveform', got: samples.length, want: `at least ${segmentLength}` });
    }
    const segments = Math.floor((samples.length - segmentLength) / hop) + 1;
    sum.ofSegments(samples, segments);
    const scale = 1 / (segments * energy * samplingRateHz);
    for (let i = 1; i < half; i++) density[i]! *= 2 * scale;
    density[0]! *= scale;
    density[half]! *= scale;
    return segments;
  };
  const free = () => {
    sum.free();
    plan.free();
  };
  return { segmentLength, hop, density, estimate, free };
}

/** Writes Σ|X|² of the windowed segments, shape (segmentLength/2 + 1,), to the density it was made with. */
interface PeriodogramSum {
  ofSegments(samples: Samples, segments: number): void;
  free(): void;
}

/** On any engine. */
function inPlace(plan: FftPlan, weights: Float64Array, hop: number, density: Float64Array): PeriodogramSum {
  const segmentLength = plan.size;
  const half = segmentLength / 2;
  const ofSegments = (samples: Samples, segments: number) => {
    density.fill(0);
    // At half overlap a segment's first half is the last one's second, and so is its sum.
    const halves = 2 * hop === segmentLength;
    let firstHalf = halves ? sumOf(samples, 0, hop) : 0;
    for (let segment = 0, start = 0; segment < segments; segment++, start += hop) {
      const rest = sumOf(samples, halves ? start + hop : start, start + segmentLength);
      addPeriodogram(samples, start, (firstHalf + rest) / segmentLength);
      if (halves) firstHalf = rest;
    }
  };
  const addPeriodogram = (samples: Samples, start: number, mean: number) => {
    const time = plan.time;
    for (let i = 0; i < segmentLength; i++) time[i] = (samples[start + i]! - mean) * weights[i]!;
    plan.forward();
    const bins = plan.bins;
    density[0]! += bins[0]! * bins[0]!;
    density[half]! += bins[1]! * bins[1]!;
    for (let i = 1; i < half; i++) {
      const re = bins[2 * i]!;
      const im = bins[2 * i + 1]!;
      density[i]! += re * re + im * im;
    }
  };
  return { ofSegments, free: () => {} };
}

/** On an engine that has kernels for its memory. */
function onHeap(
  plan: FftPlan,
  weights: Float64Array,
  hop: number,
  density: Float64Array,
  kernels: Kernels,
): PeriodogramSum {
  const segmentLength = plan.size;
  const half = segmentLength / 2;
  const window = kernels.allocate(segmentLength);
  const power = kernels.allocate(half);
  window.values.set(weights);
  const ofSegments = (samples: Samples, segments: number) => {
    power.values.fill(0);
    let [dc, nyquist] = [0, 0];
    for (let segment = 0, start = 0; segment < segments; segment++, start += hop) {
      plan.time.set(samples.subarray(start, start + segmentLength));
      kernels.window(plan.time as Float32Array, window.values);
      plan.forward();
      const bins = plan.bins as Float32Array;
      dc += bins[0]! ** 2;
      nyquist += bins[1]! ** 2;
      kernels.addPower(bins, power.values);
    }
    density.set(power.values);
    density[0] = dc;
    density[half] = nyquist;
  };
  const free = () => {
    window.free();
    power.free();
  };
  return { ofSegments, free };
}

/** Σ samples[from … to − 1]; four sums side by side, since one alone waits for its own last addition. */
function sumOf(samples: Samples, from: number, to: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = from;
  for (; i + 3 < to; i += 4) {
    a += samples[i]!;
    b += samples[i + 1]!;
    c += samples[i + 2]!;
    d += samples[i + 3]!;
  }
  for (; i < to; i++) a += samples[i]!;
  return a + b + (c + d);
}

/**
 * Root-mean-square level of a signal inside one frequency band.
 *
 * @param psd    one-sided density, shape (nBins,), unit²/Hz
 * @param lowHz  lower edge, inclusive, Hz; 0 <= lowHz < highHz
 * @param highHz upper edge, inclusive, Hz; at most the last bin's centre
 * @returns RMS in the signal's unit; 0 for a silent band
 * @throws {FaultlineError} DSP_BAND for unordered, non-finite or out-of-range edges
 * @remarks O(nBins), allocates nothing. A NaN density in the band yields NaN. A bin counts when its centre lies inside.
 * @example bandRms({ density: new Float64Array(64).fill(2), binHz: 1 }, 10, 18) // √18 ≈ 4.243
 */
export function bandRms(psd: Psd, lowHz: number, highHz: number): number {
  const lastHz = (psd.density.length - 1) * psd.binHz;
  if (!(lowHz >= 0 && lowHz < highHz && highHz <= lastHz * (1 + 1e-9))) {
    throw dspErrors.DSP_BAND({ lowHz, highHz, lastHz });
  }
  const first = Math.ceil(lowHz / psd.binHz - 1e-9);
  const last = Math.min(psd.density.length - 1, Math.floor(highHz / psd.binHz + 1e-9));
  let power = 0;
  for (let i = first; i <= last; i++) power += psd.density[i]!;
  return Math.sqrt(power * psd.binHz);
}
