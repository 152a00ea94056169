import { type Clock, type Database, type Logger, loopService, type Service } from '../../platform/index.ts';
import type { TimePolicy } from '../arrivalTime.ts';
import { lockCursors, moveCursors, openCursors } from '../cursors.ts';
import type { DecodedOnce } from '../decodedOnce.ts';
import type { Observations } from '../devices/index.ts';
import { Holding, type HoldState } from '../holding.ts';
import { LedgerEntry, postLedger } from '../ledger/ledger.ts';
import type { FormatShelf } from '../mapping/shelf.ts';
import { type Quarantining, quarantine, quarantinings } from '../quarantine/quarantine.ts';
import type { Spool } from '../spool/index.ts';
import { readSpooled, type SpooledBatch } from '../spoolBatch.ts';
import { Wake } from '../wake.ts';
import { type Stores, settle } from './settle.ts';

/** A batch's bytes in the spool: some thousand messages, or a dozen blocks. A commit costs as much as a thousand rows. */
const BATCH_BYTES = 1024 * 1024;
/** After a batch smaller than this, more is let gather: storing is in no hurry, and commits are dear. */
const SMALL_BATCH_BYTES = 64 * 1024;
const GATHER_MS = 50;

export interface ShipperDeps {
  spool: Spool;
  db: Database;
  stores: Stores;
  policy: TimePolicy;
  formats: FormatShelf;
  /** Shared by the readers of this spool. */
  decoded: DecodedOnce;
  clock: Clock;
  log: Logger;
  /** Longer payloads are cut when quarantined. */
  maxPayloadBytes: number;
  /** Looks at what is stored; absent: nobody does. */
  observations?: Pick<Observations, 'complete' | 'note'>;
  /** Bytes of the spool stored in one transaction; default 1 MiB. */
  batchBytes?: number;
  /** Resolves when it is this shipper's turn; absent: always. */
  turn?: (signal: AbortSignal) => Promise<void>;
  /** Called with the position behind each batch after its commit. */
  onShipped(position: number): void;
}

export interface Shipper extends Service {
  readonly hold: Readonly<HoldState>;
  /** Everything before it is in the stores; -1 before the first look. */
  position(): number;
  lostRanges(): number;
}

/**
 * Carries the spool into the stores. One batch at a time: its readings, its quarantine entries, its movements in the
 * ledger and the cursor's new position are one transaction, so a crash anywhere leaves all of them or none.
 */
export function createShipper(deps: ShipperDeps): Shipper {
  const { spool, db, clock } = deps;
  const holding = new Holding('storing', clock, deps.log);
  const wake = new Wake();
  let position = -1;
  let lost = 0;
  /** The batch after the one being stored: the database works on one while this process decodes the other. */
  let ahead: Promise<SpooledBatch | null> = Promise.resolve(null);

  const read = (from: number) =>
    readSpooled(spool, from, deps.batchBytes ?? BATCH_BYTES, deps.policy, deps.decoded, deps.formats);

  const step = async (signal: AbortSignal): Promise<void> => {
    if (position < 0) {
      position = await db.as('shipper', async (tx) => {
        await openCursors(tx, spool.id);
        return (await lockCursors(tx, spool.id, ['store'])).store;
      });
    }
    const prepared = await ahead;
    ahead = Promise.resolve(null);
    const batch = prepared?.from === position ? prepared : await read(position);
    if (!batch) return wake.heard(signal);
    await deps.turn?.(signal);
    ahead = read(batch.to).catch(() => null); // read again, and failing loudly, when it is its turn
    position = await storeBatch(deps, batch);
    for (const range of batch.lost) {
      lost++;
      deps.log.error({ ...range, spool: spool.id }, 'a stretch of the spool is unreadable and of unknown content');
    }
    deps.observations?.note(batch.messages);
    deps.onShipped(position);
    holding.succeeded();
    if (batch.to - batch.from < SMALL_BATCH_BYTES) await clock.sleep(GATHER_MS, signal);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    const unsubscribe = spool.onDurable(() => wake.ring());
    while (!signal.aborted) {
      try {
        await step(signal);
      } catch (error) {
        position = -1; // a commit whose answer was lost may have moved it: look again
        await holding.failed(error, signal);
      }
    }
    unsubscribe();
  };

  return {
    hold: holding.state,
    position: () => position,
    lostRanges: () => lost,
    ...loopService(run),
  };
}

/** Stores one batch and moves the cursor, in one transaction. Returns where the cursor stands. */
async function storeBatch(deps: ShipperDeps, batch: SpooledBatch): Promise<number> {
  const { spool, db, stores } = deps;
  return db.as('shipper', async (tx) => {
    const { store, tally } = await lockCursors(tx, spool.id, ['store', 'tally']);
    if (store !== batch.from) return store;
    await deps.observations?.complete(tx, batch.messages);
    const settlements = await settle(
      tx,
      stores,
      batch.messages.map((message) => message.units),
    );
    const ledger = new LedgerEntry();
    const put: Quarantining[] = [];
    for (const [i, { message, accepted, offset }] of batch.messages.entries()) {
      const { stored, duplicate, rejections } = settlements[i]!;
      const { tenantId, deviceName } = message;
      const terms = ledger.of(tenantId, deviceName);
      // What the tally has counted already waits in `pending`; the rest is accepted here and now.
      if (offset < tally) terms.pending -= accepted;
      else terms.accepted += accepted;
      terms.stored += stored;
      terms.duplicate += duplicate;
      for (const entry of quarantinings(message, accepted, rejections)) {
        put.push(entry);
        terms.quarantined += entry.units;
      }
    }
    await quarantine(tx, put, deps.maxPayloadBytes);
    await postLedger(tx, ledger);
    await moveCursors(tx, spool.id, { store: batch.to, tally: Math.max(tally, batch.to) });
    return batch.to;
  });
}
