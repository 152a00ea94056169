import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { analyticsPartition } from '../ingest/index.ts';
import { createLog, type Jobs, jobsOnPostgres, migrateQueues, systemClock } from '../platform/index.ts';
import { bearingFacts, blockOf, outerRace, type TestAnalytics, testAnalytics } from '../test/fixtures/analytics.ts';
import { createAnalytics } from './createAnalytics.ts';

const clock = systemClock();
let a: TestAnalytics;
beforeAll(async () => {
  a = await testAnalytics(clock);
  await migrateQueues(a.pg.ownerUrl);
});
afterAll(() => a.stop());

/** One process with the analytics role. */
async function startProcess(): Promise<{ jobs: Jobs; stop(): Promise<void> }> {
  const log = createLog('silent');
  const jobs = jobsOnPostgres({ ownerUrl: a.pg.ownerUrl, secretKey: a.pg.secretKey, clock }, log);
  const { outbox, facts, proof } = a.deps;
  const deps = {
    db: a.pg.db,
    clock,
    jobs,
    outbox,
    log,
    metrics: new Registry(),
    facts,
    proof,
    threads: 1,
    historyDays: 35,
    orders: { closed: async () => [] },
  };
  const analytics = createAnalytics(deps);
  await analytics.start();
  await jobs.start();
  return {
    jobs,
    stop: async () => {
      await analytics.stop();
      await jobs.stop();
    },
  };
}

test('a nudge through the real queue leads to a confirmation; a second process shares the work without doubling it', async () => {
  const [one, two] = [await startProcess(), await startProcess()];
  const points = ['pump-1/de', 'pump-2/de', 'pump-3/de'];
  for (const [partition, key] of points.entries()) a.facts.set(key, bearingFacts({ assetName: `${key} ${partition}` }));
  const startMs = clock.nowMs();
  for (let i = 1; i <= 4; i++) {
    for (const [partition, key] of points.entries()) {
      await a.feed([blockOf(key, i, startMs + i * 1000, { defects: [outerRace(0.6)] })], { partition });
      const nudge = { tenantId: a.pg.tenantId, partition };
      await one.jobs.enqueue(analyticsPartition, nudge, { id: `${a.pg.tenantId}-${partition}` });
    }
  }
  await vi.waitFor(async () => expect(await a.waiting()).toBe(0), { timeout: 20_000, interval: 20 });
  const events = await a.events();
  expect(events.map((event) => event.payload.pointKey).toSorted()).toEqual(points);
  await Promise.all([one.stop(), two.stop()]);
});

test('stopping is clean while work waits, and what waited is done after the next start', async () => {
  const process = await startProcess();
  a.facts.set('fan-1/de', bearingFacts());
  for (let i = 1; i <= 12; i++) await a.feed([blockOf('fan-1/de', i, clock.nowMs() + i * 1000)], { partition: 5 });
  const nudge = { tenantId: a.pg.tenantId, partition: 5 };
  await process.jobs.enqueue(analyticsPartition, nudge);
  await process.stop();
  const again = await startProcess();
  await again.jobs.enqueue(analyticsPartition, nudge);
  await vi.waitFor(async () => expect(await a.waiting()).toBe(0), { timeout: 20_000, interval: 20 });
  const [row] = await a.pg.asOwner<{ observations: bigint }>(
    `select observations::int from analytics_point where point_key = 'fan-1/de'`,
  );
  expect(row?.observations).toBe(12);
  await again.stop();
});
