import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog, manualClock, newId } from '../../../platform/index.ts';
import { NOON_NS, reading, SECOND_NS } from '../../../test/contracts/readings.ts';
import { absent } from '../../../test/engines/absent.ts';
import {
  HOW_TO_GET_INFLUXDB,
  type InfluxEngine,
  influxdbIsHere,
  startInfluxdb,
} from '../../../test/engines/influxdb.ts';
import { type TestDatabase, testDatabase } from '../../../test/engines/postgres.ts';
import { storingMigrations } from '../../migrations.ts';
import type { Reading } from '../readings.ts';
import type { Aggregate } from '../telemetryStore.ts';
import { InfluxConnection } from './connection.ts';
import { type InfluxTelemetryStore, influxTelemetryStore } from './telemetryStore.ts';
import { partsOf } from './windows.ts';

const HOUR_NS = 3600n * SECOND_NS;
const MINUTE_NS = 60n * SECOND_NS;
const [raw, minutes, hours] = ['raw', '1m', '1h'] as const;

describe('which resolution answers', () => {
  const rolled = { untilNs: 10n * HOUR_NS, changedHours: [4n * HOUR_NS, 5n * HOUR_NS] };
  const parts = (from: bigint, to: bigint, window: bigint, aggregate: Aggregate = 'mean') =>
    partsOf(from * MINUTE_NS, to * MINUTE_NS, window * MINUTE_NS, aggregate, rolled).map((part) => [
      part.resolution,
      Number(part.fromNs / MINUTE_NS),
      Number(part.toNs / MINUTE_NS),
    ]);

  test.each<[bigint, bigint, bigint, Aggregate, unknown[]]>([
    [0n, 240n, 60n, 'mean', [[hours, 0, 240]]],
    [0n, 240n, 5n, 'max', [[minutes, 0, 240]]],
    [0n, 240n, 60n, 'last', [[raw, 0, 240]]],
    [
      30n,
      200n,
      60n,
      'sum',
      [
        [raw, 30, 60],
        [hours, 60, 180],
        [raw, 180, 200],
      ],
    ],
    [
      540n,
      900n,
      1n,
      'count',
      [
        [minutes, 540, 600],
        [raw, 600, 900],
      ],
    ],
    [700n, 900n, 60n, 'mean', [[raw, 700, 900]]],
    [
      180n,
      480n,
      60n,
      'mean',
      [
        [hours, 180, 240],
        [raw, 240, 360],
        [hours, 360, 480],
      ],
    ],
    [200n, 230n, 10n, 'mean', [[raw, 200, 230]]],
  ])('%s to %s by %s minutes, %s', (from, to, window, aggregate, expected) => {
    expect(parts(from, to, window, aggregate)).toEqual(expected);
  });

  test('a window that minutes do not divide is read raw', () => {
    expect(partsOf(0n, HOUR_NS, 90n * SECOND_NS, 'mean', rolled)).toMatchObject([{ resolution: raw }]);
  });
});

describe.runIf(influxdbIsHere() || absent('InfluxDB', HOW_TO_GET_INFLUXDB))('down-sampling in a real InfluxDB', () => {
  let engine: InfluxEngine;
  let pg: TestDatabase;
  let store: InfluxTelemetryStore;
  const clock = manualClock(Number((NOON_NS + 10n * HOUR_NS) / 1_000_000n));
  const settings = () => ({ url: engine.url, org: engine.org, token: engine.token });
  beforeAll(async () => {
    engine = await startInfluxdb();
    pg = await testDatabase(storingMigrations);
    store = influxTelemetryStore({
      ...{ db: pg.db, clock, log: createLog('silent') },
      settings: { ...settings(), bucket: 'roll', rawDays: 3650, rollupDays: 3650 },
    });
  });
  afterAll(async () => {
    await store.close();
    await pg.stop();
    await engine.stop();
  });

  const series = { device: 'press-1', point: 'de-velocity' };
  const write = (batch: readonly Reading[]) => pg.db.as('shipper', (tx) => store.write(tx, batch));
  const asked = (tenantId: string, windowNs: bigint, aggregate: Aggregate) =>
    store.windows(tenantId, series, NOON_NS, NOON_NS + 10n * HOUR_NS, { windowNs, aggregate, limit: 10_000 });
  /** What a plain program makes of the same readings. */
  const naive = (readings: readonly Reading[], windowNs: bigint, aggregate: Aggregate) => {
    const groups = Map.groupBy(readings, (r) => (r.timeNs / windowNs) * windowNs);
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([timeNs, all]) => {
        const values = all.map((r) => r.value);
        const sum = values.reduce((total, value) => total + value, 0);
        const by = {
          sum,
          mean: sum / values.length,
          min: Math.min(...values),
          max: Math.max(...values),
          count: all.length,
        };
        return { timeNs, count: all.length, value: by[aggregate as keyof typeof by] };
      });
  };
  const agree = async (tenantId: string, readings: readonly Reading[]) => {
    for (const windowNs of [MINUTE_NS, 15n * MINUTE_NS, HOUR_NS, 2n * HOUR_NS, 90n * SECOND_NS])
      for (const aggregate of ['mean', 'min', 'max', 'sum', 'count'] as const) {
        const found = await asked(tenantId, windowNs, aggregate);
        const expected = naive(readings, windowNs, aggregate);
        expect(found.map((w) => [w.timeNs, w.count])).toEqual(expected.map((w) => [w.timeNs, w.count]));
        for (const [i, window] of found.entries()) expect(window.value).toBeCloseTo(expected[i]!.value, 6);
      }
  };
  const marks = () => pg.asOwner('select device, hour_ns from influx_rollup_mark');
  const removeRaw = async (tenantId: string, fromNs: bigint, toNs: bigint) => {
    const connection = new InfluxConnection(settings(), clock);
    await connection.remove(`roll-${tenantId}-raw`, fromNs, toNs - 1n, { _measurement: 'reading' });
    await connection.close();
  };

  test('every resolution gives what the raw readings give, with late readings, twins and changing units', async () => {
    const tenant = newId();
    const first = Array.from({ length: 600 }, (_, i) =>
      reading(tenant, {
        timeNs: NOON_NS + BigInt(i) * 53n * SECOND_NS,
        value: (i * 37) % 101,
        unit: i > 300 ? 'g' : 'mm/s',
      }),
    );
    await write(first);
    await agree(tenant, first);
    await store.upkeep();
    expect(await marks()).toEqual([]);
    await agree(tenant, first);

    const late = Array.from({ length: 40 }, (_, i) =>
      reading(tenant, { timeNs: first[i * 5]!.timeNs, value: 1000 + i }),
    );
    await write(late);
    expect((await marks()).length).toBeGreaterThan(1);
    await agree(tenant, [...first, ...late]);
    await store.upkeep();
    expect(await marks()).toEqual([]);
    await agree(tenant, [...first, ...late]);
  });

  test('whole hours are answered from what is down-sampled, also when the raw readings are gone', async () => {
    const tenant = newId();
    const all = Array.from({ length: 240 }, (_, i) =>
      reading(tenant, { timeNs: NOON_NS + BigInt(i) * MINUTE_NS, value: i }),
    );
    await write(all);
    await store.upkeep();
    await removeRaw(tenant, NOON_NS, NOON_NS + 4n * HOUR_NS);
    expect(await store.count(tenant)).toEqual([]);
    expect(await asked(tenant, HOUR_NS, 'mean')).toEqual(naive(all, HOUR_NS, 'mean'));
    expect(await asked(tenant, 5n * MINUTE_NS, 'max')).toEqual(naive(all, 5n * MINUTE_NS, 'max'));
  });

  test('readings older than all before are down-sampled, too', async () => {
    const tenant = newId();
    const recent = reading(tenant, { timeNs: NOON_NS + 5n * HOUR_NS, value: 5 });
    await write([recent]);
    await store.upkeep();
    const old = Array.from({ length: 90 }, (_, i) =>
      reading(tenant, { timeNs: NOON_NS + BigInt(i) * MINUTE_NS, value: i }),
    );
    await write(old);
    await store.upkeep();
    await removeRaw(tenant, NOON_NS, NOON_NS + 2n * HOUR_NS);
    expect(await asked(tenant, HOUR_NS, 'sum')).toEqual(naive([...old, recent], HOUR_NS, 'sum'));
  });

  test('a bucket whose retention somebody changed is set right', async () => {
    const tenant = newId();
    await write([reading(tenant)]);
    const connection = new InfluxConnection(settings(), clock);
    const path = `/api/v2/buckets?${new URLSearchParams({ org: engine.org, name: `roll-${tenant}-1m` })}`;
    const retention = async () => {
      const answer = await connection.call<{ buckets: { id: string; retentionRules: { everySeconds: number }[] }[] }>(
        'GET',
        path,
      );
      return answer!.buckets[0]!;
    };
    const { id } = await retention();
    await connection.call('PATCH', `/api/v2/buckets/${id}`, {
      retentionRules: [{ type: 'expire', everySeconds: 20 * 86_400 }],
    });
    await store.upkeep();
    expect((await retention()).retentionRules[0]!.everySeconds).toBe(3650 * 86_400);
    await connection.close();
  });
});
