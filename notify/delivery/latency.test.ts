import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  type AnyConsumer,
  createLog,
  createOutbox,
  createRelay,
  type Jobs,
  jobsOnPostgres,
  migrateQueues,
  type Outbox,
  type Service,
  serveConsumers,
  systemClock,
} from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type MailServer, startMailServer } from '../../test/fixtures/mailServer.ts';
import { requestTo, testMigrations } from '../notify.fixture.ts';
import { createNotify, type Notify } from '../notify.ts';

const clock = systemClock();
const log = createLog('silent');
let pg: TestDatabase;
let mail: MailServer;
let notify: Notify;
let jobs: Jobs;
let relay: Service & { nudge(): void };

beforeAll(async () => {
  pg = await testDatabase(testMigrations);
  await migrateQueues(pg.ownerUrl);
  mail = await startMailServer();
  const consumers: AnyConsumer[] = [];
  const outbox: Outbox = createOutbox(clock, consumers, () => relay.nudge());
  notify = createNotify({
    db: pg.db,
    clock,
    log,
    metrics: new Registry(),
    outbox,
    secretKey: 'the secret key of a test installation',
    settings: {
      smtpUrl: `smtp://127.0.0.1:${mail.port}`,
      smtpFrom: 'f@plant.example',
      webhookAllow: [],
      publicUrl: () => undefined,
    },
  });
  consumers.push(...notify.consumers);
  jobs = jobsOnPostgres({ ownerUrl: pg.ownerUrl, secretKey: pg.secretKey, clock }, log);
  relay = createRelay({ db: pg.db, jobs, clock, log, consumers });
  serveConsumers({ db: pg.db, jobs, clock, log }, consumers);
  for (const service of [notify, jobs, relay]) await service.start();
});
afterAll(async () => {
  for (const service of [relay, jobs, notify]) await service?.stop();
  await mail?.stop();
  await pg?.stop();
});

const untilSent = (count: number) =>
  vi.waitFor(() => expect(mail.mails).toHaveLength(count), { timeout: 20_000, interval: 2 });

test('through the real outbox, queue and mail server, twenty owners have heard within moments', async () => {
  await pg.db.tenant(pg.tenantId, (tx) => notify.notifier.request(tx, requestTo()));
  await untilSent(1); // the first pays for connections and plans
  const startedMs = performance.now();
  const requests = Array.from({ length: 20 }, () => requestTo());
  await pg.db.tenant(pg.tenantId, (tx) => notify.notifier.requestAll(tx, requests));
  await untilSent(21);
  const elapsedMs = performance.now() - startedMs;
  if (process.env.SHOW_FIGURES) process.stderr.write(`20 mails after ${elapsedMs.toFixed(0)} ms\n`);
  // Some 200 ms on a quiet machine; a stall (a poll waited for, a lock held) would cost far more than this.
  expect(elapsedMs).toBeLessThan(3_000);
});
