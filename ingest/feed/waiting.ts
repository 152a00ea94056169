import type { Sql } from '../../platform/index.ts';

/** How many batches of the transaction's tenant wait for analytics, over all partitions. */
export async function countWaitingBatches(tx: Sql): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from ingest_feed where tenant_id = current_tenant()',
  );
  return rows[0]!.n;
}
