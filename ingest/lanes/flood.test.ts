import { afterEach, expect, test } from 'vitest';
import { type IngestBench, ingestBench } from '../../test/fixtures/ingestBench.ts';

let bench: IngestBench;
afterEach(() => bench.stop());

const HOUR = 3_600_000;
const MESSAGES = 400;
const PER_MESSAGE = 250;

test('with 100,000 samples of history queued, live samples are stored and fed within a second, or two at worst; the ledger balances', async () => {
  bench = await ingestBench({ history: true });
  const start = Date.now() - 6 * HOUR;
  await bench.accept(
    Array.from({ length: MESSAGES }, (_, m) => ({
      device: 'gateway',
      payload: {
        boot: 'b',
        seq: m,
        samples: Array.from({ length: PER_MESSAGE }, (_, i) => ({
          ...{ point: `p${i % 50}`, value: i, time: start + m * PER_MESSAGE + i },
        })),
      },
    })),
  );
  expect(bench.history!.latestDurableOffset()).toBeGreaterThan(2_000_000);
  await bench.stores.start();
  const delaysMs: number[] = [];
  const liveSpool = bench.spool.id;
  const storedAndFed = () =>
    bench.pg.asOwner<{ stored: number; fed: number }>(
      `select (select count(*)::int from telemetry where device = 'live') as stored,
         (select coalesce(sum(items), 0)::int from ingest_feed where spool_id = '${liveSpool}') as fed`,
    );
  for (let n = 0; n < 20; n++) {
    const at = performance.now();
    await bench.accept([{ device: 'live', payload: { point: 't', value: n, time: Date.now() } }]);
    for (;;) {
      const [row] = await storedAndFed();
      if (row!.stored > n && row!.fed > n) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    delaysMs.push(performance.now() - at);
  }
  const [queued] = await bench.pg.asOwner<{ stored: number }>(
    `select count(*)::int as stored from telemetry where device = 'gateway'`,
  );
  expect(queued!.stored, 'history still waits while live data pass').toBeLessThan(MESSAGES * PER_MESSAGE);
  delaysMs.sort((a, b) => a - b);
  expect(delaysMs.at(-1)).toBeLessThan(2_000);
  expect(delaysMs[10]).toBeLessThan(1_000);
  await bench.drained();
  expect(await bench.stores.ledger(bench.pg.tenantId)).toMatchObject({
    ...{ accepted: MESSAGES * PER_MESSAGE + 20, stored: MESSAGES * PER_MESSAGE + 20, duplicate: 0, balanced: true },
  });
});

test('what comes once live and once as history is stored once', async () => {
  bench = await ingestBench({ history: true });
  await bench.stores.start();
  const old = { boot: 'b', seq: 1, point: 't', value: 1, time: Date.now() - HOUR };
  // At once it was live; the repetition after an outage is history.
  await bench.accept([{ payload: old, arrivalNs: BigInt(old.time) * 1_000_000n }]);
  await bench.accept([{ payload: old, duplicate: true }, { payload: old }]);
  expect([bench.spool, bench.history!].map((spool) => spool.statistics().recordsAppended)).toEqual([1, 2]);
  await bench.drained();
  expect(await bench.stores.ledger(bench.pg.tenantId)).toMatchObject({ accepted: 3, stored: 1, duplicate: 2 });
});
