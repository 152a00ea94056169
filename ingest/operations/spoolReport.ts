import { hostname } from 'node:os';
import type { Clock, Database, Logger, Service } from '../../platform/index.ts';
import { loopService, reasonOf } from '../../platform/index.ts';
import type { HoldState } from '../holding.ts';
import type { Spool } from '../spool/index.ts';

const REPORT_EVERY_MS = 5_000;
/** Rates are taken over this much of the past. */
const RATE_SPAN_MS = 60_000;
/** A spool that nobody has reported for a week belonged to a machine that is gone. */
const FORGET_AFTER_MS = 7 * 86_400_000;

/** Live data, or history that waits behind them. */
export const LANES = ['live', 'history'] as const;
export type Lane = (typeof LANES)[number];

/** How one spool stands: what comes in, what goes out, and how long it lasts. */
export interface SpoolReport {
  spoolId: string;
  lane: Lane;
  host: string;
  reportedAt: Date;
  /** What the spool takes on disk and may take. */
  diskBytes: number;
  limitBytes: number;
  full: boolean;
  fullReason: string | null;
  /** Accepted and not yet in the stores. */
  waitingBytes: number;
  /** Accepted and not yet handed to analytics. */
  feedWaitingBytes: number;
  intakeBytesPerSecond: number;
  drainBytesPerSecond: number;
  /** How long the spool would take what comes in now if nothing could be stored any more; null while nothing comes in. */
  hoursIfStoreStops: number | null;
  /** How long until it is full as things stand; null while it is not filling. */
  hoursUntilFull: number | null;
  /** How long until everything is stored as things stand; null while it is held or falls behind. */
  secondsUntilDrained: number | null;
  /** Since when a store has refused what it is offered, and why. */
  heldSince: Date | null;
  heldReason: string | null;
}

interface Reading {
  atMs: number;
  taken: number;
  stored: number;
}

export interface SpoolWatchDeps {
  lane?: Lane;
  spool: Pick<Spool, 'id' | 'latestDurableOffset' | 'statistics'>;
  storing: { hold: Readonly<HoldState>; position(): number };
  feeding: { position(): number };
  clock: Clock;
}

/** Takes readings of a spool's positions now and then; what they say together is the report. */
export class SpoolWatch {
  readonly #deps: SpoolWatchDeps;
  #readings: Reading[] = [];

  constructor(deps: SpoolWatchDeps) {
    this.#deps = deps;
  }

  /** Notes where the spool stands; called at an even pace. */
  observe(): void {
    const { spool, storing, clock } = this.#deps;
    const atMs = clock.nowMs();
    if (storing.position() < 0) return; // not yet looked at, or a commit in doubt
    this.#readings = this.#readings.filter((reading) => reading.atMs >= atMs - RATE_SPAN_MS);
    this.#readings.push({ atMs, taken: spool.latestDurableOffset(), stored: storing.position() });
  }

  report(): SpoolReport {
    const { spool, storing, feeding, clock } = this.#deps;
    const { diskBytes, limitBytes, state, fullReason } = spool.statistics();
    const latest = this.#readings.at(-1);
    const taken = spool.latestDurableOffset();
    const waitingBytes = latest ? taken - latest.stored : 0;
    const intake = this.#rate('taken');
    const drain = this.#rate('stored');
    const roomBytes = Math.max(0, limitBytes - diskBytes);
    const { sinceMs, reason } = storing.hold;
    return {
      spoolId: spool.id,
      lane: this.#deps.lane ?? 'live',
      host: hostname(),
      reportedAt: new Date(clock.nowMs()),
      ...{ diskBytes, limitBytes, fullReason },
      full: state === 'full',
      waitingBytes,
      feedWaitingBytes: feeding.position() < 0 ? 0 : taken - feeding.position(),
      intakeBytesPerSecond: intake,
      drainBytesPerSecond: drain,
      hoursIfStoreStops: intake > 0 ? roomBytes / intake / 3600 : null,
      hoursUntilFull: intake > drain && waitingBytes > 0 ? roomBytes / (intake - drain) / 3600 : null,
      secondsUntilDrained: waitingBytes === 0 ? 0 : drain > intake ? waitingBytes / (drain - intake) : null,
      heldSince: sinceMs === null ? null : new Date(sinceMs),
      heldReason: sinceMs === null ? null : reason,
    };
  }

  #rate(what: 'taken' | 'stored'): number {
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return 0;
    return Math.max(0, ((last[what] - first[what]) * 1000) / (last.atMs - first.atMs));
  }
}

/** Reports a spool to the database, where a process without it reads how it stands. */
export function createSpoolReporter(deps: { watch: SpoolWatch; db: Database; clock: Clock; log: Logger }): Service {
  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      deps.watch.observe();
      const { spoolId, reportedAt, ...state } = deps.watch.report();
      await deps.db
        .as('shipper', (tx) =>
          tx.query(
            `insert into ingest_spool_state (spool_id, reported_at, state) values ($1, $2, $3)
             on conflict (spool_id) do update set reported_at = excluded.reported_at, state = excluded.state`,
            [spoolId, reportedAt, JSON.stringify(state)],
          ),
        )
        .catch((error: unknown) => deps.log.debug({ reason: reasonOf(error) }, 'the spool was not reported'));
      await deps.clock.sleep(REPORT_EVERY_MS, signal);
    }
  };
  return loopService(run);
}

/** Every spool of the installation that has been reported lately, the newest report first. */
export async function readSpoolReports(db: Database, clock: Clock): Promise<SpoolReport[]> {
  const { rows } = await db.as('shipper', (tx) =>
    tx.query<{ spool_id: string; reported_at: Date; state: Omit<SpoolReport, 'spoolId' | 'reportedAt'> }>(
      'select spool_id, reported_at, state from ingest_spool_state where reported_at > $1 order by reported_at desc, spool_id',
      [new Date(clock.nowMs() - FORGET_AFTER_MS)],
    ),
  );
  return rows.map(({ spool_id, reported_at, state }) => ({
    ...state,
    spoolId: spool_id,
    reportedAt: reported_at,
    heldSince: state.heldSince === null ? null : new Date(state.heldSince),
  }));
}
