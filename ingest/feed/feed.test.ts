import { afterEach, expect, test } from 'vitest';
import { createLog, manualClock } from '../../platform/index.ts';
import { type IngestBench, ingestBench, waveformPayload } from '../../test/fixtures/ingestBench.ts';
import type { FeedItem, FeedReading } from './items.ts';
import { type FeedTarget, partitionOf } from './partition.ts';
import { completeBatches, takeBatches } from './take.ts';
import { createFeedWatch } from './watch.ts';

let bench: IngestBench;
afterEach(() => bench.stop());

const fed = async (items: number) => {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const [row] = await bench.pg.asOwner<{ n: number }>('select coalesce(sum(items), 0)::int as n from ingest_feed');
    if (row!.n === items) return;
    if (performance.now() > deadline) throw new Error(`${row!.n} items were fed, not ${items}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const takeAll = async (tenantId = bench.pg.tenantId): Promise<FeedItem[]> => {
  const items: FeedItem[] = [];
  for (let partition = 0; partition < 4; partition++) {
    for (;;) {
      const batches = await bench.pg.db.tenant(tenantId, async (tx) => {
        const taken = await takeBatches(tx, partition, 2);
        await completeBatches(tx, taken);
        return taken;
      });
      if (batches.length === 0) break;
      items.push(...batches.flatMap((batch) => batch.items));
    }
  }
  return items;
};

test('each point comes whole and in order, in its own partition; tenants apart', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  const other = '0190f5c0-0000-7000-8000-0000000000ff';
  const points = ['a', 'b', 'c', 'd', 'e'];
  for (let round = 0; round < 60; round++) {
    const values = Object.fromEntries(points.map((point) => [point, round]));
    await bench.accept([
      { payload: { boot: 'b', seq: round, values } },
      { tenantId: other, payload: { values: { a: -1 } } },
    ]);
  }
  await fed(60 * 6);
  const items = (await takeAll()) as FeedReading[];
  for (const point of points) {
    const own = items.filter((item) => item.pointKey === `pump-3/${point}`);
    expect(own.map((item) => item.value)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  }
  expect(items).toHaveLength(300);
  expect(await takeAll()).toEqual([]);
  expect((await takeAll(other)).map((item) => (item as FeedReading).value)).toEqual(new Array(60).fill(-1));
});

test('a waveform comes with its header and its samples in their unit, under the ref it is stored by', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  const samples = new Int16Array([0, 1000, -2000, 32767]);
  await bench.accept([{ kind: 'waveform', payload: waveformPayload({ scale: 0.002, loadPercent: 30 }, samples) }]);
  await fed(1);
  await bench.drained();
  const [item] = await takeAll();
  expect(item).toMatchObject({
    kind: 'waveform',
    pointKey: 'pump-3/de',
    samplingRateHz: 12_000,
    unit: 'g',
    axis: 'radial',
    speedRpm: 1797,
    loadPercent: 30,
  });
  if (item?.kind !== 'waveform') throw new Error('no waveform');
  expect([...item.samples]).toEqual([0, Math.fround(2), Math.fround(-4), Math.fround(65.534)]);
  expect(await bench.stores.waveforms.get(bench.pg.tenantId, item.ref)).toMatchObject({ sampleCount: 4 });
});

test('a batch whose taker fails comes again, and nobody else takes from the partition meanwhile', async () => {
  bench = await ingestBench({ settings: { partitions: 1 } });
  await bench.stores.start();
  await bench.accept([{ payload: { point: 'a', value: 1 } }]);
  await fed(1);
  const { db, tenantId } = bench.pg;
  const order: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = db.tenant(tenantId, async (tx) => {
    await completeBatches(tx, await takeBatches(tx, 0, 10));
    order.push('first took');
    await held;
    throw new Error('crashed');
  });
  while (order.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const second = db.tenant(tenantId, async (tx) => {
    const taken = await takeBatches(tx, 0, 10);
    order.push(`second took ${taken.length}`);
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(order).toEqual(['first took']);
  release();
  await expect(first).rejects.toThrow('crashed');
  await second;
  expect(order).toEqual(['first took', 'second took 1']);
});

test('the sweep nudges again for what was left lying, and the feed holds when its table is full', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  await bench.accept([{ payload: { point: 'a', value: 1 } }]);
  await fed(1);
  const [row] = await bench.pg.asOwner<{ ms: string }>('select written_ms as ms from ingest_feed');
  const clock = manualClock(Number(row!.ms) + 1_000);
  const swept: FeedTarget[] = [];
  const nudge = async (targets: readonly FeedTarget[]) => void swept.push(...targets);
  const watch = createFeedWatch({ db: bench.pg.db, clock, log: createLog('silent'), limitBytes: 10, nudge });
  await watch.sweep();
  expect(swept).toEqual([]);
  await clock.advance(3_000);
  await watch.sweep();
  const { tenantId } = bench.pg;
  expect(swept).toEqual([{ tenantId, partition: partitionOf(tenantId, 'pump-3', 4) }]);
  expect(watch.backlog).toMatchObject({ batches: 1 });
  let room = false;
  const asked = watch.room(new AbortController().signal).then(() => {
    room = true;
  });
  await clock.advance(5_000);
  expect(room).toBe(false);
  await takeAll();
  await watch.sweep();
  await clock.advance(5_000);
  await asked;
  expect(room).toBe(true);
});
