import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reading } from '../../ingest/store/readings.ts';
import { newId } from '../../platform/index.ts';
import { again, DAY_NS, NOON_NS, reading } from './readings.ts';
import type { TelemetryStoreUnderTest } from './underTest.ts';

/** Each reading once, whatever comes again, late, or after an attempt that did not come to its commit. */
export function telemetryOnceContract(open: () => TelemetryStoreUnderTest): void {
  const write = (batch: readonly Reading[]) => open().db.as('shipper', (tx) => open().store.write(tx, batch));
  const series = { device: 'press-1', point: 'de-velocity' };
  const valuesOf = async (tenantId: string) => {
    const found = await open().store.range(tenantId, series, NOON_NS - DAY_NS, NOON_NS + DAY_NS, { limit: 10_000 });
    return found.map((r) => r.value);
  };
  const abandoned = (batch: readonly Reading[]) =>
    open()
      .db.as('shipper', async (tx) => {
        await open().store.write(tx, batch);
        throw new Error('died before the commit');
      })
      .catch(() => undefined);

  test('what an abandoned transaction wrote is stored when it is offered again, also in other portions', async () => {
    const tenant = newId();
    const batch = Array.from({ length: 9 }, (_, i) => reading(tenant, { timeNs: NOON_NS + BigInt(i >> 1), value: i }));
    await abandoned(batch);
    await abandoned(batch.slice(0, 4));
    expect([...(await write(batch.slice(0, 5)))]).toEqual([1, 1, 1, 1, 1]);
    await abandoned(batch.slice(5));
    expect([...(await write(batch.slice(5)))]).toEqual([1, 1, 1, 1]);
    expect((await valuesOf(tenant)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await open().store.count(tenant)).toEqual([{ device: 'press-1', count: 9 }]);
  });

  test('of two deliveries of a reading one counts, whichever process is abandoned in between', async () => {
    const tenant = newId();
    const [other, one] = [reading(tenant, { value: 7 }), reading(tenant, { value: 1 })];
    await abandoned([other, one]);
    expect([...(await write([again(one)]))]).toEqual([1]);
    expect([...(await write([other, one]))]).toEqual([1, 0]);
    expect((await valuesOf(tenant)).sort()).toEqual([1, 7]);
    expect(await open().store.count(tenant)).toEqual([{ device: 'press-1', count: 2 }]);
  });

  test('late readings are told from late repetitions', async () => {
    const tenant = newId();
    const batch = Array.from({ length: 20 }, (_, i) => reading(tenant, { timeNs: NOON_NS + BigInt(i), value: i }));
    await write(batch.filter((_, i) => i % 2 === 0));
    const outcome = await write(batch.map(again).toReversed());
    expect([...outcome].toReversed()).toEqual(batch.map((_, i) => i % 2));
    expect(await valuesOf(tenant)).toEqual(batch.map((_, i) => i));
  });

  test('any order, repetition, portion and abandonment: the same set, and each outcome as a plain set would have it', async () => {
    const step = fc.record({
      picks: fc.array(fc.nat(11), { minLength: 1, maxLength: 12 }),
      abandon: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const tenant = newId();
        const units = Array.from({ length: 12 }, (_, i) =>
          reading(tenant, { timeNs: NOON_NS + BigInt(i % 5), value: i }),
        );
        const stored = new Set<number>();
        for (const { picks, abandon } of steps) {
          const batch = picks.map((pick) => again(units[pick]!));
          if (abandon) await abandoned(batch);
          const expected = picks.map((pick) => {
            const fresh = !stored.has(pick);
            stored.add(pick);
            return fresh ? 1 : 0;
          });
          expect([...(await write(batch))]).toEqual(expected);
        }
        expect((await valuesOf(tenant)).toSorted((a, b) => a - b)).toEqual([...stored].sort((a, b) => a - b));
      }),
      { numRuns: 15 },
    );
  });
}
