import { Registry } from 'prom-client';
import {
  type AnyConsumer,
  authMigrations,
  createLog,
  createOutbox,
  createRelay,
  type Jobs,
  type ManualClock,
  manualClock,
  newId,
  type Outbox,
  outboxMigration,
  serveConsumers,
} from '../platform/index.ts';
import type { TestDatabase } from '../test/engines/postgres.ts';
import type { MessageRequest } from './message.ts';
import { notifyMigrations } from './migrations.ts';
import { createNotify, type Notify, type NotifyDeps, type NotifySettings, STOP_GRACE_MS } from './notify.ts';

export const testMigrations = [outboxMigration, ...authMigrations, ...notifyMigrations];

/** A row of a message as the tests look at it. */
export interface SeenMessage {
  id: string;
  status: string;
  reason: string | null;
  attempts: number;
}

export interface SeenAttempt {
  attempt: number;
  channel: string;
  outcome: string | null;
  reason: string | null;
  startedAt: Date;
}

/** Notify on a real database and the real outbox, with a clock that the test moves. */
export interface NotifyBed {
  pg: TestDatabase;
  clock: ManualClock;
  outbox: Outbox;
  notify: Notify;
  log: string[];
  /** Asks for messages in one transaction. */
  ask(...requests: MessageRequest[]): Promise<string[]>;
  messages(): Promise<SeenMessage[]>;
  attempts(): Promise<SeenAttempt[]>;
  /** Another process on the same database. */
  another(settings?: Partial<NotifySettings>): Promise<NotifyBed>;
  /** Ends the process. A conversation that does not end by itself stays open, as a killed process would leave it. */
  stop(): Promise<void>;
}

export interface BedOptions extends Partial<NotifySettings> {
  resolve?: NotifyDeps['resolve'];
}

/** A bed for one test: a tenant and a clock of its own on a database that a test file may share. */
export function notifyBed(pg: TestDatabase, options: BedOptions = {}, tenantId = newId()): Promise<NotifyBed> {
  return bedOn({ ...pg, tenantId }, manualClock(), options);
}

async function bedOn(pg: TestDatabase, clock: ManualClock, options: BedOptions): Promise<NotifyBed> {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const consumers: AnyConsumer[] = [];
  let nudge = () => {};
  let outbox: Outbox | undefined;
  const lateOutbox: Outbox = {
    publish: (...given) => outbox!.publish(...given),
    publishAll: (...given) => outbox!.publishAll(...given),
  };
  const { resolve, ...settings } = options;
  const notify = createNotify({
    db: pg.db,
    clock,
    log,
    metrics: new Registry(),
    outbox: lateOutbox,
    secretKey: 'the secret key of a test installation',
    settings: {
      smtpFrom: 'Faultline <faultline@plant.example>',
      webhookAllow: ['127.0.0.1'],
      publicUrl: () => 'https://faultline.example',
      timeZone: 'UTC',
      ...settings,
    },
    ...(resolve && { resolve }),
  });
  consumers.push(...notify.consumers);
  outbox = createOutbox(clock, consumers, () => nudge());
  const jobs = jobsAtOnce();
  const relay = createRelay({ db: pg.db, jobs, clock, log, consumers, pollMs: 250 });
  nudge = () => relay.nudge();
  serveConsumers({ db: pg.db, jobs, clock, log }, consumers);
  await notify.start();
  await relay.start();
  return {
    pg,
    clock,
    outbox,
    notify,
    log: lines,
    ask: (...requests) => pg.db.tenant(pg.tenantId, (tx) => notify.notifier.requestAll(tx, requests)),
    messages: () =>
      pg.asOwner('select id, status, reason, attempts from notification where tenant_id = $1 order by id', [
        pg.tenantId,
      ]),
    attempts: () =>
      pg.asOwner(
        `select attempt, channel, outcome, reason, started_at as "startedAt" from notification_attempt where tenant_id = $1
          order by notification_id, attempt`,
        [pg.tenantId],
      ),
    another: (over) => bedOn(pg, clock, { ...options, ...over }),
    stop: async () => {
      await relay.stop();
      await jobs.stop();
      const stopping = notify.stop();
      await clock.advance(STOP_GRACE_MS);
      await stopping;
    },
  };
}

/** The job queue with its loss and delay taken away: work is handed over in the moment it is enqueued. */
function jobsAtOnce(): Jobs {
  const handlers = new Map<string, (payload: never) => Promise<void>>();
  const running = new Set<Promise<void>>();
  const run = (name: string, payload: unknown) => {
    const done = handlers.get(name)!(payload as never).finally(() => running.delete(done));
    running.add(done);
  };
  return {
    enqueue: async (type, payload) => run(type.name, payload),
    enqueueAll: async (type, payloads) => {
      for (const payload of payloads) run(type.name, payload);
    },
    work: (type, handler) => void handlers.set(type.name, (payload) => handler(payload, new AbortController().signal)),
    start: async () => undefined,
    stop: async () => void (await Promise.allSettled(running)),
  };
}

let people = 0;

/** A request of the generic template to somebody new. */
export function requestTo(over: Partial<MessageRequest['recipient']> = {}, key = 'k'): MessageRequest {
  const ref = `person-${++people}`;
  return {
    recipient: { name: 'Ada', email: `${ref}@plant.example`, locale: 'en', ref, ...over },
    template: 'generic',
    params: { title: 'The title', body: 'The body' },
    dedupeKey: key,
  };
}
