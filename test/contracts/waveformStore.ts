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

    const putAll = (blocks: WaveformBlock[]) => under.db.as('shipper', (tx) => under.store.put(tx, blocks));
    const put = async (one: WaveformBlock) => (await putAll([one]))[0]!;
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

    test('many at once: each is stored, a repetition among them once, and only what cannot be held is refused', async () => {
      const tenant = newId();
      const good = Array.from({ length: 20 }, (_, i) => block(tenant, { timeNs: NOON_NS + BigInt(i) }));
      const bad = block(tenant, { axis: 'no\0where' });
      const outcomes = await putAll([...good, good[3]!, bad]);
      expect(outcomes.slice(0, 20)).toEqual(good.map((one) => ({ ref: one.identity, stored: true })));
      expect(outcomes[20]).toEqual({ ref: good[3]!.identity, stored: false });
      expect(outcomes[21]).toEqual({ ref: bad.identity, refused: expect.stringMatching(/cannot hold/) });
      expect(await under.store.count(tenant)).toEqual([{ device: 'press-1', count: 20 }]);
      expect(Buffer.from((await under.store.get(tenant, good[19]!.identity))!.raw)).toEqual(Buffer.from(good[19]!.raw));
    });

    test('blocks of every encoding and of some megabytes come back byte by byte', async () => {
      const tenant = newId();
      const long = Int16Array.from({ length: 3_000_000 }, (_, i) =>
        Math.round(9_000 * Math.sin(i / 13) + ((i * 7919) % 61)),
      );
      const blocks = [
        block(tenant, { encoding: 'float32', raw: bytesOf(Float32Array.of(1.5, -0, 1e-30)), sampleCount: 3, scale: 1 }),
        block(tenant, { encoding: 'float32', raw: bytesOf(Float32Array.of(8_388_607, -5)), sampleCount: 2 }),
        block(tenant, { raw: bytesOf(long), sampleCount: long.length }),
        block(tenant, { raw: bytesOf(new Int16Array([7])), sampleCount: 1 }),
      ];
      await putAll(blocks);
      for (const sent of blocks) {
        const found = await under.store.get(tenant, sent.identity);
        expect(Buffer.from(found!.raw).equals(Buffer.from(sent.raw))).toBe(true);
        expect(found).toMatchObject({ encoding: sent.encoding, sampleCount: sent.sampleCount });
      }
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

function bytesOf(samples: Int16Array | Float32Array): Uint8Array {
  return new Uint8Array(samples.buffer);
}
