import type { Registry } from 'prom-client';
import type { Database, Sql } from '../db/database.ts';
import { lastKnown, readMetrics } from '../metrics/readMetrics.ts';
import type { AnyConsumer } from './events.ts';

/** A delivery that was given up after its last attempt. The event is kept, so that it can be delivered after all. */
export interface DeadDelivery {
  readonly eventId: string;
  readonly consumer: string;
  readonly event: string;
  readonly occurredAt: Date;
  readonly deadAt: Date;
  readonly attempts: number;
  /** What the last attempt ended with. */
  readonly reason: string | null;
}

/** Dead deliveries of the transaction's tenant, oldest event first, from after `after`. */
export async function listDead(
  tx: Sql,
  page: { consumer?: string | undefined; after?: { eventId: string; consumer: string } | undefined; limit: number },
): Promise<DeadDelivery[]> {
  const { rows } = await tx.query<DeadDelivery>(
    `select d.event_id as "eventId", d.consumer, e.type as event, e.occurred_at as "occurredAt",
            d.dead_at as "deadAt", d.attempts, d.last_error as reason
       from event_delivery d join event e on e.id = d.event_id
      where d.dead_at is not null and ($1::text is null or d.consumer = $1)
        and ($2::uuid is null or (d.event_id, d.consumer) > ($2, $3))
      order by d.event_id, d.consumer limit $4`,
    [page.consumer ?? null, page.after?.eventId ?? null, page.after?.consumer ?? null, page.limit],
  );
  return rows;
}

/** Most deliveries that one call brings back; what an outage of hours has left is brought back in several. */
const RETRY_AT_ONCE = 10_000;

/**
 * Makes dead deliveries of the transaction's tenant due again, with all their attempts, oldest event first.
 *
 * @returns how many, and how many more the same call would find
 */
export async function retryDead(
  tx: Sql,
  wanted: { consumer?: string | undefined; eventIds?: readonly string[] | undefined },
  nowMs: number,
): Promise<{ retried: number; remaining: number }> {
  const matching = `dead_at is not null and ($1::text is null or consumer = $1)
                    and ($2::uuid[] is null or event_id = any($2))`;
  const values = [wanted.consumer ?? null, wanted.eventIds ?? null];
  const { rowCount } = await tx.query(
    `with again as (
       select event_id, consumer from event_delivery where ${matching}
        order by event_id, consumer limit $4 for update)
     update event_delivery d set dead_at = null, attempts = 0, due_at = $3 from again
      where d.event_id = again.event_id and d.consumer = again.consumer`,
    [...values, new Date(nowMs), RETRY_AT_ONCE],
  );
  const { rows } = await tx.query<{ remaining: number }>(
    `select count(*)::int as remaining from event_delivery where ${matching}`,
    values,
  );
  return { retried: rowCount ?? 0, remaining: rows[0]!.remaining };
}

/** Counts the dead deliveries of all tenants when Prometheus asks; every process gives the same figure. */
export function deadGauge(deps: { db: Database; metrics: Registry; consumers: readonly AnyConsumer[] }): void {
  const counts = lastKnown(new Map<string, number>(), () => deps.db.as('relay', countDead));
  readMetrics(deps.metrics, 'faultline_outbox_').gaugeBy(
    'dead',
    'Deliveries given up after their last attempt, by consumer; retried at /api/v1/outbox/dead/retry',
    ['consumer'],
    async () => {
      const dead = await counts();
      // One without any is told as 0; one that is no longer known here is told, too.
      const names = new Set([...deps.consumers.map(({ name }) => name), ...dead.keys()]);
      return [...names].map((consumer) => [{ consumer }, dead.get(consumer) ?? 0] as const);
    },
  );
}

async function countDead(tx: Sql): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ consumer: string; count: number }>(
    'select consumer, count(*)::int as count from event_delivery where dead_at is not null group by consumer',
  );
  return new Map(rows.map(({ consumer, count }) => [consumer, count]));
}
