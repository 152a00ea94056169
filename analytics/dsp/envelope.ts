import { packTrace } from './envelopeTrace.ts';
import type { FftEngine, FftPlan, Samples } from './fftPlan.ts';
import type { Kernels } from './kernels.ts';

/** Squared-envelope power of two whitenings of one waveform, on bins of samplingRateHz / n. */
export interface EnvelopePlan {
  readonly size: number;
  /** Bins available, 0 … binCount − 1. */
  readonly binCount: number;
  /** Power after cepstrum pre-whitening (every line at unit magnitude), shape (binCount,), arbitrary scale. */
  readonly whitened: Float64Array;
  /** Power after levelling by a smoothed spectrum (lines keep their height over it), shape (binCount,). */
  readonly levelled: Float64Array;
  /**
   * @param bins  packed transform of `size` samples, as `FftPlan.bins`
   * @param count leading bins to compute, at most binCount
   * @param trace takes the whitened envelope itself, size / 4 / trace.length of its samples averaged into each, see `packTrace`
   */
  compute(bins: Samples, count: number, trace?: Uint8Array): void;
  free(): void;
}

/** Bins whose power is pooled, and groups pooled on either side, to find the level about a bin: 72 bins in all. */
const GROUP = 8;
const REACH = 4;

/**
 * Makes the fast path from one forward transform to two squared-envelope spectra.
 *
 * @param size samples of the waveform, a multiple of 64
 * @remarks O(n log n), `compute` allocates nothing. Three economies, each exact or bounded:
 *   1. the analytic signal has no negative frequencies, so n/2 complex points carry it without aliasing; its squared
 *      magnitude folds k of n/2 products into bin k, which lifts the noise floor by a tenth at the highest bins used;
 *   2. neighbouring envelope samples are averaged before the second transform; the fold lands in the average's null, and
 *      the droop, cos²(πk/n'), is common to a line and the floor beside it;
 *   3. two real envelopes ride in one complex transform and are separated by symmetry.
 * @see R. Randall, J. Antoni, Mech. Syst. Signal Process. 25 (2011) 485-520; P. Borghesani et al., ibid. 36 (2013) 370-384
 */
export function envelopePlan(engine: FftEngine, size: number): EnvelopePlan {
  const half = size / 2;
  const quarter = size / 4;
  const analytic = engine.complex(half);
  const pair = engine.complex(quarter);
  const binCount = quarter / 2;
  const whitened = new Float64Array(binCount);
  const levelled = new Float64Array(binCount);

  const kernels = engine.kernels?.holds(analytic.time) && engine.kernels.holds(pair.time) ? engine.kernels : undefined;
  const heap = kernels === undefined ? undefined : onHeap(analytic, pair, kernels);
  const groupPower = new Float64Array(half / GROUP);
  const gains = new Float64Array(half / GROUP);

  const compute = (bins: Samples, count: number, trace?: Uint8Array) => {
    if (heap !== undefined && kernels!.holds(bins)) {
      heap.envelopes(bins);
    } else {
      whiten(bins, analytic.bins, groupPower);
      analytic.inverse();
      foldEnvelope(analytic.time, pair.time, 0);
      levellingGains(groupPower, gains);
      level(bins, analytic.bins, gains);
      analytic.inverse();
      foldEnvelope(analytic.time, pair.time, 1);
    }
    if (trace !== undefined) packTrace(pair.time, trace);
    pair.forward();
    separatePowers(pair.bins, quarter, Math.min(count, binCount), whitened, levelled);
  };
  const free = () => {
    heap?.free();
    analytic.free();
    pair.free();
  };
  return { size, binCount, whitened, levelled, compute, free };
}

/** The same two envelopes from bins that lie in the engine's memory, by its kernels. */
function onHeap(analytic: FftPlan, pair: FftPlan, kernels: Kernels) {
  const groupPower = kernels.allocate(analytic.size / GROUP);
  const gains = kernels.allocate(analytic.size / GROUP);
  const folded = [kernels.allocate(pair.size), kernels.allocate(pair.size)] as const;
  const envelopes = (bins: Float32Array) => {
    const mean = bins[0]!;
    const nyquist = bins[1]!;
    bins[0] = 0;
    bins[1] = 0;
    kernels.whiten(bins, analytic.bins as Float32Array, groupPower.values);
    analytic.inverse();
    kernels.fold(analytic.time as Float32Array, folded[0].values);
    levellingGains(groupPower.values, gains.values);
    kernels.level(bins, analytic.bins as Float32Array, gains.values);
    analytic.inverse();
    kernels.fold(analytic.time as Float32Array, folded[1].values);
    kernels.interleave(folded[0].values, folded[1].values, pair.time as Float32Array);
    bins[0] = mean;
    bins[1] = nyquist;
  };
  const free = () => {
    for (const held of [groupPower, gains, ...folded]) held.free();
  };
  return { envelopes, free };
}

/** X/|X| into `out`, and Σ|X|² of each group of bins into `groupPower`. */
function whiten(bins: Samples, out: Samples, groupPower: Float64Array): void {
  // The first pair is the mean, which may be large, and the Nyquist bin; neither belongs to an envelope.
  out[0] = 0;
  out[1] = 0;
  let i = 2;
  for (let group = 0; group < groupPower.length; group++) {
    let sum = 0;
    const end = 2 * GROUP * (group + 1);
    for (; i < end; i += 2) {
      const re = bins[i]!;
      const im = bins[i + 1]!;
      const power = re * re + im * im;
      const gain = power > 0 ? 1 / Math.sqrt(power) : 0;
      out[i] = re * gain;
      out[i + 1] = im * gain;
      sum += power;
    }
    groupPower[group] = sum;
  }
}

/**
 * Inverse root of the power about each group, so that levelled bins have unit power in the mean: resonances flatten,
 * single lines keep their height over what surrounds them. The level comes from the same unwindowed bins, because a
 * windowed estimate lacks their leakage and would blow it up in silent bands.
 */
function levellingGains(groupPower: Samples, gains: Samples): void {
  const last = groupPower.length - 1;
  for (let group = 0; group <= last; group++) {
    const from = Math.max(0, group - REACH);
    const to = Math.min(last, group + REACH);
    let sum = 0;
    for (let i = from; i <= to; i++) sum += groupPower[i]!;
    gains[group] = sum > 0 ? Math.sqrt(((to - from + 1) * GROUP) / sum) : 0;
  }
}

function level(bins: Samples, out: Samples, gains: Float64Array): void {
  let i = 0;
  for (let group = 0; group < gains.length; group++) {
    const gain = gains[group]!;
    for (const end = i + 2 * GROUP; i < end; i += 2) {
      out[i] = bins[i]! * gain;
      out[i + 1] = bins[i + 1]! * gain;
    }
  }
  out[0] = 0;
  out[1] = 0;
}

/** |z|² of each pair of neighbours, averaged, into the real (0) or imaginary (1) part of `out`. */
function foldEnvelope(z: Samples, out: Samples, part: 0 | 1): void {
  for (let i = 0, o = part; i < z.length; i += 4, o += 2) {
    const a = z[i]!;
    const b = z[i + 1]!;
    const c = z[i + 2]!;
    const d = z[i + 3]!;
    out[o] = a * a + b * b + c * c + d * d;
  }
}

/** D = A + jB with A, B transforms of real signals: A[k] = (D[k] + D*[m−k])/2, B[k] = (D[k] − D*[m−k])/2j. */
function separatePowers(d: Samples, m: number, count: number, a: Float64Array, b: Float64Array): void {
  a[0] = 0;
  b[0] = 0;
  for (let k = 1; k < count; k++) {
    const i = 2 * k;
    const j = 2 * (m - k);
    const sumRe = d[i]! + d[j]!;
    const sumIm = d[i + 1]! - d[j + 1]!;
    const differenceRe = d[i]! - d[j]!;
    const differenceIm = d[i + 1]! + d[j + 1]!;
    a[k] = (sumRe * sumRe + sumIm * sumIm) / 4;
    b[k] = (differenceRe * differenceRe + differenceIm * differenceIm) / 4;
  }
}
