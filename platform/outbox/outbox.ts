import type { Clock } from '../clock/clock.ts';
import type { Tx } from '../db/database.ts';
import { jsonArray, jsonSequence } from '../db/jsonSequence.ts';
import { newId } from '../ids.ts';
import type { AnyConsumer, EventType } from './events.ts';

/** Where a part leaves its events: rows of the same transaction as the change they tell of. */
export interface Outbox {
  /**
   * Publishes one event to every consumer of its type.
   *
   * @param options.dueAtMs when the consumers shall hear of it; a later time makes the event a timer that survives anything
   * @returns the event's id
   * @throws when the payload does not fit the event's schema: a fault of the program
   */
  publish<T>(tx: Tx, type: EventType<T>, payload: T, options?: { dueAtMs?: number }): Promise<string>;
  /** Publishes many events of one type with one statement. */
  publishAll<T>(tx: Tx, type: EventType<T>, payloads: readonly T[], options?: { dueAtMs?: number }): Promise<string[]>;
}

/**
 * The outbox of this installation. It must know every consumer of the product, also those that run in other processes:
 * the delivery rows written here are all that will ever tell them.
 *
 * @param nudge called after a commit that left something due at once
 */
export function createOutbox(clock: Clock, consumers: readonly AnyConsumer[], nudge: () => void): Outbox {
  // Consumers publish events themselves and so are made after the outbox: the list is read when first needed.
  let byEvent: Map<string, string[]> | undefined;
  const consumersOf = (event: string): string[] => {
    if (!byEvent) {
      byEvent = new Map();
      for (const { name, event } of consumers) byEvent.set(event.name, [...(byEvent.get(event.name) ?? []), name]);
    }
    return byEvent.get(event) ?? [];
  };

  const publishAll = async <T>(
    tx: Tx,
    type: EventType<T>,
    payloads: readonly T[],
    options: { dueAtMs?: number } = {},
  ): Promise<string[]> => {
    if (payloads.length === 0) return [];
    const now = new Date(clock.nowMs());
    const due = new Date(options.dueAtMs ?? clock.nowMs());
    const ids = payloads.map(newId);
    const documents = payloads.map((payload) => type.schema.parse(payload));
    await tx.query(
      `with written as (
         insert into event (tenant_id, id, type, payload, occurred_at)
         select $1, id, $2, payload, $3 from unnest($4::uuid[], ${jsonArray('$5', 'jsonb')}) as e (id, payload)
         returning id)
       insert into event_delivery (tenant_id, event_id, consumer, due_at)
       select $1, written.id, consumer, $6 from written, unnest($7::text[]) as consumer`,
      [tx.tenantId, type.name, now, ids, jsonSequence(documents), due, consumersOf(type.name)],
    );
    if (due <= now) tx.afterCommit(nudge);
    return ids;
  };
  return {
    publishAll,
    publish: async (tx, type, payload, options) => (await publishAll(tx, type, [payload], options))[0]!,
  };
}
