import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WaveformBlock } from '../../ingest/store/readings.ts';
import type { DeviceCount } from '../../ingest/store/telemetryStore.ts';
import type { WaveformStore } from '../../ingest/store/waveformStore.ts';
import { type Database, newId } from '../../platform/index.ts';
import { block, DAY_NS, NOON_NS } from './readings.ts';

/** What a suite needs of an adapter on its real engine. */
export interface WaveformStoreUnderTest {
  store: WaveformStore;
  db: Database;
  stop(): Promise<void>;
}

/** What every `WaveformStore` must do, whatever it stands on. */
export function waveformStoreContract(name: string, open: () => Promise<WaveformStoreUnderTest>): void {
  describe(`WaveformStore on ${name}`, () => {
    let under: WaveformStoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.stop());

    const put = (one: WaveformBlock) => under.db.as('shipper', (tx) => under.store.put(tx, one));
    const span = { fromNs: NOON_NS - DAY_NS, toNs: NOON_NS + DAY_NS, limit: 100 };

    test('a block is read back whole under the identity it came with', async () => {
      const tenant = newId();
      const sent = block(tenant, { raw: new Uint8Array([0, 255, 1, 128]), sampleCount: 2, loadPercent: 40 });
      expect(await put(sent)).toEqual({ ref: sent.identity, stored: true });
      const found = await under.store.get(tenant, sent.identity);
      expect(found).toMatchObject({
        ref: sent.identity,
        device: 'press-1',
        point: 'de-acceleration',
        timeNs: NOON_NS,
        samplingRateHz: 12_000,
        unit: 'g',
        axis: 'radial',
        speedRpm: 1797,
        loadPercent: 40,
        scale: 0.0005,
        encoding: 'int16',
        sampleCount: 2,
        kept: false,
      });
      expect([...found!.raw]).toEqual([0, 255, 1, 128]);
    });

    test('the same block again is not stored again, also when its arrival places it elsewhere', async () => {
      const tenant = newId();
      const sent = block(tenant, { windowed: true, deviceTimeNs: null, arrivalTimed: true });
      await put(sent);
      expect(await put(sent)).toMatchObject({ stored: false });
      expect(await put({ ...sent, timeNs: NOON_NS + 1n })).toEqual({ ref: sent.identity, stored: false });
      expect(await under.store.count(tenant)).toEqual([{ device: 'press-1', count: 1 }]);
    });

    test('lists newest first, by device and point, page by page', async () => {
      const tenant = newId();
      for (let i = 0; i < 5; i++) await put(block(tenant, { timeNs: NOON_NS + BigInt(i >> 1) }));
      await put(block(tenant, { device: 'press-2' }));
      const first = await under.store.list(tenant, { ...span, device: 'press-1', limit: 3 });
      const last = first.at(-1)!;
      const rest = await under.store.list(tenant, {
        ...span,
        device: 'press-1',
        limit: 3,
        before: { timeNs: last.timeNs, ref: last.ref },
      });
      expect([...first, ...rest].map((h) => Number(h.timeNs - NOON_NS))).toEqual([2, 1, 1, 0, 0]);
      expect(await under.store.list(tenant, { ...span, point: 'no such' })).toEqual([]);
    });

    test('no tenant reads another’s block, and no reference that is none finds one', async () => {
      const [mine, theirs] = [newId(), newId()];
      const sent = block(mine);
      await put(sent);
      expect(await under.store.get(theirs, sent.identity)).toBeNull();
      expect(await under.store.get(mine, "'; drop table waveform; --")).toBeNull();
    });

    test('expiry spares what is kept, also what was kept before it came, until it is released', async () => {
      const tenant = newId();
      const old = NOON_NS - 700n * DAY_NS;
      const [proof, plain] = [block(tenant, { timeNs: old }), block(tenant, { timeNs: old })];
      const keep = (act: 'keep' | 'release', reason: string) =>
        under.db.tenant(tenant, (tx) => under.store[act](tx, tenant, proof.identity, reason));
      await keep('keep', 'anomaly 1');
      await keep('keep', 'anomaly 2');
      await put(proof);
      await put(plain);
      const gone: DeviceCount[] = [];
      const expire = () =>
        under.store.expire(old + DAY_NS + DAY_NS, async (_tx, portion) => {
          gone.push(...portion.filter((p) => p.tenantId === tenant));
        });
      await expire();
      expect(gone).toEqual([{ tenantId: tenant, device: 'press-1', count: 1 }]);
      expect(await under.store.get(tenant, plain.identity)).toBeNull();
      expect(await under.store.get(tenant, proof.identity)).toMatchObject({ kept: true });
      await keep('release', 'anomaly 1');
      await expire();
      expect(await under.store.get(tenant, proof.identity)).not.toBeNull();
      await keep('release', 'anomaly 2');
      await expire();
      expect(await under.store.get(tenant, proof.identity)).toBeNull();
      expect(gone.map((g) => g.count)).toEqual([1, 1]);
    });
  });
}
