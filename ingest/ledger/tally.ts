import type { Database } from '../../platform/index.ts';
import { lockCursors, moveCursors, openCursors } from '../cursors.ts';
import type { RecordOrigin, Spool } from '../spool/index.ts';
import { LedgerEntry, postLedger } from './ledger.ts';

const READ_BYTES = 1024 * 1024;
/** SQLSTATE of a lock that was not got at once, or in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Counts what lies in the spool now, beyond the shipper, as accepted and pending, from the units that the front wrote into
 * each record's header. The position counted up to is committed with the count: a crash counts nothing twice.
 *
 * @param patienceMs how long to wait for a shipper that is at it just then; it counts what it ships itself, but nothing
 *   that has arrived since
 * @returns false when the shipper was at it for longer
 */
export async function tallySpool(db: Database, spool: Spool, patienceMs = 0): Promise<boolean> {
  // What arrives while it counts is for the next count: under a steady load there would be no end.
  const until = spool.latestDurableOffset();
  try {
    for (;;) {
      const more = await db.as('shipper', async (tx) => {
        await openCursors(tx, spool.id);
        if (patienceMs > 0) await tx.query(`select set_config('lock_timeout', $1, true)`, [`${patienceMs}ms`]);
        const { tally } = await lockCursors(tx, spool.id, ['tally'], patienceMs > 0 ? 'wait' : 'nowait');
        const from = Math.max(tally, spool.firstOffset());
        const { records, damaged, nextOffset } = await spool.stretch(from, READ_BYTES, false);
        if (nextOffset === from || from >= until) return false;
        const ledger = new LedgerEntry();
        const count = ({ tenantId, deviceName }: RecordOrigin, units: number): void => {
          const terms = ledger.of(tenantId, deviceName);
          terms.accepted += units;
          terms.pending += units;
        };
        for (let at = 0; at < records.length; at++) count(records.origin(at), records.units(at));
        for (const { header } of damaged) if (header) count(header, header.units);
        await postLedger(tx, ledger);
        await moveCursors(tx, spool.id, { tally: nextOffset });
        return nextOffset < until;
      });
      if (!more) return true;
    }
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}
