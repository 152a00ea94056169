import type { z } from 'zod';
import type { Tx } from '../db/database.ts';

/** A kind of event: its name and the schema of its payload, declared by the part that publishes it. */
export interface EventType<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** Declares an event. The name is in the past tense: it tells of something that has happened. */
export function defineEvent<T>(name: string, schema: z.ZodType<T>): EventType<T> {
  return { name, schema };
}

/** One event as a consumer receives it. */
export interface DeliveredEvent<T> {
  id: string;
  tenantId: string;
  occurredAtMs: number;
  payload: T;
}

/**
 * Someone who must hear of every event of a type. `handle` runs in the transaction that also marks the deliveries as
 * done, so its own writes and the mark are one; it may run again after a failure and must be idempotent.
 */
export interface Consumer<T> {
  /** Part and purpose, such as `ticketing.open-order`; it names the durable delivery rows and so never changes. */
  readonly name: string;
  readonly event: EventType<T>;
  /** Most events handed over at once, all of one tenant, oldest first; 1 by default. */
  readonly batchSize?: number;
  /** Batches handled at the same time in one process; 2 by default. */
  readonly concurrency?: number;
  handle(tx: Tx, events: DeliveredEvent<T>[]): Promise<void>;
}

/** Consumers of different payloads in one list: the outbox checks each payload by the event's own schema. */
// biome-ignore lint/suspicious/noExplicitAny: a list over all payload types has no narrower element type
export type AnyConsumer = Consumer<any>;
