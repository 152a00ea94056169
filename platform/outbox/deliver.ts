import type { Clock } from '../clock/clock.ts';
import type { Database, Tx } from '../db/database.ts';
import { reasonOf } from '../errors/errors.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Logger } from '../log/log.ts';
import type { AnyConsumer, DeliveredEvent } from './events.ts';
import { type DeliveryJob, deliveryJob } from './relay.ts';

const MAX_ATTEMPTS = 20;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 300_000;

export interface DeliveryOptions {
  db: Database;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
}

/** Serves the queues of the consumers that this process runs. */
export function serveConsumers(options: DeliveryOptions, consumers: readonly AnyConsumer[]): void {
  for (const consumer of consumers) {
    options.jobs.work(deliveryJob(consumer.name), (job) => deliver(options, consumer, job), {
      concurrency: consumer.concurrency ?? 2,
    });
  }
}

/** Hands a batch to its consumer in one transaction; when that fails, each event alone, so that one cannot hold up the others. */
async function deliver(options: DeliveryOptions, consumer: AnyConsumer, job: DeliveryJob): Promise<void> {
  try {
    await attempt(options, consumer, job.tenantId, job.eventIds);
    return;
  } catch (error) {
    if (job.eventIds.length === 1) return recordFailure(options, consumer, job.tenantId, job.eventIds[0]!, error);
  }
  for (const eventId of job.eventIds) {
    try {
      await attempt(options, consumer, job.tenantId, [eventId]);
    } catch (error) {
      await recordFailure(options, consumer, job.tenantId, eventId, error);
    }
  }
}

interface EventRow {
  id: string;
  payload: unknown;
  occurred_at: Date;
}

function attempt(
  { db, clock }: DeliveryOptions,
  consumer: AnyConsumer,
  tenantId: string,
  eventIds: string[],
): Promise<void> {
  return db.tenant(tenantId, async (tx: Tx) => {
    const { rows } = await tx.query<EventRow>(
      // Key by key, and the state looked at outside: a planner whose statistics are from before the backlog would
      // otherwise read, for each batch or even each key, all rows that are due.
      `select e.id, e.payload, e.occurred_at
         from unnest($1::uuid[]) as wanted (id) cross join lateral (
           select event_id, done_at, dead_at from event_delivery
            where event_id = wanted.id and consumer = $2
            limit 1 for update skip locked) d
         join event e on e.id = d.event_id
        where d.done_at is null and d.dead_at is null
        order by e.id`,
      [eventIds, consumer.name],
    );
    if (rows.length === 0) return; // delivered before: a repeat of the job
    const events: DeliveredEvent<unknown>[] = rows.map((row) => ({
      id: row.id,
      tenantId,
      occurredAtMs: row.occurred_at.getTime(),
      payload: consumer.event.schema.parse(row.payload),
    }));
    await consumer.handle(tx, events);
    await tx.query(
      'update event_delivery set done_at = $1, last_error = null where event_id = any($2::uuid[]) and consumer = $3',
      [new Date(clock.nowMs()), rows.map((row) => row.id), consumer.name],
    );
  });
}

async function recordFailure(
  { db, clock, log }: DeliveryOptions,
  consumer: AnyConsumer,
  tenantId: string,
  eventId: string,
  error: unknown,
): Promise<void> {
  const reason = reasonOf(error).slice(0, 1000);
  await db.tenant(tenantId, async (tx) => {
    const { rows } = await tx.query<{ attempts: number }>(
      'update event_delivery set attempts = attempts + 1, last_error = $3 where event_id = $1 and consumer = $2 and done_at is null returning attempts',
      [eventId, consumer.name, reason],
    );
    const attempts = rows[0]?.attempts;
    if (attempts === undefined) return;
    const now = clock.nowMs();
    const retryMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
    const dead = attempts >= MAX_ATTEMPTS;
    await tx.query('update event_delivery set due_at = $3, dead_at = $4 where event_id = $1 and consumer = $2', [
      eventId,
      consumer.name,
      new Date(now + retryMs),
      dead ? new Date(now) : null,
    ]);
    log[dead ? 'error' : 'warn'](
      { consumer: consumer.name, eventId, attempts, reason },
      dead ? 'delivery given up' : 'delivery failed',
    );
  });
}
