import type { TimeFeatures } from '../dsp/timeFeatures.ts';
import type { DiagnosisFacts, Quality, QualityFlag, WaveformBlock } from './types.ts';

/** Below this no order of a common machine can be resolved. */
const MIN_SAMPLES = 1024;
/** Outside, no accelerometer chain: 200 Hz cannot carry 10–1000 Hz at all, 5 MHz is acoustic emission. */
const PLAUSIBLE_RATE_HZ = { min: 200, max: 5_000_000 } as const;
const MAX_RPM = 300_000;
/** Share of the samples on a rail from which the waveform counts as clipped. */
const CLIPPED_SHARE = 0.001;
const MIN_CLIPPED = 8;
/** As long as this no living signal keeps one value; stretches that make up this share of a block are missing. */
const DROPOUT = { run: 64, share: 0.01 } as const;
/** A machine below this share of its rated speed, or below this speed, is being turned by hand or coasting. */
const STOPPED = { shareOfRated: 0.05, rpm: 6 } as const;
/** Quieter than any running machine above 15 kW, and near the noise of a MEMS sensor. */
const SILENT_RMS = { g: 0.0003, 'm/s2': 0.003, 'mm/s': 0.01 } as const;

/** What can be said of a block before any transform. O(n) only where a value is not finite or a rail is suspected. */
export function judgeQuality(block: WaveformBlock, facts: DiagnosisFacts, time: TimeFeatures): Quality {
  const flags: QualityFlag[] = [];
  const { samples, samplingRateHz: rate } = block;
  if (samples.length < MIN_SAMPLES) flags.push('too-short');
  if (!(rate >= PLAUSIBLE_RATE_HZ.min && rate <= PLAUSIBLE_RATE_HZ.max)) flags.push('implausible-sampling-rate');
  const nonFiniteCount = Number.isFinite(time.rms) ? 0 : countNonFinite(samples);
  if (nonFiniteCount > 0 || !Number.isFinite(time.rms)) flags.push('non-finite');
  else if (samples.length > 0 && time.peakToPeak === 0) flags.push('flat-line');
  const unusable = flags.length > 0;

  const clipped = unusable ? 0 : countAtRails(samples);
  const clippedShare = clipped / Math.max(1, samples.length);
  if (clipped >= MIN_CLIPPED && clippedShare >= CLIPPED_SHARE) flags.push('clipping');
  if (!unusable && isDroppedOut(samples)) flags.push('dropout');

  const speed = block.speedRpm;
  const rated = facts.ratedRpm;
  const implausible = speed !== undefined && !(speed >= 0 && speed <= (rated === undefined ? MAX_RPM : 2 * rated));
  if (implausible) flags.push('implausible-speed');
  const still =
    speed !== undefined && !implausible && speed < Math.max(STOPPED.rpm, STOPPED.shareOfRated * (rated ?? 0));
  const silent = !unusable && time.rms < SILENT_RMS[block.unit];
  const stopped = still || (silent && speed === undefined) || (flags.includes('flat-line') && speed === 0);
  if (stopped) flags.push('stopped');
  return { flags, usable: !unusable && !stopped, stopped, clippedShare, nonFiniteCount };
}

/** The measured speed if it can be believed, else null. */
export function plausibleSpeed(block: WaveformBlock, quality: Quality): number | null {
  if (block.speedRpm === undefined || quality.flags.includes('implausible-speed') || quality.stopped) return null;
  return block.speedRpm;
}

function countNonFinite(samples: Float32Array): number {
  let count = 0;
  for (const x of samples) if (!Number.isFinite(x)) count++;
  return count;
}

/**
 * Samples that repeat an extreme exactly, after a neighbour that does too: a converter holds its rail, a signal only
 * touches its peak. Neighbours of equal value are rare in real data, so every other
 * pair is looked at first.
 */
function countAtRails(samples: Float32Array): number {
  let repeats = 0;
  // Compared as integers, which takes half the time; +0 beside −0 is no rail.
  const bits = new Int32Array(samples.buffer, samples.byteOffset, samples.length);
  for (let i = 1; i < bits.length; i += 2) if (bits[i] === bits[i - 1]) repeats++;
  if (repeats < MIN_CLIPPED / 2) return 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  let count = 0;
  for (let i = 1; i < samples.length; i++) {
    const x = samples[i]!;
    if (x === samples[i - 1] && (x === min || x === max)) count++;
  }
  return count;
}

/** Whether stretches of the block hold one value: samples that were lost on the way and filled in. */
function isDroppedOut(samples: Float32Array): boolean {
  let missing = 0;
  // A run is at least as long as the stride between the places looked at, so none is overlooked.
  for (let i = DROPOUT.run - 1; i < samples.length; i += DROPOUT.run) {
    const value = samples[i]!;
    if (samples[i - 1] !== value && samples[i + 1] !== value) continue;
    let from = i;
    while (from > 0 && samples[from - 1] === value) from--;
    let to = i + 1;
    while (to < samples.length && samples[to] === value) to++;
    if (to - from >= DROPOUT.run) missing += to - from;
    i = Math.max(i, to - 1);
  }
  return missing >= DROPOUT.share * samples.length;
}
