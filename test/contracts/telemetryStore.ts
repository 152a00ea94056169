import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reading } from '../../ingest/store/readings.ts';
import type { DeviceCount } from '../../ingest/store/telemetryStore.ts';
import { newId, type Sql } from '../../platform/index.ts';
import { again, DAY_NS, NOON_NS, reading, SECOND_NS } from './readings.ts';
import { telemetryNamesContract } from './telemetryNames.ts';
import { telemetryOnceContract } from './telemetryOnce.ts';
import type { TelemetryStoreUnderTest } from './underTest.ts';

/** What every `TelemetryStore` must do, whatever it stands on. */
export function telemetryStoreContract(name: string, open: () => Promise<TelemetryStoreUnderTest>): void {
  describe(`TelemetryStore on ${name}`, () => {
    let under: TelemetryStoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.stop());

    const write = (batch: readonly Reading[]) => under.db.as('shipper', (tx) => under.store.write(tx, batch));
    telemetryOnceContract(() => under);
    telemetryNamesContract(() => under);

    const series = { device: 'press-1', point: 'de-velocity' };
    const all = (tenantId: string, limit = 1000) =>
      under.store.range(tenantId, series, NOON_NS - 10n * DAY_NS, NOON_NS + 10n * DAY_NS, { limit });

    test('what was written is read back whole, in the order of time', async () => {
      const tenant = newId();
      const later = reading(tenant, { timeNs: NOON_NS + 1n, value: -0.1, unit: null });
      const earlier = reading(tenant, {
        value: 1e-300,
        sentAtNs: NOON_NS + 5n,
        deviceTimeNs: NOON_NS - 7n,
        corrected: true,
      });
      expect([...(await write([later, earlier]))]).toEqual([1, 1]);
      expect(await all(tenant)).toEqual([
        {
          timeNs: NOON_NS,
          value: 1e-300,
          unit: 'mm/s',
          arrivalNs: NOON_NS,
          deviceTimeNs: NOON_NS - 7n,
          sentAtNs: NOON_NS + 5n,
          future: false,
          corrected: true,
          arrivalTimed: false,
          identity: earlier.identity,
        },
        expect.objectContaining({ timeNs: NOON_NS + 1n, value: -0.1, unit: null, identity: later.identity }),
      ]);
    });

    test('two readings of the same nanosecond are both kept; the same one offered again is not', async () => {
      const tenant = newId();
      const [one, two] = [reading(tenant, { value: 1 }), reading(tenant, { value: 2 })];
      expect([...(await write([one, two, one]))]).toEqual([1, 1, 0]);
      expect([...(await write([again(two), reading(tenant, { value: 3 }), again(one)]))]).toEqual([0, 1, 0]);
      expect((await all(tenant)).map((r) => r.value).sort()).toEqual([1, 2, 3]);
    });

    test('a repetition placed at another time by its arrival is still the same reading', async () => {
      const tenant = newId();
      const first = reading(tenant, { windowed: true, arrivalTimed: true, deviceTimeNs: null });
      const later = { ...again(first), timeNs: NOON_NS + SECOND_NS, arrivalNs: NOON_NS + SECOND_NS };
      expect([...(await write([first, later]))]).toEqual([1, 0]);
      expect([...(await write([again(later)]))]).toEqual([0]);
      expect((await all(tenant)).map((r) => r.timeNs)).toEqual([NOON_NS]);
    });

    test('names and units are taken literally', async () => {
      const tenant = newId();
      const odd = [`a"b\\c`, `x','y`, '{null}', '点/轴承', 'null', ' spaced , out '];
      await write(odd.map((point) => reading(tenant, { point, unit: point })));
      const latest = await under.store.latest(
        tenant,
        odd.map((point) => ({ device: 'press-1', point })),
      );
      expect(latest.map((l) => [l.point, l.unit])).toEqual(odd.map((point) => [point, point]));
    });

    test('a range is half open, limited, and goes on where it stopped', async () => {
      const tenant = newId();
      await write(
        Array.from({ length: 25 }, (_, i) => reading(tenant, { timeNs: NOON_NS + BigInt(i >> 1), value: i })),
      );
      const values: number[] = [];
      let after: { timeNs: bigint; identity: string } | undefined;
      for (;;) {
        const options = after ? { limit: 4, after } : { limit: 4 };
        const page = await under.store.range(tenant, series, NOON_NS, NOON_NS + 12n, options);
        if (page.length === 0) break;
        values.push(...page.map((r) => r.value));
        after = page.at(-1)!;
      }
      expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    });

    test('windows aggregate what they hold and leave empty ones out', async () => {
      const tenant = newId();
      const at = [0n, 1n, 9n, 30n];
      await write(at.map((s, i) => reading(tenant, { timeNs: NOON_NS + s * SECOND_NS, value: [4, 2, 6, -1][i]! })));
      const asked = async (aggregate: 'mean' | 'min' | 'max' | 'sum' | 'count' | 'first' | 'last') =>
        (
          await under.store.windows(tenant, series, NOON_NS, NOON_NS + 60n * SECOND_NS, {
            windowNs: 10n * SECOND_NS,
            aggregate,
            limit: 100,
          })
        ).map((w) => [Number((w.timeNs - NOON_NS) / SECOND_NS), w.value, w.count]);
      const [a, b] = [[0, 3] as const, [30, 1] as const];
      expect(await asked('mean')).toEqual([
        [a[0], 4, 3],
        [b[0], -1, 1],
      ]);
      expect(await asked('min')).toEqual([
        [0, 2, 3],
        [30, -1, 1],
      ]);
      expect(await asked('max')).toEqual([
        [0, 6, 3],
        [30, -1, 1],
      ]);
      expect(await asked('sum')).toEqual([
        [0, 12, 3],
        [30, -1, 1],
      ]);
      expect(await asked('count')).toEqual([
        [0, 3, 3],
        [30, 1, 1],
      ]);
      expect(await asked('first')).toEqual([
        [0, 4, 3],
        [30, -1, 1],
      ]);
      expect(await asked('last')).toEqual([
        [0, 6, 3],
        [30, -1, 1],
      ]);
    });

    test('extremes are readings at their own times, and the borders of each window', async () => {
      const tenant = newId();
      const at = (s: number) => NOON_NS + BigInt(s) * SECOND_NS;
      const [times, values] = [
        [1, 2, 3, 9, 9, 30],
        [4, -2, 6, -2, 6, 1],
      ];
      await write(times.map((s, i) => reading(tenant, { timeNs: at(s) + BigInt(i % 2), value: values[i]! })));
      await write([reading(tenant, { point: 'another', timeNs: at(5), value: 1000 })]);
      const asked = (fromNs: bigint, toNs: bigint, limit = 100) =>
        under.store.extremes(tenant, series, fromNs, toNs, { windowNs: 10n * SECOND_NS, limit });
      const sample = (timeNs: bigint, value: number) => ({ timeNs, value });
      expect(await asked(at(0), at(60))).toEqual([
        {
          timeNs: at(0),
          count: 5,
          first: sample(at(1), 4),
          last: sample(at(9) + 1n, -2),
          lowest: sample(at(2) + 1n, -2), // the earlier of two equal ones
          highest: sample(at(3), 6),
        },
        {
          timeNs: at(30),
          count: 1,
          first: sample(at(30) + 1n, 1),
          last: sample(at(30) + 1n, 1),
          lowest: sample(at(30) + 1n, 1),
          highest: sample(at(30) + 1n, 1),
        },
      ]);
      expect(await asked(at(0), at(60), 1)).toHaveLength(1);
      // A span cuts its first and its last window.
      const [cut, ...none] = await asked(at(3), at(9));
      expect([cut, none]).toEqual([
        expect.objectContaining({ timeNs: at(0), count: 1, lowest: sample(at(3), 6), last: sample(at(3), 6) }),
        [],
      ]);
      expect(await asked(at(31), at(60))).toEqual([]);
    });

    test('windows far apart cost nothing for the void between them', async () => {
      const tenant = newId();
      await write([
        reading(tenant, { timeNs: NOON_NS - 9n * DAY_NS, value: 1 }),
        reading(tenant, { timeNs: NOON_NS, value: 2 }),
      ]);
      const options = { windowNs: 1_000n, limit: 10 }; // two of nearly 10^12 windows
      const [fromNs, toNs] = [NOON_NS - 10n * DAY_NS, NOON_NS + DAY_NS];
      expect((await under.store.extremes(tenant, series, fromNs, toNs, options)).map((w) => w.lowest.value)).toEqual([
        1, 2,
      ]);
      const means = await under.store.windows(tenant, series, fromNs, toNs, { ...options, aggregate: 'mean' });
      expect(means.map((w) => w.value)).toEqual([1, 2]);
    });

    test('latest never moves backwards, nor into the future', async () => {
      const tenant = newId();
      await write([reading(tenant, { value: 10 })]);
      await write([
        reading(tenant, { timeNs: NOON_NS - DAY_NS, arrivalNs: NOON_NS, value: 9 }),
        reading(tenant, { timeNs: NOON_NS + DAY_NS, arrivalNs: NOON_NS, value: 99, future: true }),
      ]);
      const [latest] = await under.store.latest(tenant, [series, { device: 'press-1', point: 'unheard' }]);
      expect(latest).toMatchObject({ ...series, timeNs: NOON_NS, value: 10 });
      await write([reading(tenant, { timeNs: NOON_NS + 1n, value: 11 })]);
      expect((await under.store.latest(tenant, [series]))[0]).toMatchObject({ value: 11 });
      expect(await under.store.series(tenant)).toHaveLength(1);
      expect(await under.store.series(tenant, 'press-2')).toEqual([]);
    });

    test('count looks, by device, and within bounds', async () => {
      const tenant = newId();
      await write([
        reading(tenant),
        reading(tenant, { timeNs: NOON_NS + 5n }),
        reading(tenant, { device: 'press-2', point: 'x' }),
      ]);
      expect(await under.store.count(tenant)).toEqual([
        { device: 'press-1', count: 2 },
        { device: 'press-2', count: 1 },
      ]);
      expect(await under.store.count(tenant, { device: 'press-1', fromNs: NOON_NS, toNs: NOON_NS + 5n })).toEqual([
        { device: 'press-1', count: 1 },
      ]);
    });

    test('no tenant reads another’s, though they share names and instants', async () => {
      const [mine, theirs] = [newId(), newId()];
      await write([reading(mine, { value: 1 }), reading(theirs, { value: 2 })]);
      expect((await all(mine)).map((r) => r.value)).toEqual([1]);
      expect((await under.store.latest(theirs, [series]))[0]).toMatchObject({ value: 2 });
    });

    test('a batch that fails leaves nothing of it', async () => {
      const tenant = newId();
      const bad = reading(tenant, { point: 'nul\u0000byte' });
      const failed = await under.db.as('shipper', async (tx: Sql) => {
        const refusal = await under.store.write(tx, [reading(tenant), bad]).catch((error: unknown) => error);
        await under.store.write(tx, [reading(tenant, { value: 7 })]); // the transaction is still good
        return refusal;
      });
      expect(failed).toMatchObject({ code: 'STORE_ROW_REFUSED' });
      expect((await all(tenant)).map((r) => r.value)).toEqual([7]);
    });

    test('expiry removes whole days that are over, tells of whom, and nothing newer', async () => {
      const tenant = newId();
      const old = NOON_NS - 900n * DAY_NS; // far from the other tests' days
      await write([
        reading(tenant, { timeNs: old }),
        reading(tenant, { timeNs: old + 1n }),
        reading(tenant, { timeNs: old + DAY_NS }),
      ]);
      const gone: DeviceCount[] = [];
      const expire = (beforeNs: bigint) =>
        under.store.expire(
          beforeNs,
          async (_tx, portion) => void gone.push(...portion.filter((p) => p.tenantId === tenant)),
        );
      await expire(old + 1n);
      expect(gone).toEqual([]);
      await expire(old + DAY_NS);
      expect(gone).toEqual([{ tenantId: tenant, device: 'press-1', count: 2 }]);
      const left = await under.store.range(tenant, series, old - DAY_NS, old + 9n * DAY_NS, { limit: 10 });
      expect(left.map((r) => r.timeNs)).toEqual([old + DAY_NS]);
      // What comes for a day that is gone finds a place again.
      expect([...(await write([reading(tenant, { timeNs: old })]))]).toEqual([1]);
    });
  });
}
