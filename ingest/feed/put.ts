import type { Sql } from '../../platform/index.ts';
import type { FeedBody } from './items.ts';
import type { FeedTarget } from './partition.ts';

export interface TargetGroup extends FeedTarget {
  body: FeedBody;
}

/** A batch as it was put into the feed. */
export interface PutBatch extends FeedTarget {
  seq: bigint;
  /** Older ones of its partition waited when it was put there. */
  behind: boolean;
}

/** Rows in one statement. */
const AT_ONCE = 100;

/** Puts one durable batch for each partition into the feed, all of one stretch of a spool. */
export async function putBatches(
  tx: Sql,
  stretch: { spoolId: string; from: number; to: number },
  groups: readonly TargetGroup[],
  writtenMs: number,
): Promise<PutBatch[]> {
  const put: PutBatch[] = [];
  // Bodies go as parameters of their own: a bytea is then sent as it is, within an array as text twice its size.
  for (let start = 0; start < groups.length; start += AT_ONCE) {
    const some = groups.slice(start, start + AT_ONCE);
    const values: unknown[] = [stretch.spoolId, stretch.from, stretch.to, writtenMs];
    const rows = some.map((group) => {
      const at = values.push(group.tenantId, group.partition, group.body.items, group.body.encode());
      return `($${at - 3}::uuid, $${at - 2}::smallint, $1::text, $2::bigint, $3::bigint, $${at - 1}::integer, $4::bigint, $${at}::bytea)`;
    });
    const { rows: inserted } = await tx.query<{ tenant_id: string; partition: number; seq: bigint; behind: boolean }>(
      `insert into ingest_feed as own (tenant_id, partition, spool_id, from_offset, to_offset, items, written_ms, body)
       values ${rows.join(', ')}
       returning tenant_id, partition, seq, exists (select from ingest_feed older
         where older.tenant_id = own.tenant_id and older.partition = own.partition and older.seq < own.seq) as behind`,
      values,
    );
    for (const { tenant_id: tenantId, partition, seq, behind } of inserted)
      put.push({ tenantId, partition, seq, behind });
  }
  return put;
}

/**
 * Of batches that were put behind older ones and are committed: those that have none before them any more, so that analytics
 * has to be told. Whoever takes the last older one away looks once more after its commit, and finds what is behind it; one
 * whose taker has failed is left to the sweep.
 */
export async function overtaken(tx: Sql, behind: readonly PutBatch[]): Promise<FeedTarget[]> {
  const { rows } = await tx.query<{ tenant_id: string; partition: number }>(
    `select own.tenant_id, own.partition
     from unnest($1::uuid[], $2::int2[], $3::int8[]) as own(tenant_id, partition, seq)
     where not exists (select from ingest_feed older
       where older.tenant_id = own.tenant_id and older.partition = own.partition and older.seq < own.seq)`,
    [behind.map((put) => put.tenantId), behind.map((put) => put.partition), behind.map((put) => put.seq)],
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, partition: row.partition }));
}
