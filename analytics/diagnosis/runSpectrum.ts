import { fastEngine } from '../dsp/engines.ts';
import { TRACE_POWERS } from '../dsp/envelopeTrace.ts';
import type { FftPlan } from '../dsp/fftPlan.ts';
import { type FloorPlan, floorPlan } from '../dsp/noiseFloor.ts';
import { type EnvelopeRun, RUN_CAPACITY } from './envelopeRun.ts';
import { type OrderSpectrum, slidingMax } from './orderSpectrum.ts';

/** Power of a run's envelope over its noise floor. */
export interface RunSpectrum {
  readonly binHz: number;
  /** Width of a line, Hz. */
  readonly lineHz: number;
  readonly power: Float32Array;
}

let window = new Float64Array(0);

/** A full run keeps its length, so the window is made once. */
function hann(length: number): Float64Array {
  if (window.length !== length) {
    window = Float64Array.from({ length }, (_, i) => 1 - Math.cos((2 * Math.PI * (i + 0.5)) / length));
  }
  return window;
}

let workspace: { readonly plan: FftPlan; readonly floor: FloorPlan } | undefined;

/**
 * Spectrum of the whole run at once. Lines grow with its length and noise does not, so that eight blocks show what is
 * eight times weaker than one block's noise; averaging eight spectra would gain a third of that.
 *
 * @param spanHz  highest frequency wanted
 * @param floorHz width over which the floor is level
 * @remarks O(n log n) for n = RUN_CAPACITY. Hann window: the leakage of strong shaft lines would bury what lies between
 *   them. A shorter run is followed by silence, which interpolates.
 */
export function runSpectrum(run: EnvelopeRun, spanHz: number, floorHz: number): RunSpectrum {
  workspace ??= { plan: fastEngine.real(RUN_CAPACITY), floor: floorPlan(4096) };
  const { plan, floor } = workspace;
  const { packed, rateHz } = run;
  const { time } = plan;
  let mean = 0;
  for (let i = 0; i < packed.length; i++) mean += TRACE_POWERS[packed[i]!]!;
  mean /= packed.length;
  const window = hann(packed.length);
  for (let i = 0; i < packed.length; i++) time[i] = (TRACE_POWERS[packed[i]!]! - mean) * window[i]!;
  time.fill(0, packed.length);
  plan.forward();
  const { bins } = plan;
  const binHz = rateHz / RUN_CAPACITY;
  const count = Math.min(RUN_CAPACITY / 2, Math.ceil(spanHz / binHz) + 2);
  const power = new Float64Array(count);
  const overFloor = new Float32Array(count);
  for (let k = 1; k < count; k++) power[k] = bins[2 * k]! * bins[2 * k]! + bins[2 * k + 1]! * bins[2 * k + 1]!;
  floor.normalise(power, count, Math.round(floorHz / binHz), overFloor);
  return { binHz, lineHz: (2 * rateHz) / packed.length, power: overFloor };
}

/** ln of 1 + (i + ½)/256, and of the powers of two a float can have: together a logarithm to 0.2 %. */
const MANTISSA = Float64Array.from({ length: 256 }, (_, i) => Math.log1p((i + 0.5) / 256));
const EXPONENT = Float64Array.from({ length: 256 }, (_, e) => (e - 127) * Math.LN2);
/** Below this a bin is a gap between noise and says no more. */
const LEAST_POWER = 0.05;
/** Distance from a shaft order, in line widths, within which nothing can be told apart from it. */
const SHAFT_EXCLUSION = 1.2;

/**
 * The spectrum on orders, ready for the search of combs; what lies on a shaft order is put down to the floor.
 *
 * @param unit  Hz of one order
 * @param shaft orders from one shaft line to the next, Infinity where no speed is known
 * @remarks O(bins). Logarithms by table: there are six thousand a block.
 */
export function runLines({ power, binHz, lineHz }: RunSpectrum, unit: number, shaft: number): OrderSpectrum {
  const count = power.length;
  const kept = Float32Array.from(power);
  const step = binHz / unit;
  const reach = (SHAFT_EXCLUSION * lineHz) / unit;
  for (let order = shaft; order - reach < count * step; order += shaft) {
    kept.fill(1, Math.ceil((order - reach) / step), Math.floor((order + reach) / step) + 1);
  }
  const half = Math.max(1, Math.round(lineHz / binHz / 2));
  const log = logarithms(kept);
  return { step, resolution: lineHz / unit, log, logPeak: slidingMax(log, half) };
}

/** ln of each value, at least `LEAST_POWER`, in place. */
function logarithms(values: Float32Array): Float32Array {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! > LEAST_POWER)) values[i] = LEAST_POWER;
    const word = bits[i]!;
    values[i] = EXPONENT[word >> 23]! + MANTISSA[(word >> 15) & 255]!;
  }
  return values;
}
