import type { Clock, Database, Logger, Service } from '../../platform/index.ts';
import { loopService, reasonOf } from '../../platform/index.ts';
import type { FeedTarget } from './partition.ts';

const INTERVAL_MS = 1_000;
/** A batch this old was either not nudged for or is waiting its turn; a nudge too many does no harm. */
const OVERDUE_MS = 2_000;

export interface FeedWatchDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  /** The feed's table is full at this size: the spool then holds what comes, until it is full itself. */
  limitBytes: number;
  nudge(targets: readonly FeedTarget[]): Promise<void>;
}

/** What waits for analytics. */
export interface FeedBacklog {
  batches: number;
  bytes: number;
  oldestMs: number | null;
}

export interface FeedWatch extends Service {
  readonly backlog: Readonly<FeedBacklog>;
  /** Resolves when the feed's table has room. */
  room(signal: AbortSignal): Promise<void>;
  /** Looks once: nudges for what is overdue, and measures what waits. */
  sweep(): Promise<void>;
}

/** Looks after the feed's table once a second: nudges again for what was left lying, and keeps it from growing on. */
export function createFeedWatch(deps: FeedWatchDeps): FeedWatch {
  const { db, clock } = deps;
  const backlog: FeedBacklog = { batches: 0, bytes: 0, oldestMs: null };

  const sweep = async (): Promise<void> => {
    const overdue = await db.as('shipper', async (tx) => {
      const { rows } = await tx.query<{ batches: number; bytes: bigint; oldest: bigint | null }>(
        'select count(*)::int as batches, coalesce(sum(octet_length(body)), 0)::bigint as bytes, min(written_ms) as oldest from ingest_feed',
      );
      const { batches, bytes, oldest } = rows[0]!;
      Object.assign(backlog, { batches, bytes: Number(bytes), oldestMs: oldest === null ? null : Number(oldest) });
      if (batches === 0) return [];
      const found = await tx.query<{ tenant_id: string; partition: number }>(
        'select distinct tenant_id, partition from ingest_feed where written_ms <= $1',
        [clock.nowMs() - OVERDUE_MS],
      );
      return found.rows.map((row) => ({ tenantId: row.tenant_id, partition: row.partition }));
    });
    if (overdue.length > 0) await deps.nudge(overdue);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sweep().catch((error: unknown) => deps.log.warn({ reason: reasonOf(error) }, 'the feed was not swept'));
      if (backlog.bytes >= deps.limitBytes)
        deps.log.error(
          { ...backlog, limitBytes: deps.limitBytes },
          'analytics lags: the feed is full, the spool holds',
        );
      await clock.sleep(INTERVAL_MS, signal);
    }
  };

  return {
    backlog,
    sweep,
    room: async (signal) => {
      while (backlog.bytes >= deps.limitBytes && !signal.aborted) await clock.sleep(INTERVAL_MS, signal);
    },
    ...loopService(run),
  };
}
