import { newId, type Sql, type Tx } from '../../platform/index.ts';

/** How far each spool has been analysed, for one partition of the transaction's tenant. */
export async function readConsumed(tx: Tx, partition: number): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ spool_id: string; next_offset: bigint }>(
    'select spool_id, next_offset from analytics_consumed where tenant_id = current_tenant() and partition = $1',
    [partition],
  );
  return new Map(rows.map((row) => [row.spool_id, Number(row.next_offset)]));
}

/** Moves the positions forward, in the transaction that holds what came of the batches. */
export async function saveConsumed(
  tx: Tx,
  partition: number,
  positions: ReadonlyMap<string, number>,
  atMs: number,
): Promise<void> {
  await tx.query(
    `insert into analytics_consumed (tenant_id, partition, spool_id, next_offset, processed_at)
     select $1, $2, spool_id, next_offset, $5 from unnest($3::text[], $4::int8[]) as p (spool_id, next_offset)
     on conflict (tenant_id, partition, spool_id) do update
       set next_offset = greatest(analytics_consumed.next_offset, excluded.next_offset), processed_at = excluded.processed_at`,
    [tx.tenantId, partition, [...positions.keys()], [...positions.values()], new Date(atMs)],
  );
}

/** When anything of the tenant was last analysed; null before the first time. */
export async function lastProcessedAtMs(tx: Sql): Promise<number | null> {
  const { rows } = await tx.query<{ at: Date | null }>(
    'select max(processed_at) as at from analytics_consumed where tenant_id = current_tenant()',
  );
  return rows[0]?.at?.getTime() ?? null;
}

export interface Skipped {
  partition: number;
  spoolId: string;
  fromOffset: number;
  toOffset: number;
  pointKey: string | null;
  reason: string;
}

/** Keeps what could not be analysed, with the reason: nothing is left out silently. */
export async function saveSkipped(tx: Tx, skipped: readonly Skipped[], atMs: number): Promise<void> {
  for (const { partition, spoolId, fromOffset, toOffset, pointKey, reason } of skipped) {
    await tx.query(
      `insert into analytics_skipped (tenant_id, id, partition, spool_id, from_offset, to_offset, point_key, reason, skipped_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [tx.tenantId, newId(), partition, spoolId, fromOffset, toOffset, pointKey, reason.slice(0, 2000), new Date(atMs)],
    );
  }
}

export async function countSkipped(tx: Sql): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from analytics_skipped where tenant_id = current_tenant()',
  );
  return rows[0]!.n;
}
