import type { BlockAnalysis, DiagnosisFacts, WaveformBlock } from '../diagnosis/types.ts';

/** One block to analyse, with what is known of its machine. Its samples are moved to the thread, not copied. */
export interface BlockTask {
  readonly block: WaveformBlock;
  readonly facts: DiagnosisFacts;
}

/** What came of one block: all of it, or the reason why nothing did. */
export type BlockResult =
  | { readonly analysis: BlockAnalysis; readonly shape: Float32Array | null }
  | { readonly failure: string };

export interface ThreadRequest {
  readonly id: number;
  readonly tasks: readonly BlockTask[];
}

/** `ready` is said once, when the thread has warmed up. */
export type ThreadReply = { readonly ready: true } | { readonly id: number; readonly results: readonly BlockResult[] };
