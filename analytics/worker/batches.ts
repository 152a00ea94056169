import type { FeedBatch } from '../../ingest/index.ts';

export interface SortedBatches {
  /** To be analysed, in order. */
  readonly fresh: FeedBatch[];
  /** Analysed before: a crash came between a commit and the end of the job, or the feed was written again. */
  readonly repeated: FeedBatch[];
  /** Where each spool stands once the fresh ones are done. */
  readonly positions: Map<string, number>;
}

/**
 * Tells batches that are new from those already consumed. A batch covers a stretch of its spool, and the stretches of
 * one spool come in order (the feed is written under a lock on its cursor), so one that ends at or before the consumed
 * position is a repeat.
 */
export function sortBatches(batches: readonly FeedBatch[], consumed: ReadonlyMap<string, number>): SortedBatches {
  const positions = new Map(consumed);
  const fresh: FeedBatch[] = [];
  const repeated: FeedBatch[] = [];
  for (const batch of batches) {
    if (batch.toOffset <= (positions.get(batch.spoolId) ?? 0)) {
      repeated.push(batch);
      continue;
    }
    fresh.push(batch);
    positions.set(batch.spoolId, batch.toOffset);
  }
  return { fresh, repeated, positions };
}
