import { afterEach, expect, test } from 'vitest';
import { authMigrations, createLog, outboxMigration } from '../../../platform/index.ts';
import { DEVICE_ID, type IngestBench, ingestBench } from '../../../test/fixtures/ingestBench.ts';
import { createObservations, deviceMigrations } from '../index.ts';
import { ClockSkew } from './clockSkew.ts';

const HOUR = 3_600_000;
let bench: IngestBench;
afterEach(() => bench?.stop());

test('the median is not led astray by deliveries that waited, and follows a clock that is set', () => {
  const skew = new ClockSkew();
  for (let i = 0; i < 100; i++) skew.add(i % 3 === 0 ? 5 * HOUR : 3600 + (i % 5));
  expect(skew.estimate().skewMs).toBeGreaterThanOrEqual(3600);
  expect(skew.estimate().skewMs).toBeLessThan(3605);
  for (let i = 0; i < 31; i++) skew.add(10);
  expect(skew.estimate()).toEqual({ skewMs: 10, spreadMs: 0, samples: 131 });
});

async function benchWithDevice(points: object[]) {
  bench = await ingestBench({
    history: true,
    migrations: [outboxMigration, ...authMigrations, ...deviceMigrations],
    observations: (db, clock) => createObservations({ db, clock, log: createLog('silent') }),
  });
  const { tenantId } = bench.pg;
  const typeId = crypto.randomUUID();
  await bench.pg.asOwner(`insert into tenant (id, slug, name, created_at) values ($1, 'acme', 'Acme', now())`, [
    tenantId,
  ]);
  await bench.pg.asOwner(
    `insert into device_type (tenant_id, id, key, name, points, created_at, updated_at) values ($1, $2, 'k', 'K', $3, now(), now())`,
    [tenantId, typeId, JSON.stringify(points)],
  );
  await bench.pg.asOwner(
    `insert into device (tenant_id, id, name, kind, secret_hash, created_at, type_id) values ($1, $2, 'pump-3', 'device', '', now(), $3)`,
    [tenantId, DEVICE_ID, typeId],
  );
  await bench.stores.start();
}

test('a value out of range and a unit not as declared are stored and counted; a unit not said is filled in', async () => {
  await benchWithDevice([{ name: 't', unit: '°C', min: -40, max: 120 }, { name: 'free' }]);
  const boot = 'b';
  await bench.accept([
    { payload: { boot, seq: 1, point: 't', value: 20 } },
    { payload: { boot, seq: 2, point: 't', value: 500, unit: '°C' } },
    { payload: { boot, seq: 3, point: 't', value: 68, unit: '°F' } },
    { payload: { boot, seq: 4, point: 'free', value: 1e9, unit: 'x' } },
  ]);
  await bench.drained();
  const stored = await bench.pg.asOwner('select point, value, unit from telemetry order by value');
  expect(stored).toEqual([
    { point: 't', value: 20, unit: '°C' },
    { point: 't', value: 68, unit: '°F' },
    { point: 't', value: 500, unit: '°C' },
    { point: 'free', value: 1e9, unit: 'x' },
  ]);
  const problems = () =>
    bench.pg.asOwner('select point, kind, samples::int, last_value, last_unit from device_point_problem order by kind');
  await expect.poll(problems, { timeout: 10_000 }).toEqual([
    { point: 't', kind: 'range', samples: 1, last_value: 500, last_unit: '°C' },
    { point: 't', kind: 'unit', samples: 1, last_value: 68, last_unit: '°F' },
  ]);
});

test('a clock an hour behind is measured by sentAt on first deliveries, corrected, and its own time is kept', async () => {
  await benchWithDevice([]);
  const now = Date.now();
  const behind = (i: number) => now - HOUR + i;
  for (let i = 0; i < 40; i++)
    await bench.accept([
      {
        payload: { boot: 'b', seq: i, point: 't', value: i, time: behind(i) - 50, sentAt: behind(i) },
        arrivalNs: BigInt(now + i) * 1_000_000n,
      },
      // Sent again ten minutes later, and marked so: it says nothing about the clock.
      {
        payload: { boot: 'b', seq: i, point: 't', value: i, time: behind(i) - 50, sentAt: behind(i) },
        arrivalNs: BigInt(now + i + 600_000) * 1_000_000n,
        duplicate: true,
      },
    ]);
  await bench.drained();
  const clock = () => bench.pg.asOwner('select skew_ms, spread_ms, samples::int from device_clock');
  await expect.poll(clock, { timeout: 10_000 }).toEqual([{ skew_ms: HOUR, spread_ms: 0, samples: 40 }]);
  const [row] = await bench.pg.asOwner<{ n: number; least: string; most: string }>(
    `select count(*)::int as n, min(time_ns - device_time_ns) as least, max(time_ns - device_time_ns) as most
       from telemetry where corrected`,
  );
  expect(row).toMatchObject({ n: 40 });
  expect([Number(row!.least), Number(row!.most)]).toEqual([HOUR * 1e6, HOUR * 1e6]);
  expect(bench.history!.statistics().recordsAppended, 'a wrong clock is no history').toBe(0);
});
