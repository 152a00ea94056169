import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { systemClock } from '../clock/clock.ts';
import { jobsOnPostgres, migrateQueues } from '../jobs/bullmq.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { createLog } from '../log/log.ts';
import { serveConsumers } from './deliver.ts';
import { type Consumer, type DeliveredEvent, defineEvent } from './events.ts';
import { outboxMigration } from './migration.ts';
import { createOutbox } from './outbox.ts';
import { createRelay } from './relay.ts';

const Happened = defineEvent('Happened', z.object({ n: z.number() }));
const clock = systemClock();
const log = createLog(process.env.TEST_LOG ?? 'silent');

let pg: TestDatabase;
let jobs: Jobs;
let relay: ReturnType<typeof createRelay>;
beforeEach(async () => {
  pg = await testDatabase([
    outboxMigration,
    { id: 'test/0003-heard', sql: 'create table heard (n int, consumer text); grant all on heard to faultline_app' },
  ]);
  await migrateQueues(pg.ownerUrl);
  jobs = jobsOnPostgres({ ownerUrl: pg.ownerUrl, secretKey: pg.secretKey, clock }, log);
});
afterEach(async () => {
  await relay?.stop();
  await jobs.stop();
  await pg.stop();
});

const consumer = (
  name: string,
  batchSize: number,
  spoil?: (event: DeliveredEvent<{ n: number }>) => void,
): Consumer<{ n: number }> => ({
  name,
  event: Happened,
  batchSize,
  handle: async (tx, events) => {
    for (const event of events) {
      await tx.query('insert into heard (n, consumer) values ($1, $2)', [event.payload.n, name]);
      spoil?.(event);
    }
  },
});

async function run(consumers: Consumer<{ n: number }>[]) {
  relay = createRelay({ db: pg.db, jobs, clock, log, consumers, pollMs: 50, leaseMs: 2000 });
  serveConsumers({ db: pg.db, jobs, clock, log }, consumers);
  await jobs.start();
  await relay.start();
  return createOutbox(clock, consumers, () => relay.nudge());
}

const heardBy = async (name: string) =>
  (await pg.asOwner<{ n: number }>('select n from heard where consumer = $1 order by n', [name])).map((row) => row.n);

test('every consumer hears each event of eight concurrent writers once, none of a transaction that was rolled back', async () => {
  const outbox = await run([consumer('t.one', 1), consumer('t.many', 20)]);
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; i < 25; i++) {
      const n = writer * 25 + i;
      await pg.db.tenant(pg.tenantId, async (tx) => {
        await outbox.publish(tx, Happened, { n });
      });
      await pg.db
        .tenant(pg.tenantId, async (tx) => {
          await outbox.publish(tx, Happened, { n: 1000 + n });
          throw new Error('rolled back');
        })
        .catch(() => undefined);
    }
  });
  await Promise.all(writers);
  const expected = Array.from({ length: 200 }, (_, n) => n);
  await vi.waitFor(async () => expect(await heardBy('t.one')).toEqual(expected), { timeout: 20_000, interval: 100 });
  await vi.waitFor(async () => expect(await heardBy('t.many')).toEqual(expected), { timeout: 20_000, interval: 100 });
});

test('one event that fails holds up no other, leaves no trace of its attempt, and is tried again', async () => {
  let failures = 0;
  const outbox = await run([
    consumer('t.fragile', 10, (event) => {
      if (event.payload.n === 3 && failures++ < 2) throw new Error('not yet');
    }),
  ]);
  await pg.db.tenant(pg.tenantId, async (tx) => {
    await outbox.publishAll(
      tx,
      Happened,
      [1, 2, 3, 4].map((n) => ({ n })),
    );
  });
  await vi.waitFor(async () => expect(await heardBy('t.fragile')).toEqual([1, 2, 4]), {
    timeout: 10_000,
    interval: 50,
  });
  await vi.waitFor(async () => expect(await heardBy('t.fragile')).toEqual([1, 2, 3, 4]), {
    timeout: 10_000,
    interval: 100,
  });
});

test('a lost queue is made again from the rows', async () => {
  const consumers = [consumer('t.lost', 5)];
  const outbox = await run(consumers);
  await relay.stop();
  await pg.db.tenant(pg.tenantId, async (tx) => {
    await outbox.publish(tx, Happened, { n: 7 });
  });
  // Handed over to a queue that is wiped before anyone looks:
  await pg.asOwner(`update event_delivery set due_at = now() + interval '500 milliseconds'`);
  await relay.start();
  await vi.waitFor(async () => expect(await heardBy('t.lost')).toEqual([7]), { timeout: 10_000, interval: 50 });
});

test('an event with a later due time is a timer: not heard before', async () => {
  const outbox = await run([consumer('t.timer', 1)]);
  const dueAtMs = clock.nowMs() + 700;
  await pg.db.tenant(pg.tenantId, async (tx) => {
    await outbox.publish(tx, Happened, { n: 9 }, { dueAtMs });
  });
  await vi.waitFor(async () => expect(await heardBy('t.timer')).toEqual([9]), { timeout: 10_000, interval: 20 });
  expect(clock.nowMs()).toBeGreaterThanOrEqual(dueAtMs);
});

test('a payload that breaks its schema is refused where it is written', async () => {
  const outbox = await run([]);
  await expect(pg.db.tenant(pg.tenantId, (tx) => outbox.publish(tx, Happened, { n: 'x' as never }))).rejects.toThrow(
    /number/,
  );
});
