import type { BlockAnalysis } from '../../diagnosis/types.ts';
import type { NamedFeature } from './namedFeature.ts';

const BAND_COUNT = 24;
/** Edges of the bands as shares of the sampling rate, so that one model serves every sensor. */
const LOW_EDGE = 0.004;
const HIGH_EDGE = 0.4;
const SHARE_FLOOR = 1e-7;

/** Length of one feature row: the bands, ln(crest), ln(kurtosis). */
export const SPECTRAL_SHAPE_WIDTH = BAND_COUNT + 2;
export const SPECTRAL_SHAPE = 'spectral-shape/1';
export const SPECTRAL_SHAPE_FEATURES: readonly NamedFeature[] = [
  ...Array.from({ length: BAND_COUNT }, (_, i) => ({ name: `band${i}`, unit: 'log10 share of power' })),
  { name: 'lnCrest', unit: 'ln' },
  { name: 'lnKurtosis', unit: 'ln' },
];

const EDGES = Float64Array.from(
  { length: BAND_COUNT + 1 },
  (_, i) => LOW_EDGE * (HIGH_EDGE / LOW_EDGE) ** (i / BAND_COUNT),
);

/** What the features are made of; a `BlockAnalysis` has it all. */
export type ShapeSource = Pick<BlockAnalysis, 'samplingRateHz' | 'psd' | 'time'>;

/**
 * Spectral shape of a block, free of its level: each band's share of the power as log10, then ln(crest), ln(kurtosis).
 *
 * @returns one row of `SPECTRAL_SHAPE_WIDTH`; null for a silent or non-finite spectrum: NaN never reaches the model
 * @remarks `../training/features.py` computes the same; `../training/golden.json` holds both together.
 */
export function spectralShape({ samplingRateHz, psd, time }: ShapeSource): Float32Array | null {
  const row = new Float32Array(SPECTRAL_SHAPE_WIDTH);
  const power = bandPowers(psd.values, psd.step, samplingRateHz);
  const total = power.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < BAND_COUNT; i++) row[i] = Math.log10(Math.max(power[i]! / total, SHARE_FLOOR));
  row[BAND_COUNT] = Math.log(time.crest);
  row[BAND_COUNT + 1] = Math.log(time.kurtosis);
  return row.every(Number.isFinite) ? row : null;
}

function bandPowers(density: Float32Array, stepHz: number, samplingRateHz: number): Float64Array {
  const power = new Float64Array(BAND_COUNT);
  let bin = 0;
  let below = 0; // power up to the lower edge of `bin`
  let atEdge = 0;
  // Bins are centred on multiples of the step; the first is half as wide.
  const width = (k: number) => (k === 0 ? 0.5 * stepHz : stepHz);
  for (let edge = 0; edge <= BAND_COUNT; edge++) {
    const hz = EDGES[edge]! * samplingRateHz;
    while (bin < density.length && (bin + 0.5) * stepHz <= hz) {
      below += density[bin]! * width(bin);
      bin += 1;
    }
    const lowerHz = bin === 0 ? 0 : (bin - 0.5) * stepHz;
    const at = bin < density.length ? below + density[bin]! * (hz - lowerHz) : below;
    if (edge > 0) power[edge - 1] = at - atEdge;
    atEdge = at;
  }
  return power;
}
