import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { authMigrations } from '../auth/migrations.ts';
import { systemClock } from '../clock/clock.ts';
import { manualClock } from '../clock/manualClock.ts';
import type { Tx } from '../db/database.ts';
import { jobsOnPostgres, migrateQueues } from '../jobs/bullmq.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { createLog } from '../log/log.ts';
import { deadGauge } from './dead.ts';
import { serveConsumers } from './deliver.ts';
import { type Consumer, defineEvent } from './events.ts';
import { outboxMigration } from './migration.ts';
import { createOutbox } from './outbox.ts';
import { createRelay } from './relay.ts';
import { outboxRoutes } from './routes.ts';

const Happened = defineEvent('Happened', z.object({ n: z.number() }));
const DAY_MS = 86_400_000;
const clock = systemClock();
const log = createLog('silent');

let pg: TestDatabase;
let jobs: Jobs;
let application: TestApplication;
let metrics: Registry;
/** Whether what the consumers need is away. */
let outage: boolean;
let heard: string[];

const consumer = (name: string): Consumer<{ n: number }> => ({
  name,
  event: Happened,
  batchSize: 10,
  handle: async (tx, events) => {
    if (outage) throw new Error('the CMDB does not answer');
    tx.afterCommit(() => void heard.push(...events.map(({ payload }) => `${name} ${payload.n}`)));
  },
});
const consumers = [consumer('t.first'), consumer('t.second')];
let relay: ReturnType<typeof createRelay>;

beforeEach(async () => {
  outage = true;
  heard = [];
  metrics = new Registry();
  pg = await testDatabase([outboxMigration, ...authMigrations]);
  await migrateQueues(pg.ownerUrl);
  jobs = jobsOnPostgres({ ownerUrl: pg.ownerUrl, secretKey: pg.secretKey, clock }, log);
  relay = createRelay({ db: pg.db, jobs, clock, log, consumers, pollMs: 50 });
  application = await testApplication(pg.db);
  outboxRoutes({ db: pg.db, clock, log, nudge: relay.nudge })(application.app);
  deadGauge({ db: pg.db, metrics, consumers });
  serveConsumers({ db: pg.db, jobs, clock, log }, consumers);
  await jobs.start();
});
afterEach(async () => {
  await relay.stop();
  await jobs.stop();
  await application.app.close();
  await pg.stop();
});

/** Publishes events and lets all their deliveries fail for the last time. @returns the ids of the events */
async function die(...numbers: number[]): Promise<string[]> {
  const outbox = createOutbox(clock, consumers, () => undefined);
  const publish = (tx: Tx) =>
    outbox.publishAll(
      tx,
      Happened,
      numbers.map((n) => ({ n })),
    );
  const ids = await pg.db.tenant(application.operator.id, publish);
  await pg.asOwner('update event_delivery set attempts = 19');
  await relay.start();
  await vi.waitFor(
    async () => expect(await pg.asOwner('select 1 from event_delivery where dead_at is null')).toEqual([]),
    { timeout: 20_000, interval: 50 },
  );
  return ids;
}

interface Dead {
  eventId: string;
  consumer: string;
}
const list = async (query = '', tenant = application.operator) => {
  const headers = tenant.as('it-operator');
  const response = await application.app.inject({ url: `/api/v1/outbox/dead${query}`, headers });
  expect(response.statusCode, response.body).toBe(200);
  return response.json() as { items: Dead[]; nextCursor: string | null };
};
const retry = async (body: object, tenant = application.operator) => {
  const headers = tenant.as('it-operator');
  const request = { method: 'POST' as const, url: '/api/v1/outbox/dead/retry', headers, payload: body };
  const response = await application.app.inject(request);
  expect(response.statusCode, response.body).toBe(202);
  return response.json() as { retried: number; remaining: number };
};
const gauge = async () => (await metrics.getSingleMetricAsString('faultline_outbox_dead')).split('\n').slice(2);

test('what an outage has killed is counted, listed with its reason, and delivered once somebody retries it', async () => {
  const [first] = await die(1, 2);
  expect(await gauge()).toEqual([
    'faultline_outbox_dead{consumer="t.first"} 2',
    'faultline_outbox_dead{consumer="t.second"} 2',
  ]);
  const { items } = await list();
  expect(items).toHaveLength(4);
  expect(items[0]).toMatchObject({
    consumer: 't.first',
    event: 'Happened',
    attempts: 20,
    reason: 'the CMDB does not answer',
  });
  outage = false;
  expect(await retry({ consumer: 't.first', eventIds: [first] })).toEqual({ retried: 1, remaining: 0 });
  await vi.waitFor(() => expect(heard).toEqual(['t.first 1']), { timeout: 10_000, interval: 20 });
  expect((await list('?consumer=t.first')).items).toHaveLength(1);
  expect(await retry({})).toEqual({ retried: 3, remaining: 0 });
  await vi.waitFor(() => expect([...heard].sort()).toEqual(['t.first 1', 't.first 2', 't.second 1', 't.second 2']), {
    timeout: 10_000,
    interval: 20,
  });
  expect((await list()).items).toEqual([]);
  expect(await gauge()).toEqual([
    'faultline_outbox_dead{consumer="t.first"} 0',
    'faultline_outbox_dead{consumer="t.second"} 0',
  ]);
});

test('a retried delivery has all its attempts again', async () => {
  await die(1);
  await retry({ consumer: 't.first' });
  await vi.waitFor(
    async () => {
      const [row] = await pg.asOwner(
        `select attempts, dead_at from event_delivery where consumer = 't.first' and attempts > 0`,
      );
      expect(row).toEqual({ attempts: 1, dead_at: null });
    },
    { timeout: 10_000, interval: 20 },
  );
});

test('the list goes on where its page ended, and refuses a cursor that it has not given', async () => {
  await die(1, 2, 3);
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof list>> = await list(`?limit=4&${cursor && new URLSearchParams({ cursor })}`);
    seen.push(...page.items.map((item) => `${item.eventId} ${item.consumer}`));
    cursor = page.nextCursor;
  }
  expect(seen).toHaveLength(6);
  expect(seen).toEqual([...new Set(seen)].sort());
  const headers = application.operator.as('it-operator');
  const refused = await application.app.inject({ url: '/api/v1/outbox/dead?cursor=x', headers });
  expect(refused.statusCode).toBe(400);
});

test('another tenant neither sees nor retries them', async () => {
  const eventIds = await die(1);
  expect((await list('', application.other)).items).toEqual([]);
  expect(await retry({ eventIds }, application.other)).toEqual({ retried: 0, remaining: 0 });
  expect((await list()).items).toHaveLength(2);
});

test('both routes refuse nobody, the forged and the unentitled', async () => {
  const { refused } = await expectRoutesGuarded({
    app: application.app,
    as: (role) => application.operator.as(role),
  });
  expect(refused).toBeGreaterThan(10);
});

test('an event with a dead delivery outlives those that were delivered, but not for ever', async () => {
  await die(1);
  await relay.stop();
  const later = manualClock(clock.nowMs() + 30 * DAY_MS);
  relay = createRelay({ db: pg.db, jobs, clock: later, log, consumers });
  const delivered = createOutbox(clock, [], () => undefined);
  await pg.db.tenant(application.operator.id, (tx) => delivered.publish(tx, Happened, { n: 2 }));
  const events = async () => (await pg.asOwner<{ n: string }>(`select payload->>'n' as n from event`)).map((e) => e.n);
  await relay.start();
  const passUntil = (expected: string[]) =>
    vi.waitFor(
      async () => {
        await later.advance(61_000);
        expect(await events()).toEqual(expected);
      },
      { timeout: 10_000, interval: 20 },
    );
  await passUntil(['1']);
  await later.advance(61 * DAY_MS);
  await passUntil([]);
});
