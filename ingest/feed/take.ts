import { z } from 'zod';
import { defineJob, type Tx } from '../../platform/index.ts';
import { decodeItems, type FeedItem } from './items.ts';

/**
 * A nudge: batches of this tenant and partition wait. The rows are the truth; a nudge too many finds nothing, one too
 * few is made up for by the feed's sweep. Enqueued under one id for each tenant and partition, so that one job at a time
 * works on it; `takeBatches` holds even if a queue should run two.
 */
export const analyticsPartition = defineJob(
  'analytics.partition',
  z.object({ tenantId: z.uuid(), partition: z.int().min(0) }),
);

/** A stretch of one spool's points of one partition, in the order of arrival. */
export interface FeedBatch {
  partition: number;
  /** Grows within a partition; take and complete in this order. */
  seq: bigint;
  spoolId: string;
  /** The stretch of the spool that the batch covers; the spool's other partitions have batches of their own. */
  fromOffset: number;
  toOffset: number;
  items: FeedItem[];
}

/**
 * The oldest batches of a partition of the transaction's tenant, at most `atMost`. Until the transaction ends nobody else
 * takes from the partition, so that each point's data are worked on in order, by one.
 */
export async function takeBatches(tx: Tx, partition: number, atMost: number): Promise<FeedBatch[]> {
  await lockPartition(tx, partition);
  const { rows } = await tx.query<{
    seq: bigint;
    spool_id: string;
    from_offset: bigint;
    to_offset: bigint;
    body: Buffer;
  }>(
    `select seq, spool_id, from_offset, to_offset, body from ingest_feed
     where tenant_id = current_tenant() and partition = $1 order by seq limit $2`,
    [partition, atMost],
  );
  return rows.map((row) => ({
    partition,
    seq: row.seq,
    spoolId: row.spool_id,
    fromOffset: Number(row.from_offset),
    toOffset: Number(row.to_offset),
    items: decodeItems(row.body),
  }));
}

/** Ends batches in the transaction that holds what came of them: both are committed, or the batches come again. */
export async function completeBatches(tx: Tx, batches: readonly FeedBatch[]): Promise<void> {
  for (const [partition, group] of Map.groupBy(batches, (batch) => batch.partition)) {
    await tx.query(
      'delete from ingest_feed where tenant_id = current_tenant() and partition = $1 and seq = any($2::int8[])',
      [partition, group.map((batch) => batch.seq)],
    );
  }
}

/**
 * Takes the oldest batch off the partition without reading it: for one that cannot be worked on. Whoever calls it keeps
 * the reason in the same transaction.
 */
export async function dropOldestBatch(tx: Tx, partition: number): Promise<Omit<FeedBatch, 'items'> | null> {
  await lockPartition(tx, partition);
  const { rows } = await tx.query<{ seq: bigint; spool_id: string; from_offset: bigint; to_offset: bigint }>(
    `delete from ingest_feed where tenant_id = current_tenant() and partition = $1 and seq =
       (select min(seq) from ingest_feed where tenant_id = current_tenant() and partition = $1)
     returning seq, spool_id, from_offset, to_offset`,
    [partition],
  );
  const row = rows[0];
  if (!row) return null;
  const { seq, spool_id: spoolId } = row;
  return { partition, seq, spoolId, fromOffset: Number(row.from_offset), toOffset: Number(row.to_offset) };
}

async function lockPartition(tx: Tx, partition: number): Promise<void> {
  // Two arguments: a key space of its own beside the one-argument locks of other parts.
  await tx.query("select pg_advisory_xact_lock(hashtext('faultline feed ' || $1), $2)", [tx.tenantId, partition]);
}
