import { dspErrors } from './errors.ts';
import type { Psd } from './welch.ts';

/** A stretch of the spectrum, Hz; `name` as people call it. */
export interface Band {
  readonly name: string;
  readonly lowHz: number;
  readonly highHz: number;
}

/** Ratio of an octave in the base-ten system, 10^0.3. */
const OCTAVE = 10 ** 0.3;
const REFERENCE_HZ = 1000;

/**
 * Exact octave or fractional-octave bands whose centres lie within a range.
 *
 * @param fraction bands in an octave: 1, 3, 6, 12, …
 * @param fromHz   lowest centre, above 0
 * @param toHz     highest centre
 * @returns ordered, edge to edge; named by the centre in Hz
 * @throws {FaultlineError} DSP_BAND for edges that are not ordered and above 0, DSP_LENGTH for a fraction below 1
 * @see IEC 61260-1:2014, 5.2–5.5 (base ten: G = 10^0.3, f = 1000·G^(x/b) for odd b, 1000·G^((2x+1)/2b) for even b)
 * @example octaveBands(1, 20, 1100).map((band) => band.name) // ['31.6', '63.1', '126', '251', '501', '1000']
 */
export function octaveBands(fraction: number, fromHz: number, toHz: number): Band[] {
  if (!Number.isInteger(fraction) || fraction < 1)
    throw dspErrors.DSP_LENGTH({ what: 'An octave', got: fraction, want: 'a whole number of bands, at least 1' });
  if (!(fromHz > 0 && fromHz <= toHz && Number.isFinite(toHz)))
    throw dspErrors.DSP_BAND({ lowHz: fromHz, highHz: toHz, lastHz: Number.POSITIVE_INFINITY });
  const shift = fraction % 2 === 0 ? 0.5 : 0;
  const stepsTo = (hz: number) => (Math.log(hz / REFERENCE_HZ) / Math.log(OCTAVE)) * fraction - shift;
  const half = OCTAVE ** (1 / (2 * fraction));
  const bands: Band[] = [];
  for (let x = Math.ceil(stepsTo(fromHz) - 1e-9); x <= Math.floor(stepsTo(toHz) + 1e-9); x++) {
    const centre = REFERENCE_HZ * OCTAVE ** ((x + shift) / fraction);
    bands.push({ name: String(Number(centre.toPrecision(3))), lowHz: centre / half, highHz: centre * half });
  }
  return bands;
}

/**
 * RMS level of each band. A bin of the density reaches half a bin to either side of its centre and counts by the share
 * that lies inside the band, so that adjoining bands lose and double nothing.
 *
 * @param psd one-sided density, unit²/Hz
 * @returns shape (bands,), the signal's unit; the part of a band above the spectrum's end counts as silent
 * @remarks O(bins covered), allocates the result only.
 */
export function bandLevels(psd: Psd, bands: readonly Band[]): Float64Array {
  return Float64Array.from(bands, (band) => Math.sqrt(powerBetween(psd, band.lowHz, band.highHz)));
}

function powerBetween({ density, binHz }: Psd, lowHz: number, highHz: number): number {
  const last = density.length - 1;
  const first = Math.max(0, Math.floor(lowHz / binHz + 0.5));
  let power = 0;
  for (let i = first; i <= last; i++) {
    const low = Math.max((i - 0.5) * binHz, 0);
    const high = Math.min((i + 0.5) * binHz, last * binHz);
    if (low >= highHz) break;
    // The first and last bins reach to one side only, yet stand for the power of a whole bin.
    const share = Math.max(0, Math.min(high, highHz) - Math.max(low, lowHz)) / (high - low);
    power += density[i]! * binHz * share;
  }
  return power;
}
