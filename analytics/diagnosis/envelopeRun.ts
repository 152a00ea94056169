import { TRACE_MEAN } from '../dsp/envelopeTrace.ts';
import { combReach } from './bearing.ts';
import type { Hearing } from './runVerdict.ts';
import type { BlockAnalysis, DiagnosisFacts, EnvelopeTrace } from './types.ts';

/** The envelope of blocks that follow one another: one waveform, whose lines sharpen as it grows. */
export interface EnvelopeRun {
  readonly rateHz: number;
  /** Device time at which the newest block ended, ms. */
  readonly endMs: number;
  /** Time that `packed` stands for. Differs from its length by what rounding owes. */
  readonly seconds: number;
  readonly blocks: number;
  readonly packed: Uint8Array;
  /** What a full run last said, see `noteRun`. */
  readonly heard?: Hearing | undefined;
}

/** Samples that a run remembers: about eleven seconds of a motor. The oldest give way. */
export const RUN_CAPACITY = 16_384;
/** Clocks of devices are read to the millisecond, and drift. */
const TOLERANCE_MS = 2;
/** Samples per highest line searched. Below 2 it would alias, and what lies between is folded only weakly. */
const OVERSAMPLING = 2.4;
/** Without a speed, harmonics are sought up to here. */
export const SPAN_HZ = 600;
/** A trace has at most a quarter of the waveform's samples. */
const DECIMATION = 4;

/** An empty trace as long as a block needs; null where no bearing is known to look for. */
export function newTrace(
  size: number,
  samplingRateHz: number,
  shaftHz: number | null,
  facts: DiagnosisFacts,
): EnvelopeTrace | null {
  if (facts.bearingOrders === undefined) return null;
  const leastHz = OVERSAMPLING * (shaftHz === null ? SPAN_HZ : combReach(facts.bearingOrders) * shaftHz);
  let each = DECIMATION;
  while (samplingRateHz / (2 * each) >= leastHz && size % (2 * each) === 0) each *= 2;
  return { rateHz: samplingRateHz / each, packed: new Uint8Array(size / each) };
}

/**
 * Appends a block to the run that it continues, or begins another.
 * @returns null where the block has no trace
 * @remarks O(capacity). What a transform size leaves over of a block is filled with the mean, so that time stays true.
 */
export function extendRun(run: EnvelopeRun | null, analysis: BlockAnalysis): EnvelopeRun | null {
  const { trace, startNs, sampleCount, samplingRateHz } = analysis;
  if (trace === null || startNs === null) return null;
  const startMs = Number(startNs) / 1e6;
  const blockSeconds = sampleCount / samplingRateHz;
  const continues = run !== null && run.rateHz === trace.rateHz && Math.abs(startMs - run.endMs) <= TOLERANCE_MS;
  const past = continues ? run.packed : NOTHING;
  const seconds = (continues ? run.seconds : 0) + blockSeconds;
  const count = Math.max(past.length + trace.packed.length, Math.round(seconds * trace.rateHz));
  const grown = new Uint8Array(count).fill(TRACE_MEAN, past.length);
  grown.set(past);
  grown.set(trace.packed, past.length);
  const dropped = Math.max(0, count - RUN_CAPACITY);
  return {
    rateHz: trace.rateHz,
    endMs: startMs + 1000 * blockSeconds,
    seconds: seconds - dropped / trace.rateHz,
    blocks: (continues ? run.blocks : 0) + 1,
    packed: dropped > 0 ? grown.slice(dropped) : grown,
    heard: continues ? run.heard : undefined,
  };
}

/** Whether each further block drops as much as it adds. */
export function isFull({ packed }: EnvelopeRun): boolean {
  return packed.length === RUN_CAPACITY;
}

const NOTHING = new Uint8Array(0);
