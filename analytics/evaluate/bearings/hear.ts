import { readFileSync } from 'node:fs';
import {
  accumulate,
  analyseBlock,
  type BlockAnalysis,
  type Diagnosis,
  type DiagnosisFacts,
  type DiagnosisState,
  diagnose,
  emptyState,
  noteRun,
} from '../../diagnosis/index.ts';
import type { Recording } from './sidecar.ts';

/** Samples in a block, as the vibration nodes of the demo send them; a tail under a quarter is left to its block. */
const BLOCK = 16_384;

/** What the product says after the last block of a recording. */
export interface Heard {
  readonly diagnosis: Diagnosis;
  readonly facts: DiagnosisFacts;
  readonly state: DiagnosisState;
  /** The last block by itself. */
  readonly analysis: BlockAnalysis;
}

/** Reads raw little-endian float32. @throws {Error} in words for the table */
export function readSamples(path: string): Float32Array {
  const bytes = readFileSync(path);
  if (bytes.length === 0 || bytes.length % 4 !== 0) {
    throw new Error(`${bytes.length} bytes are no whole number of float32 samples`);
  }
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Feeds a recording block by block through the same calls, in the same order, as the worker does. */
export function hear(recording: Recording, samples: Float32Array): Heard {
  const { samplingRateHz, unit, speedRpm, orders } = recording;
  const facts: DiagnosisFacts = { bearingOrders: orders };
  let state = emptyState();
  let analysis: BlockAnalysis | null = null;
  for (let start = 0; start < samples.length; ) {
    const rest = samples.length - start;
    const count = rest < 1.25 * BLOCK ? rest : BLOCK;
    const startNs = BigInt(Math.round((start / samplingRateHz) * 1e9));
    const block = { samples: samples.subarray(start, start + count), samplingRateHz, unit, speedRpm, startNs };
    analysis = analyseBlock(block, facts);
    state = noteRun(accumulate(state, analysis), facts);
    start += count;
  }
  if (analysis === null) throw new Error('the recording holds no samples');
  return { diagnosis: diagnose(state, facts), facts, state, analysis };
}
