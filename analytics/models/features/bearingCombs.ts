import { BEARING_FAULTS, defectOrder, sidebandOrder } from '../../diagnosis/bearing.ts';
import type { BearingFault, BearingOrders } from '../../diagnosis/types.ts';
import { floorPlan } from '../../dsp/noiseFloor.ts';
import { type Band, type BandEnvelopes, bandEnvelopes } from './bandEnvelope.ts';
import type { NamedFeature } from './namedFeature.ts';

export const BEARING_COMBS = 'bearing-combs/1';

/**
 * Where impacts are listened for: five bands as they are, and the whole range with its lines flattened in two ways.
 * Absolute frequencies that every sensor from 12 kHz on has, so that a row does not depend on the sampling rate.
 */
const BANDS: readonly Band[] = [
  { lowHz: 200, highHz: 1000, weighting: 'plain' },
  { lowHz: 1000, highHz: 2000, weighting: 'plain' },
  { lowHz: 2000, highHz: 3000, weighting: 'plain' },
  { lowHz: 3000, highHz: 4000, weighting: 'plain' },
  { lowHz: 4000, highHz: 5500, weighting: 'plain' },
  { lowHz: 50, highHz: 5900, weighting: 'whitened' },
  { lowHz: 50, highHz: 5900, weighting: 'levelled' },
];
export const COMBS_MIN_RATE_HZ = 12_000;
/** Fifteen turns at least: fewer cannot tell the shaft's lines from a bearing's. */
const MIN_TURNS = 15;

const HARMONICS = 4;
/** Speed may be this wrong, and rolling elements slip. */
const SEARCH = 0.015;
const SEARCH_STEP = 0.0025;
/** Shaft orders over which the noise floor is taken to be level, and that the envelope spectrum is needed for. */
const FLOOR_ORDERS = 4;
const REACH_ORDERS = 40;
const LEAST = 1e-3;

const POOLED = ['max', 'second', 'mean'] as const;
const statisticsOf = (fault: BearingFault) =>
  ['comb', 'line 1', 'line 2', ...(fault === 'inner' || fault === 'ball' ? ['sidebands'] : [])] as const;

const UNIT = 'log10 of envelope power over its floor';
export const BEARING_COMBS_FEATURES: readonly NamedFeature[] = [
  ...BEARING_FAULTS.flatMap((fault) =>
    statisticsOf(fault).flatMap((statistic) => POOLED.map((pooled) => `${fault} ${statistic} ${pooled}`)),
  ),
  ...['shaft 1x', 'shaft 2x'].flatMap((line) => ['max', 'mean'].map((pooled) => `${line} ${pooled}`)),
].map((name) => ({ name, unit: UNIT }));

/** What the features are made of. */
export interface CombSource {
  readonly samples: Float32Array;
  readonly samplingRateHz: number;
  readonly shaftHz: number;
  readonly orders: BearingOrders;
}

const floor = floorPlan(4096);

/**
 * How strongly each bearing fault's rhythm stands in the envelope, pooled over bands: the comb of four harmonics at the
 * geometry's order, its first two lines and its sidebands, each as the greatest, the second and the mean of seven bands.
 * In orders, over the local floor and without naming a band, it is the same on another machine, at another speed, in
 * another unit and at another fault size.
 *
 * @returns one row as `BEARING_COMBS_FEATURES`; null when the waveform is too short, its rate too low, silent or not finite
 * @remarks O(n log n), about 2 ms for 8192 samples at 12 kHz. Speed may be 1 % wrong.
 */
export function bearingCombs({ samples, samplingRateHz, shaftHz, orders }: CombSource): Float32Array | null {
  const turns = (samples.length / samplingRateHz) * shaftHz;
  if (!(samplingRateHz >= COMBS_MIN_RATE_HZ && turns >= MIN_TURNS && varies(samples))) return null;
  const envelopes = bandEnvelopes(samples, samplingRateHz);
  const perBand = BANDS.flatMap((band) => {
    const spectrum = overFloor(envelopes, band, shaftHz);
    return spectrum ? [statistics(spectrum, shaftHz / envelopes.binHz, orders)] : [];
  });
  if (perBand.length < 2) return null;
  const row = new Float32Array(BEARING_COMBS_FEATURES.length);
  const shaftLines = 2;
  const count = perBand[0]!.length;
  for (let s = 0, at = 0; s < count; s++) {
    const values = perBand.map((band) => band[s]!).sort((a, b) => b - a);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    row[at++] = values[0]!;
    if (s < count - shaftLines) row[at++] = values[1]!;
    row[at++] = mean;
  }
  return row.every(Number.isFinite) ? row : null;
}

/** Whether there is a signal at all, of finite numbers. */
function varies(samples: Float32Array): boolean {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    if (!Number.isFinite(sample)) return false;
    if (sample < least) least = sample;
    if (sample > greatest) greatest = sample;
  }
  return greatest > least;
}

function overFloor(envelopes: BandEnvelopes, band: Band, shaftHz: number): Float64Array | null {
  const orderBins = shaftHz / envelopes.binHz;
  const power = envelopes.power(band, Math.ceil(REACH_ORDERS * orderBins) + 2);
  if (power) floor.normalise(power, power.length, Math.max(31, Math.round(FLOOR_ORDERS * orderBins)), power);
  return power;
}

/** The statistics of one band, in the order of `BEARING_COMBS_FEATURES`, the shaft's two lines last. */
function statistics(spectrum: Float64Array, orderBins: number, orders: BearingOrders): number[] {
  const values: number[] = [];
  for (const fault of BEARING_FAULTS) {
    const { lines, scale } = bestComb(spectrum, defectOrder(fault, orders) * orderBins);
    values.push(lines.reduce((sum, line) => sum + line, 0) / HARMONICS, lines[0]!, lines[1]!);
    const spacing = sidebandOrder(fault, orders) * orderBins;
    if (spacing > 0) values.push(sidebands(spectrum, defectOrder(fault, orders) * orderBins * scale, spacing));
  }
  values.push(lineAt(spectrum, orderBins), lineAt(spectrum, 2 * orderBins));
  return values;
}

function bestComb(spectrum: Float64Array, bin: number): { lines: number[]; scale: number } {
  let best = { lines: Array.from({ length: HARMONICS }, () => Math.log10(LEAST)), scale: 1 };
  let bestSum = Number.NEGATIVE_INFINITY;
  for (let shift = -SEARCH; shift <= SEARCH + SEARCH_STEP / 2; shift += SEARCH_STEP) {
    const lines = Array.from({ length: HARMONICS }, (_, h) => lineAt(spectrum, (h + 1) * bin * (1 + shift)));
    const sum = lines.reduce((total, line) => total + line, 0);
    if (sum > bestSum) {
      bestSum = sum;
      best = { lines, scale: 1 + shift };
    }
  }
  return best;
}

/** Mean of the four lines that stand beside the first two harmonics. */
function sidebands(spectrum: Float64Array, bin: number, spacing: number): number {
  let sum = 0;
  for (const harmonic of [1, 2]) {
    for (const side of [-1, 1]) sum += lineAt(spectrum, harmonic * bin + side * spacing);
  }
  return sum / 4;
}

/** The greatest of three bins about a place, as log10; a place beyond the spectrum counts as floor. */
function lineAt(spectrum: Float64Array, bin: number): number {
  const centre = Math.round(bin);
  if (centre + 1 >= spectrum.length || centre < 1) return 0;
  return Math.log10(Math.max(spectrum[centre - 1]!, spectrum[centre]!, spectrum[centre + 1]!, LEAST));
}
