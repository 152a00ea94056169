import { type Clock, type Database, type Logger, loopService, type Service } from '../../platform/index.ts';
import { lockCursors, moveCursors, openCursors } from '../cursors.ts';
import type { Observations } from '../devices/index.ts';
import { Holding, type HoldState } from '../holding.ts';
import { postLedger } from '../ledger/ledger.ts';
import { quarantine } from '../quarantine/quarantine.ts';
import type { Spool } from '../spool/index.ts';
import type { Stretch, Stretches } from '../stretches.ts';
import { Wake } from '../wake.ts';
import { bookingOf } from './booking.ts';
import { type Stores, settleBlocks, settleReadings } from './settle.ts';

/** A batch's bytes in the spool: some thousand messages, or a dozen blocks. A commit costs as much as a thousand rows. */
const BATCH_BYTES = 1024 * 1024;
/** After a batch smaller than this, more is let gather: storing is in no hurry, and commits are dear. */
const SMALL_BATCH_BYTES = 64 * 1024;
const GATHER_MS = 50;

export interface ShipperDeps {
  spool: Spool;
  db: Database;
  stores: Stores;
  /** Shared by the readers of this spool. */
  stretches: Stretches;
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
  let ahead: Promise<Batch | null> = Promise.resolve(null);

  const read = (from: number) => batchFrom(deps.stretches, from, deps.batchBytes ?? BATCH_BYTES);

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
    for (const range of batch.stretches.flatMap((stretch) => stretch.lost)) {
      lost++;
      deps.log.error({ ...range, spool: spool.id }, 'a stretch of the spool is unreadable and of unknown content');
    }
    deps.observations?.note(batch.stretches);
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

/** What is stored in one transaction: stretches, one after the other. */
interface Batch {
  from: number;
  to: number;
  stretches: Stretch[];
}

async function batchFrom(stretches: Stretches, from: number, maxBytes: number): Promise<Batch | null> {
  const taken: Stretch[] = [];
  let to = from;
  while (to - from < maxBytes) {
    const stretch = await stretches.at(to);
    if (stretch === null) break;
    taken.push(stretch);
    to = stretch.to;
  }
  return taken.length === 0 ? null : { from, to, stretches: taken };
}

/** Stores one batch and moves the cursor, in one transaction. Returns where the cursor stands. */
async function storeBatch(deps: ShipperDeps, { from, to, stretches }: Batch): Promise<number> {
  const { spool, db, stores } = deps;
  return db.as('shipper', async (tx) => {
    const { store, tally } = await lockCursors(tx, spool.id, ['store', 'tally']);
    if (store !== from) return store;
    await deps.observations?.complete(tx, stretches);
    const readings = stretches.flatMap(({ units }) => units.readings());
    const blocks = stretches.flatMap(({ units }) => units.blocks.map(({ unit }) => unit));
    const booking = bookingOf(stretches, tally, {
      readings: await settleReadings(tx, stores.telemetry, readings),
      blocks: await settleBlocks(tx, stores.waveforms, blocks),
    });
    await quarantine(tx, booking.quarantined, deps.maxPayloadBytes);
    await postLedger(tx, booking.ledger);
    await moveCursors(tx, spool.id, { store: to, tally: Math.max(tally, to) });
    return to;
  });
}
