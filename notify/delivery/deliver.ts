import type { Counter, Histogram } from 'prom-client';
import {
  type Clock,
  type Consumer,
  type Database,
  type DeliveredEvent,
  type EventType,
  type Logger,
  type Outbox,
  reasonOf,
  type Sealer,
  type Tx,
} from '../../platform/index.ts';
import { DeliveryError } from '../channels/channel.ts';
import type { ChannelDirectory } from '../channels/directory.ts';
import { chunks, IDS_PER_EVENT } from '../chunks.ts';
import { NotificationRequested } from '../events.ts';
import { answerLinkOf, type OutgoingMessage, type Status } from '../message.ts';
import { absoluteLink, render } from '../templates/render.ts';
import { CLAIM_MS, type Claim, claim } from './claim.ts';
import { recordOutcome } from './outcome.ts';
import type { WorkPool } from './workPool.ts';

/** An attempt that takes longer is aborted. */
export const ATTEMPT_MS = 30_000;

/** When to look whether messages have an outcome: after the claim of a sender that died has run out. */
const WATCH_MS = CLAIM_MS + 5_000;

export interface DeliveryDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  outbox: Outbox;
  directory: ChannelDirectory;
  sealer: Sealer;
  pool: WorkPool;
  timeZone: string;
  publicUrl: () => string | undefined;
  outcomes: Counter<'outcome'>;
  delaySeconds: Histogram;
}

type Requested = typeof NotificationRequested extends EventType<infer T> ? T : never;

export interface Delivery {
  readonly consumer: Consumer<Requested>;
  /** Takes messages up at once, in this process if it delivers; their event comes all the same and makes sure. */
  soon(tenantId: string, ids: readonly string[]): void;
}

/**
 * Hears of messages and gets them out. The consumer's transaction only plans: it asks to be reminded in case this
 * process dies, and hands the messages to the pool after its commit. The conversation with a mail server happens
 * outside any transaction, between the short one that claims the message and the one that records the outcome.
 */
export function createDelivery(deps: DeliveryDeps): Delivery {
  const soon = (tenantId: string, ids: readonly string[]): void => {
    for (const id of ids) deps.pool.add(id, (signal) => attempt(deps, tenantId, id, signal));
  };
  const consumer: Consumer<Requested> = {
    name: 'notify.deliver',
    event: NotificationRequested,
    batchSize: 20,
    concurrency: 4,
    handle: async (tx, events) => {
      const { tenantId } = tx;
      const nowMs = deps.clock.nowMs();
      const { due, early } = await stillOpen(tx, events, nowMs);
      for (const { id, dueAtMs } of early) {
        await deps.outbox.publish(tx, NotificationRequested, { notificationIds: [id], cause: 'retry' }, { dueAtMs });
      }
      const reminders = chunks(due, IDS_PER_EVENT).map((ids) => ({ notificationIds: ids, cause: 'watch' as const }));
      await deps.outbox.publishAll(tx, NotificationRequested, reminders, { dueAtMs: nowMs + WATCH_MS });
      tx.afterCommit(() => soon(tenantId, due));
    },
  };
  return { consumer, soon };
}

interface Open {
  due: string[];
  /** Retries whose event came before their time: clocks of different machines differ. */
  early: { id: string; dueAtMs: number }[];
}

/**
 * Which messages these events are responsible for. A message that waits for its retry is left to the retry's own event,
 * and one that is being retried to the reminder of that retry; otherwise reminders would breed reminders.
 */
async function stillOpen(tx: Tx, events: readonly DeliveredEvent<Requested>[], nowMs: number): Promise<Open> {
  const idsOf = (...causes: Requested['cause'][]) =>
    new Set(events.filter((e) => causes.includes(e.payload.cause)).flatMap((e) => e.payload.notificationIds));
  const watched = idsOf('requested', 'watch');
  const retried = idsOf('retry');
  const { rows } = await tx.query<{ id: string; status: Status; nextAttemptAt: Date | null }>(
    `select id, status, next_attempt_at as "nextAttemptAt" from notification
      where id = any($1::uuid[]) and status in ('pending', 'retrying', 'sending') order by id`,
    [[...idsOf('requested', 'retry', 'watch')]],
  );
  const open: Open = { due: [], early: [] };
  for (const { id, status, nextAttemptAt } of rows) {
    const dueAtMs = nextAttemptAt?.getTime() ?? 0;
    if (status === 'sending') {
      if (watched.has(id)) open.due.push(id);
    } else if (dueAtMs <= nowMs) open.due.push(id);
    else if (retried.has(id)) open.early.push({ id, dueAtMs });
  }
  return open;
}

async function attempt(deps: DeliveryDeps, tenantId: string, id: string, stopped: AbortSignal): Promise<void> {
  try {
    const taken = await deps.db.tenant(tenantId, async (tx) =>
      claim(tx, id, await deps.directory.usable(tx), deps.clock.nowMs()),
    );
    if (taken === null) return;
    if ('gaveUp' in taken) {
      deps.outcomes.inc({ outcome: taken.gaveUp });
      return deps.log.error({ notificationId: id, reason: taken.reason }, `message ${taken.gaveUp}`);
    }
    const failure = await send(deps, taken, stopped);
    // Stopped in mid-conversation: nobody knows what the server did with it. The claim runs out and it is sent again.
    if (stopped.aborted && failure) return;
    const nowMs = deps.clock.nowMs();
    const outcome = await deps.db.tenant(tenantId, (tx) => recordOutcome(tx, deps.outbox, taken, failure, nowMs));
    observe(deps, taken, outcome, failure, nowMs);
  } catch (error) {
    deps.log.error({ notificationId: id, reason: reasonOf(error) }, 'a message’s attempt could not be recorded');
  }
}

async function send(deps: DeliveryDeps, taken: Claim, stopped: AbortSignal): Promise<DeliveryError | null> {
  const late = new AbortController();
  const timer = deps.clock.setTimer(ATTEMPT_MS, () => late.abort(new Error('no answer in time')));
  try {
    await taken.via.channel.send(outgoing(deps, taken), AbortSignal.any([late.signal, stopped]));
    return null;
  } catch (error) {
    if (late.signal.aborted) return new DeliveryError(`no outcome within ${ATTEMPT_MS / 1000} s`, { permanent: false });
    if (error instanceof DeliveryError) return error;
    return new DeliveryError(reasonOf(error), { permanent: false, cause: error });
  } finally {
    timer.cancel();
  }
}

function outgoing(deps: DeliveryDeps, { notification }: Claim): OutgoingMessage {
  const publicUrl = deps.publicUrl();
  const { id, recipient, template, params, createdAt, attempts } = notification;
  const link = notification.link === null ? null : absoluteLink(notification.link, publicUrl);
  const sealed = notification.sealedAnswerLink;
  const answerLink = sealed && absoluteLink(deps.sealer.open(sealed, answerLinkOf(id)), publicUrl);
  const words = render({ template, recipient, params, link, answerLink }, { timeZone: deps.timeZone, publicUrl });
  return { ...words, id, recipient, template, params, link, requestedAt: createdAt, attempt: attempts };
}

function observe(
  deps: DeliveryDeps,
  taken: Claim,
  outcome: 'sent' | 'retrying' | 'dead',
  failure: DeliveryError | null,
  nowMs: number,
): void {
  const { id, createdAt, attempts, template } = taken.notification;
  deps.outcomes.inc({ outcome });
  if (outcome === 'sent') deps.delaySeconds.observe((nowMs - createdAt.getTime()) / 1000);
  const fields = { notificationId: id, template, channel: taken.via.name, attempts, reason: failure?.message };
  if (outcome === 'sent') deps.log.debug(fields, 'message sent');
  else
    deps.log[outcome === 'dead' ? 'error' : 'warn'](fields, outcome === 'dead' ? 'message given up' : 'message failed');
}
