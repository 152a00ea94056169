import { type Clock, type Database, type Logger, reasonOf, type Service } from '../../platform/index.ts';
import type { TimePolicy } from '../arrivalTime.ts';
import { createFeeder, type Feeder } from '../feed/feeder.ts';
import type { FeedTarget } from '../feed/partition.ts';
import type { FormatShelf } from '../mapping/shelf.ts';
import { createSpoolReporter, type Lane, SpoolWatch } from '../operations/spoolReport.ts';
import type { Stores } from '../ship/settle.ts';
import { createShipper, type Shipper, type ShipperDeps } from '../ship/shipper.ts';
import type { Spool } from '../spool/index.ts';
import { Stretches } from '../stretches.ts';

/** What one of a spool's readers has decoded and the other has not yet taken: some seconds of a full load. */
const DECODED_BYTES = 64 * 1024 ** 2;

/** Decoded at once and fed in one transaction: analytics' batches are small beside it, and commits are dear. */
const STRETCH_BYTES = 1024 * 1024;

export interface PipelineDeps {
  lane: Lane;
  spool: Spool;
  db: Database;
  stores: Stores;
  policy: TimePolicy;
  formats: FormatShelf;
  clock: Clock;
  log: Logger;
  maxPayloadBytes: number;
  partitions: number;
  nudge(targets: readonly FeedTarget[]): Promise<void>;
  /** Resolves when it is this lane's turn to store. */
  turn?: (signal: AbortSignal) => Promise<void>;
  observations?: ShipperDeps['observations'];
  batchBytes?: number;
  /** Resolves when the feed has room for this lane. */
  room(signal: AbortSignal): Promise<void>;
}

/** What carries one spool into the stores and to analytics, and trims it behind both. */
export interface Pipeline {
  spool: Spool;
  shipper: Shipper;
  feeder: Feeder;
  watch: SpoolWatch;
  services: readonly Service[];
}

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { lane, spool, db, clock, log } = deps;
  const stretches = new Stretches({
    ...{ spool, policy: deps.policy, formats: deps.formats, keepBytes: DECODED_BYTES },
    stretchBytes: Math.min(STRETCH_BYTES, deps.batchBytes ?? STRETCH_BYTES),
  });
  const passed = { store: 0, feed: 0 };
  const trimmed = (name: keyof typeof passed) => (position: number) => {
    passed[name] = position;
    const before = Math.min(passed.store, passed.feed);
    stretches.forget(before);
    spool
      .trim(before)
      .catch((error: unknown) => log.warn({ reason: reasonOf(error), lane }, 'the spool could not be trimmed'));
  };
  const shipper = createShipper({
    ...{ spool, db, stores: deps.stores, stretches, clock, log },
    ...(deps.turn ? { turn: deps.turn } : {}),
    ...(deps.observations ? { observations: deps.observations } : {}),
    ...(deps.batchBytes ? { batchBytes: deps.batchBytes } : {}),
    maxPayloadBytes: deps.maxPayloadBytes,
    onShipped: trimmed('store'),
  });
  const feeder = createFeeder({
    ...{ spool, db, stretches, clock, log, nudge: deps.nudge },
    partitions: deps.partitions,
    room: deps.room,
    onFed: trimmed('feed'),
  });
  const watch = new SpoolWatch({ lane, spool, storing: shipper, feeding: feeder, clock });
  const reporter = createSpoolReporter({ watch, db, clock, log });
  return { spool, shipper, feeder, watch, services: [feeder, shipper, reporter] };
}
