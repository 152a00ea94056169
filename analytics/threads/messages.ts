import type { BlockAnalysis, DiagnosisFacts, WaveformBlock } from '../diagnosis/types.ts';

/** One block to analyse, with what is known of its machine. Its samples are moved to the thread, not copied. */
export interface BlockTask {
  readonly block: WaveformBlock;
  readonly facts: DiagnosisFacts;
  /** Kinds of rows that models want of it. */
  readonly definitions: readonly string[];
}

/** What came of one block: all of it, with the rows that it allows by definition, or the reason why nothing did. */
export type BlockResult =
  | { readonly analysis: BlockAnalysis; readonly rows: Readonly<Record<string, Float32Array>> }
  | { readonly failure: string };

export interface ThreadRequest {
  readonly id: number;
  readonly tasks: readonly BlockTask[];
}

/** `ready` is said once, when the thread has warmed up. */
export type ThreadReply = { readonly ready: true } | { readonly id: number; readonly results: readonly BlockResult[] };
