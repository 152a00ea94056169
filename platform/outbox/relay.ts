import { z } from 'zod';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { reasonOf } from '../errors/errors.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { defineJob, type JobType } from '../jobs/jobType.ts';
import type { Logger } from '../log/log.ts';
import { loopService, type Service } from '../service.ts';
import type { AnyConsumer } from './events.ts';

/** What the relay puts on a consumer's queue. The rows are the truth; a job only says where to look. */
const deliverySchema = z.object({ tenantId: z.uuid(), eventIds: z.array(z.uuid()).min(1) });
export type DeliveryJob = z.infer<typeof deliverySchema>;

/** The queue of one consumer. */
export function deliveryJob(consumer: string): JobType<DeliveryJob> {
  return defineJob(`deliver.${consumer}`, deliverySchema);
}

export interface RelayOptions {
  db: Database;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  /** Consumers of the whole product; each row's queue is served by whichever process runs that consumer. */
  consumers: readonly AnyConsumer[];
  /** How often to look although nobody nudged: rows of killed processes, timers, lost queues. */
  pollMs?: number;
  /** After how long a handed-over row that is still open is handed over again. */
  leaseMs?: number;
}

const CLAIM_ROWS = 1000;
const DAY_MS = 24 * 3_600_000;
const KEEP_DONE_MS = 7 * DAY_MS;
/** As long as somebody may yet mend the cause and retry. */
const KEEP_DEAD_MS = 90 * DAY_MS;

interface ClaimedRow {
  tenant_id: string;
  consumer: string;
  event_id: string;
}

/**
 * Moves due delivery rows onto the consumers' queues. Rows are claimed with SKIP LOCKED by their own state, not by a
 * remembered position: a position skips the rows of transactions that commit late.
 */
export function createRelay(options: RelayOptions): Service & { nudge(): void } {
  const { db, jobs, clock, log } = options;
  const pollMs = options.pollMs ?? 250;
  const leaseMs = options.leaseMs ?? 30_000;
  let batchSizeOf = new Map<string, number>();
  let nudged = false;
  let wake = () => {};

  const claim = () =>
    db.as('relay', async (tx) => {
      const now = clock.nowMs();
      const { rows } = await tx.query<ClaimedRow>(
        `with due as (
           select event_id, consumer from event_delivery
           where done_at is null and dead_at is null and due_at <= $1
           order by due_at limit $2 for update skip locked)
         update event_delivery d set due_at = $3 from due
         where d.event_id = due.event_id and d.consumer = due.consumer
         returning d.tenant_id, d.consumer, d.event_id`,
        [new Date(now), CLAIM_ROWS, new Date(now + leaseMs)],
      );
      return rows;
    });

  const hand = async (rows: ClaimedRow[]) => {
    for (const [consumer, ofConsumer] of Map.groupBy(rows, (row) => row.consumer)) {
      const payloads: DeliveryJob[] = [];
      for (const [tenantId, ofTenant] of Map.groupBy(ofConsumer, (row) => row.tenant_id)) {
        const eventIds = ofTenant.map((row) => row.event_id).sort(); // UUIDv7: oldest first
        const size = batchSizeOf.get(consumer) ?? 1;
        for (let at = 0; at < eventIds.length; at += size)
          payloads.push({ tenantId, eventIds: eventIds.slice(at, at + size) });
      }
      await jobs.enqueueAll(deliveryJob(consumer), payloads);
    }
  };

  const giveBack = (rows: ClaimedRow[]) =>
    db.as('relay', (tx) =>
      tx.query(
        `update event_delivery d set due_at = $1 from unnest($2::uuid[], $3::text[]) as c (event_id, consumer)
         where d.event_id = c.event_id and d.consumer = c.consumer and d.done_at is null`,
        [new Date(clock.nowMs() + 1000), rows.map((row) => row.event_id), rows.map((row) => row.consumer)],
      ),
    );

  const sweepDone = () =>
    db.as('relay', (tx) =>
      tx.query(
        `delete from event where id in (
           select id from event e where occurred_at < $1
           and not exists (select 1 from event_delivery d where d.event_id = e.id and d.done_at is null
                            and (d.dead_at is null or d.dead_at > $2))
           limit 5000)`,
        [new Date(clock.nowMs() - KEEP_DONE_MS), new Date(clock.nowMs() - KEEP_DEAD_MS)],
      ),
    );

  const pass = async (): Promise<boolean> => {
    const rows = await claim();
    if (rows.length === 0) return false;
    try {
      await hand(rows);
    } catch (error) {
      log.warn({ reason: reasonOf(error), rows: rows.length }, 'the job queue refused deliveries; they stay due');
      await giveBack(rows);
      return false;
    }
    return rows.length === CLAIM_ROWS;
  };

  const loop = async (signal: AbortSignal) => {
    let sweptAtMs = clock.nowMs();
    while (!signal.aborted) {
      try {
        nudged = false;
        if (await pass()) continue;
        if (clock.nowMs() - sweptAtMs > 60_000) {
          sweptAtMs = clock.nowMs();
          await sweepDone();
        }
      } catch (error) {
        if (!signal.aborted)
          log.error({ reason: reasonOf(error) }, 'the relay could not claim deliveries; it tries again');
      }
      if (nudged) continue;
      const pause = new AbortController();
      wake = () => pause.abort();
      if (signal.aborted) return;
      await clock.sleep(pollMs, pause.signal);
    }
  };

  const looping = loopService(loop);
  return {
    nudge: () => {
      nudged = true;
      wake();
    },
    start: async () => {
      batchSizeOf = new Map(options.consumers.map((consumer) => [consumer.name, consumer.batchSize ?? 1]));
      await looping.start();
    },
    stop: async () => {
      const stopped = looping.stop();
      wake();
      await stopped;
    },
  };
}
