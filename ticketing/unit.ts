import type { Clock, EventType, Outbox, Tx } from '../platform/index.ts';
import type { MessageRequest, Notifier } from './ports.ts';

/** Events of one type and due time, on their way to the outbox. */
interface Outgoing {
  readonly event: EventType<unknown>;
  readonly dueAtMs: number | undefined;
  readonly payloads: unknown[];
}

/**
 * One transaction of ticketing: its time, and what it has to tell others. Events and messages gather here and are
 * written together at the end, so that a batch of 200 orders costs as many statements as one.
 */
export interface Unit {
  readonly tx: Tx;
  readonly nowMs: number;
  readonly at: Date;
  publish<T>(event: EventType<T>, payload: T, dueAtMs?: number): void;
  message(...requests: MessageRequest[]): void;
  /** Runs after everything else was written: for locks that others wait for. */
  last(work: () => Promise<void>): void;
}

export interface UnitDeps {
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly notifier: Notifier;
}

/** Runs work inside a caller's transaction, then writes what it gathered. */
export async function inUnit<T>(deps: UnitDeps, tx: Tx, work: (unit: Unit) => Promise<T>): Promise<T> {
  const nowMs = deps.clock.nowMs();
  const outgoing = new Map<string, Outgoing>();
  const messages: MessageRequest[] = [];
  const atEnd: (() => Promise<void>)[] = [];
  const result = await work({
    tx,
    nowMs,
    at: new Date(nowMs),
    publish: (event, payload, dueAtMs) => {
      const group = `${event.name} ${dueAtMs ?? ''}`;
      const known = outgoing.get(group);
      if (known) known.payloads.push(payload);
      else outgoing.set(group, { event: event as EventType<unknown>, dueAtMs, payloads: [payload] });
    },
    message: (...requests) => void messages.push(...requests),
    last: (then) => void atEnd.push(then),
  });
  for (const { event, dueAtMs, payloads } of outgoing.values()) {
    await deps.outbox.publishAll(tx, event, payloads, dueAtMs === undefined ? {} : { dueAtMs });
  }
  if (messages.length > 0) await deps.notifier.requestAll(tx, messages);
  for (const then of atEnd) await then();
  return result;
}
