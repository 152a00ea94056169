import type { Sql } from '../platform/index.ts';

/**
 * The positions kept over one spool:
 * - `store`: everything before is in the stores, or in quarantine;
 * - `tally`: everything before is counted as accepted in the ledger;
 * - `feed`: everything before has been handed to analytics.
 */
export type CursorName = 'store' | 'tally' | 'feed';

/** Reads a position and locks it until the transaction ends: of two holders of one spool only one goes on. */
export async function lockCursor(tx: Sql, spoolId: string, name: CursorName): Promise<number> {
  await tx.query('insert into ingest_cursor (spool_id, name, position) values ($1, $2, 0) on conflict do nothing', [
    spoolId,
    name,
  ]);
  const { rows } = await tx.query<{ position: bigint }>(
    'select position from ingest_cursor where spool_id = $1 and name = $2 for update',
    [spoolId, name],
  );
  return Number(rows[0]!.position);
}

/** Reads a position without waiting for its holder. 0 when there is none yet. */
export async function readCursor(tx: Sql, spoolId: string, name: CursorName): Promise<number> {
  const { rows } = await tx.query<{ position: bigint }>(
    'select position from ingest_cursor where spool_id = $1 and name = $2',
    [spoolId, name],
  );
  return Number(rows[0]?.position ?? 0n);
}

/** Moves a position that the transaction has locked. */
export async function moveCursor(tx: Sql, spoolId: string, name: CursorName, position: number): Promise<void> {
  await tx.query('update ingest_cursor set position = $3 where spool_id = $1 and name = $2', [spoolId, name, position]);
}
