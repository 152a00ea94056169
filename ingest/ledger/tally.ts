import type { Database } from '../../platform/index.ts';
import { lockCursors, moveCursors, openCursors } from '../cursors.ts';
import type { Spool } from '../spool/index.ts';
import { LedgerEntry, postLedger } from './ledger.ts';

const READ_BYTES = 1024 * 1024;
/** SQLSTATE of a lock that NOWAIT did not get. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Counts what lies in the spool beyond the shipper as accepted and pending, from the units that the front wrote into
 * each record's header. The position counted up to is committed with the count: a crash counts nothing twice.
 *
 * @returns false when the shipper was at it just then, which counts what it ships itself
 */
export async function tallySpool(db: Database, spool: Spool): Promise<boolean> {
  try {
    for (;;) {
      const more = await db.as('shipper', async (tx) => {
        await openCursors(tx, spool.id);
        const { tally } = await lockCursors(tx, spool.id, ['tally'], 'nowait');
        const from = Math.max(tally, spool.firstOffset());
        const { records, damaged, nextOffset } = await spool.read(from, READ_BYTES);
        if (nextOffset === from) return false;
        const ledger = new LedgerEntry();
        const headers = [...records, ...damaged.flatMap((range) => (range.header ? [range.header] : []))];
        for (const { tenantId, deviceName, units } of headers) {
          ledger.add(tenantId, deviceName, 'accepted', units).add(tenantId, deviceName, 'pending', units);
        }
        await postLedger(tx, ledger);
        await moveCursors(tx, spool.id, { tally: nextOffset });
        return true;
      });
      if (!more) return true;
    }
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}
