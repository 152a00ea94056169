import type { Sql } from '../platform/index.ts';

/**
 * The positions kept over one spool:
 * - `store`: everything before is in the stores, or in quarantine;
 * - `tally`: everything before is counted as accepted in the ledger;
 * - `feed`: everything before has been handed to analytics.
 */
export type CursorName = 'feed' | 'store' | 'tally';

/** Makes the positions of a spool that has none yet. */
export async function openCursors(tx: Sql, spoolId: string): Promise<void> {
  await tx.query(
    `insert into ingest_cursor (spool_id, name, position)
     select $1, name, 0 from unnest(array['feed', 'store', 'tally']) as name on conflict do nothing`,
    [spoolId],
  );
}

/**
 * Reads positions and locks them until the transaction ends: whoever finds one elsewhere than it thought has been
 * overtaken, or its own commit went through although its answer was lost.
 */
export async function lockCursors<N extends CursorName>(
  tx: Sql,
  spoolId: string,
  names: readonly N[],
  waiting: 'wait' | 'nowait' = 'wait',
): Promise<Record<N, number>> {
  const { rows } = await tx.query<{ name: N; position: bigint }>(
    `select name, position from ingest_cursor where spool_id = $1 and name = any($2::text[])
     order by name for update ${waiting === 'nowait' ? 'nowait' : ''}`,
    [spoolId, names],
  );
  return Object.fromEntries(rows.map((row) => [row.name, Number(row.position)])) as Record<N, number>;
}

/** Moves positions that the transaction has locked. */
export async function moveCursors(
  tx: Sql,
  spoolId: string,
  positions: Partial<Record<CursorName, number>>,
): Promise<void> {
  await tx.query(
    `update ingest_cursor c set position = moved.position
     from unnest($2::text[], $3::int8[]) as moved(name, position) where c.spool_id = $1 and c.name = moved.name`,
    [spoolId, Object.keys(positions), Object.values(positions)],
  );
}
