import type { Clock, Database } from '../../platform/index.ts';

/** Analytics works its queue off in order: history may only wait there in such an amount that live data pass soon. */
const WAITING_BYTES = 2 * 1024 * 1024;
const LOOK_EVERY_MS = 50;

/** Resolves when little enough of a spool of history waits for analytics that a further batch may. */
export function historyRoom(db: Database, clock: Clock, spoolId: string): (signal: AbortSignal) => Promise<void> {
  const waitingBytes = async (): Promise<number> => {
    const { rows } = await db.as('shipper', (tx) =>
      tx.query<{ bytes: bigint }>(
        'select coalesce(sum(octet_length(body)), 0)::bigint as bytes from ingest_feed where spool_id = $1',
        [spoolId],
      ),
    );
    return Number(rows[0]!.bytes);
  };
  return async (signal) => {
    while (!signal.aborted && (await waitingBytes()) >= WAITING_BYTES) await clock.sleep(LOOK_EVERY_MS, signal);
  };
}
