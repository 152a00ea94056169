import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvWriter } from '../../ingest/export/csv.ts';
import { isoOfNs } from '../../ingest/export/writer.ts';
import { announced } from '../../ingest/live/announced.ts';
import { unpackLive } from '../../ingest/live/items.ts';
import type { Reading } from '../../ingest/store/readings.ts';
import type { Sample, StoredReading, WindowExtremes } from '../../ingest/store/telemetryStore.ts';
import { lttb } from '../../ingest/thin/lttb.ts';
import { envelopeOf } from '../../ingest/thin/minMax.ts';
import { readThinned } from '../../ingest/thin/readThinned.ts';
import { newId, systemClock } from '../../platform/index.ts';
import { DAY_NS, NOON_NS, reading } from './readings.ts';
import type { TelemetryStoreUnderTest } from './underTest.ts';

const COUNT = 30_000;
const STEP_NS = 1_000_000_007n;

/**
 * What is read back to people, over any store: the same answers, to the last bit and nanosecond, as are computed here
 * from what was written.
 */
export function readingBackContract(name: string, open: () => Promise<TelemetryStoreUnderTest>): void {
  describe(`reading back from ${name}`, () => {
    let under: TelemetryStoreUnderTest;
    const tenant = newId();
    const series = { device: 'press-1', point: 'de-velocity' };
    const written: Reading[] = Array.from({ length: COUNT }, (_, i) =>
      reading(tenant, {
        timeNs: NOON_NS + BigInt(i) * STEP_NS,
        value: i === 12_345 ? 99.5 : i === 23_456 ? -1e-300 - 50 : Math.sin(i / 200) * Math.cos(i / 7),
        unit: i % 5 === 0 ? null : 'mm/s',
        sentAtNs: i % 3 === 0 ? NOON_NS + BigInt(i) : null,
      }),
    );
    const fromNs = NOON_NS;
    const toNs = NOON_NS + DAY_NS;
    const thinned = (method: 'minmax' | 'lttb' | 'mean', maxPoints: number) =>
      readThinned(under.store, tenant, series, { fromNs, toNs, method, maxPoints });

    beforeAll(async () => {
      under = await open();
      for (let at = 0; at < COUNT; at += 10_000)
        await under.db.as('shipper', (tx) => under.store.write(tx, written.slice(at, at + 10_000)));
    });
    afterAll(() => under.stop());

    /** The extremes of windows as one would find them by looking at every reading. */
    function windowsOf(windowNs: bigint): WindowExtremes[] {
      const windows: WindowExtremes[] = [];
      for (const { timeNs, value } of written) {
        const sample: Sample = { timeNs, value };
        const startNs = (timeNs / windowNs) * windowNs;
        const window = windows.at(-1);
        if (window?.timeNs !== startNs) {
          windows.push({ timeNs: startNs, count: 1, first: sample, last: sample, lowest: sample, highest: sample });
          continue;
        }
        window.count++;
        window.last = sample;
        if (value < window.lowest.value) window.lowest = sample;
        if (value > window.highest.value) window.highest = sample;
      }
      return windows;
    }

    test('min–max and LTTB of a series that is too long to be read whole', async () => {
      const minmax = await thinned('minmax', 400);
      expect(minmax.windowNs).not.toBeNull();
      expect(minmax.points).toEqual(envelopeOf(windowsOf(minmax.windowNs!)));
      expect(minmax.points.length).toBeLessThanOrEqual(400);
      const shape = await thinned('lttb', 300);
      expect(shape.points).toEqual(lttb(envelopeOf(windowsOf(shape.windowNs!)), 300));
      expect(shape.points).toHaveLength(300);
    });

    test('means of windows, with their counts', async () => {
      const { points, windowNs } = await thinned('mean', 100);
      const groups = Map.groupBy(written, ({ timeNs }) => (timeNs / windowNs!) * windowNs!);
      expect(points.map((p) => [p.timeNs, p.count])).toEqual(
        [...groups].map(([start, group]) => [start, group.length]),
      );
      for (const [i, group] of [...groups.values()].entries()) {
        const mean = group.reduce((sum, r) => sum + r.value, 0) / group.length;
        expect(points[i]!.value).toBeCloseTo(mean, 10); // each engine adds in its own order
      }
    });

    test('an export holds every reading, page after page, as it was written', async () => {
      const chunks: Uint8Array[] = [];
      const writer = csvWriter(async (bytes) => void chunks.push(bytes));
      let after: StoredReading | undefined;
      for (;;) {
        const options = { limit: 7_000, ...(after ? { after } : {}) };
        const page = await under.store.range(tenant, series, fromNs, toNs, options);
        await writer.add(series, page);
        if (page.length < 7_000) break;
        after = page.at(-1)!;
      }
      await writer.finish();
      const lines = Buffer.concat(chunks).toString().split('\r\n');
      expect(lines).toHaveLength(COUNT + 2); // the header, and nothing behind the last end of line
      for (const [i, r] of written.entries()) {
        const line = `press-1,de-velocity,${isoOfNs(r.timeNs)},${r.timeNs},${r.value},${r.unit ?? ''},${r.arrivalNs},${r.deviceTimeNs},${r.sentAtNs ?? ''},false,false`;
        if (lines[i + 1] !== line) expect(lines[i + 1]).toBe(line);
      }
    });

    test('the newest of thousands of series, in the order asked', async () => {
      const many = Array.from({ length: 2_000 }, (_, i) =>
        reading(tenant, { device: `fan-${i}`, point: 'x', value: i }),
      );
      await under.db.as('shipper', (tx) => under.store.write(tx, many));
      const asked = [...many.toReversed(), reading(tenant, { device: 'nobody' })];
      const latest = await under.store.latest(tenant, asked);
      expect(latest.map((l) => l.value)).toEqual(many.map((_, i) => 1_999 - i));
    });

    test('what was stored is announced to those who watch, and only that', async () => {
      const store = announced(under.store, systemClock());
      await under.db.tenant(tenant, (tx) =>
        tx.query(
          `insert into ingest_live_wanted (tenant_id, reader, until) values (current_tenant(), $1, now() + interval '1 minute')`,
          [newId()],
        ),
      );
      const [one, two] = [reading(tenant, { device: 'live', value: 1 }), reading(tenant, { device: 'live', value: 2 })];
      const foreign = reading(newId(), { device: 'live', value: 3 });
      await under.db.as('shipper', (tx) => store.write(tx, [one, foreign]));
      const again = { ...one, receipt: `${newId()}:0` };
      expect([...(await under.db.as('shipper', (tx) => store.write(tx, [again, two])))]).toEqual([0, 1]);
      const { rows } = await under.db.as('shipper', (tx) =>
        tx.query<{ tenant_id: string; body: Buffer }>('select tenant_id, body from ingest_live order by seq'),
      );
      const told = rows.flatMap(({ tenant_id, body }) =>
        unpackLive(body).flatMap((s) => s.readings.map((r) => [tenant_id, s.series, r.value])),
      );
      expect(told).toEqual([
        [tenant, 'live/de-velocity', 1],
        [tenant, 'live/de-velocity', 2],
      ]);
    });
  });
}
