import { fastEngine } from '../../dsp/engines.ts';
import { fastSize } from '../../dsp/fastSize.ts';
import type { FftEngine, FftPlan, Samples } from '../../dsp/fftPlan.ts';

/** How the bins of a band are weighted before the envelope is taken. */
export type Weighting = 'plain' | 'whitened' | 'levelled';

export interface Band {
  readonly lowHz: number;
  readonly highHz: number;
  readonly weighting: Weighting;
}

/** Bins on either side over which power is pooled to find the level about a bin. */
const LEVEL_REACH = 36;
const MAX_SAMPLES = 2 ** 17;
const KEPT_PLANS = 24;
const SHORTEST = 64;

/** Squared-envelope power of bands of one waveform; made for one waveform, valid until the next one is made. */
export interface BandEnvelopes {
  /** Distance of the bins, Hz; the samplingRate over the samples used. */
  readonly binHz: number;
  /**
   * @param count leading bins wanted
   * @returns power in bins 0 … count − 1 on an arbitrary scale, zero beyond the band's own width; null when the band
   *   does not lie below the highest frequency of the waveform
   */
  power(band: Band, count: number): Float64Array | null;
}

const kept = new WeakMap<FftEngine, Map<string, FftPlan>>();

function planOf(engine: FftEngine, kind: 'real' | 'complex', size: number): FftPlan {
  const plans = kept.get(engine) ?? new Map<string, FftPlan>();
  kept.set(engine, plans);
  const key = `${kind} ${size}`;
  const plan = plans.get(key) ?? engine[kind](size);
  plans.delete(key);
  plans.set(key, plan);
  if (plans.size > KEPT_PLANS) {
    const [oldest, unused] = plans.entries().next().value!;
    plans.delete(oldest);
    unused.free();
  }
  return plan;
}

/**
 * Demodulates bands: the band's bins are moved to zero frequency, which is its complex envelope at a rate of just what
 * the band needs, squared and transformed again.
 *
 * @param samples at least 64; of more than 2^17 the first 2^17 are used
 * @remarks O(n log n) once and O(m log m) for a band of m bins. Exact: no product of two bins of the band is folded.
 */
export function bandEnvelopes(
  samples: Float32Array,
  samplingRateHz: number,
  engine: FftEngine = fastEngine,
): BandEnvelopes {
  const size = fastSize(Math.min(samples.length, MAX_SAMPLES));
  const binHz = samplingRateHz / size;
  const forward = planOf(engine, 'real', size);
  let mean = 0;
  for (let i = 0; i < size; i++) mean += samples[i]! / size;
  const { time } = forward;
  for (let i = 0; i < size; i++) time[i] = samples[i]! - mean;
  forward.forward();
  // A copy: plans for the bands may move the engine's memory.
  const bins = Float64Array.from(forward.bins);

  const power = ({ lowHz, highHz, weighting }: Band, count: number): Float64Array | null => {
    const first = Math.max(1, Math.ceil(lowHz / binHz));
    const end = Math.ceil(highHz / binHz);
    if (end > size / 2 || end - first < SHORTEST / 4) return null;
    const width = end - first;
    const points = Math.max(SHORTEST, 2 ** Math.ceil(Math.log2(2 * width)));
    const gains = gainsOf(bins, first, end, weighting);
    const complex = planOf(engine, 'complex', points);
    const shifted = complex.bins;
    shifted.fill(0);
    for (let i = 0; i < width; i++) {
      shifted[2 * i] = bins[2 * (first + i)]! * gains[i]!;
      shifted[2 * i + 1] = bins[2 * (first + i) + 1]! * gains[i]!;
    }
    complex.inverse();
    const envelope = squared(complex.time, points);
    const second = planOf(engine, 'real', points);
    second.time.set(envelope);
    second.forward();
    const out = new Float64Array(count);
    for (let k = 1; k < Math.min(count, width, points / 2); k++) {
      out[k] = second.bins[2 * k]! ** 2 + second.bins[2 * k + 1]! ** 2;
    }
    return out;
  };
  return { binHz, power };
}

/** |z|² about its mean, scaled to a mean of 1 so that float32 engines neither overflow nor round it away. */
function squared(z: Samples, points: number): Float64Array {
  const envelope = new Float64Array(points);
  let mean = 0;
  for (let i = 0; i < points; i++) {
    envelope[i] = z[2 * i]! ** 2 + z[2 * i + 1]! ** 2;
    mean += envelope[i]! / points;
  }
  for (let i = 0; i < points; i++) envelope[i] = mean > 0 ? envelope[i]! / mean - 1 : 0;
  return envelope;
}

function gainsOf(bins: Float64Array, first: number, end: number, weighting: Weighting): Float64Array {
  const gains = new Float64Array(end - first);
  const powerOf = (k: number) => bins[2 * k]! ** 2 + bins[2 * k + 1]! ** 2;
  const inverse = (power: number) => (power > 0 ? 1 / Math.sqrt(power) : 0);
  if (weighting !== 'levelled') {
    for (let k = first; k < end; k++) gains[k - first] = weighting === 'plain' ? 1 : inverse(powerOf(k));
    if (weighting === 'plain') scaleToUnit(gains, bins, first);
    return gains;
  }
  const last = bins.length / 2 - 1;
  let sum = 0;
  let from = Math.max(1, first - LEVEL_REACH);
  let to = from - 1;
  for (let k = first; k < end; k++) {
    while (to < Math.min(last, k + LEVEL_REACH)) sum += powerOf(++to);
    while (from < k - LEVEL_REACH) sum -= powerOf(from++);
    gains[k - first] = inverse(Math.max(0, sum) / (to - from + 1));
  }
  return gains;
}

function scaleToUnit(gains: Float64Array, bins: Float64Array, first: number): void {
  let sum = 0;
  for (let i = 0; i < gains.length; i++) sum += bins[2 * (first + i)]! ** 2 + bins[2 * (first + i) + 1]! ** 2;
  gains.fill(sum > 0 ? Math.sqrt(gains.length / sum) : 0);
}
