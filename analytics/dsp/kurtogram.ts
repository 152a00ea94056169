import type { Band } from './bands.ts';
import { dspErrors } from './errors.ts';
import { smoothBelow } from './fastSize.ts';
import type { FftEngine, Samples } from './fftPlan.ts';

/** Kurtosis of one band's complex envelope: 0 for Gaussian noise, −1 for a steady tone, large for repeated impacts. */
export interface BandKurtosis extends Band {
  /** Number of equal bands that the spectrum is cut into at this level. */
  readonly bandsOfLevel: number;
  readonly kurtosis: number;
}

/** Envelope samples that a band must have, or its kurtosis is chance. */
const MIN_ENVELOPE = 64;

/**
 * Fast kurtogram: spectral kurtosis of every band of a 1/2–1/3 tree, found with one forward transform and a short inverse
 * one for each band. It proposes a band for demodulation; by itself it is no evidence of a fault, since any single knock
 * has a high kurtosis too.
 *
 * @param samples        shape (n,)
 * @param samplingRateHz finite, above 0
 * @param engine         transform; the result carries its precision
 * @param levels         halvings of the spectrum: bands are at least samplingRateHz/2^(levels+1) wide
 * @returns every band of every level, widest first; a band of silence has kurtosis 0
 * @throws {FaultlineError} DSP_RATE, DSP_LENGTH
 * @remarks O(levels·n log n). Bands are cut by a rectangle in frequency. The samples left over from a length that
 *   transforms quickly (a multiple of 384·2^levels) are not used.
 * @see J. Antoni, Mech. Syst. Signal Process. 21 (2007) 108-124
 */
export function kurtogram(samples: Samples, samplingRateHz: number, engine: FftEngine, levels = 5): BandKurtosis[] {
  if (!(samplingRateHz > 0 && Number.isFinite(samplingRateHz))) throw dspErrors.DSP_RATE({ samplingRateHz });
  // Every band of every level then holds a whole number of bins that transforms can take.
  const unit = 3 * MIN_ENVELOPE * 2 ** levels;
  const n = 2 * unit * smoothBelow(samples.length / (2 * unit));
  if (n === 0)
    throw dspErrors.DSP_LENGTH({
      what: 'The waveform',
      got: samples.length,
      want: `at least ${2 * unit} for ${levels} levels`,
    });
  const forward = engine.real(n);
  const mean = meanOf(samples, n);
  const time = forward.time;
  for (let i = 0; i < n; i++) time[i] = samples[i]! - mean;
  forward.forward();
  const bins = Float64Array.from(forward.bins);
  forward.free();
  bins[0] = 0; // the mean
  bins[1] = 0; // and the Nyquist bin that is packed beside it
  const result: BandKurtosis[] = [];
  for (const bandsOfLevel of counts(levels)) {
    const width = n / 2 / bandsOfLevel;
    const inverse = engine.complex(width);
    for (let band = 0; band < bandsOfLevel; band++) {
      inverse.bins.set(bins.subarray(2 * band * width, 2 * (band + 1) * width));
      inverse.inverse();
      const lowHz = (band * samplingRateHz) / 2 / bandsOfLevel;
      const highHz = ((band + 1) * samplingRateHz) / 2 / bandsOfLevel;
      const name = `${Math.round(lowHz)}–${Math.round(highHz)} Hz`;
      result.push({ name, lowHz, highHz, bandsOfLevel, kurtosis: envelopeKurtosis(inverse.time, width) });
    }
    inverse.free();
  }
  return result;
}

/** The band with the highest kurtosis; among equals the widest. Null for an empty list. */
export function impulsiveBand(bands: readonly BandKurtosis[]): BandKurtosis | null {
  return bands.reduce<BandKurtosis | null>(
    (best, band) => (best === null || band.kurtosis > best.kurtosis ? band : best),
    null,
  );
}

/** 1, 2, 3, 4, 6, 8, 12, …: halves, and thirds between them. */
function counts(levels: number): number[] {
  const list = [1];
  for (let level = 1; level <= levels; level++) {
    list.push(2 ** level);
    if (level < levels) list.push(3 * 2 ** (level - 1));
  }
  return list;
}

function meanOf(samples: Samples, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += samples[i]!;
  return sum / n;
}

/** ⟨|c|⁴⟩/⟨|c|²⟩² − 2 of an interleaved complex envelope. */
function envelopeKurtosis(envelope: Samples, count: number): number {
  let second = 0;
  let fourth = 0;
  for (let i = 0; i < 2 * count; i += 2) {
    const power = envelope[i]! ** 2 + envelope[i + 1]! ** 2;
    second += power;
    fourth += power * power;
  }
  return second > 0 ? (fourth * count) / (second * second) - 2 : 0;
}
