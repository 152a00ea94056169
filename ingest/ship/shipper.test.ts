import { afterEach, expect, test } from 'vitest';
import { type IngestBench, ingestBench, waveformPayload } from '../../test/fixtures/ingestBench.ts';

let bench: IngestBench;
afterEach(() => bench.stop());

const ledger = () => bench.stores.ledger(bench.pg.tenantId);
const valuesOf = async (device: string, point: string) => {
  const readings = await bench.stores.telemetry.range(bench.pg.tenantId, { device, point }, 0n, 2n ** 63n - 1n, {
    limit: 100_000,
  });
  return readings.map((reading) => reading.value);
};
const until = async (what: string, condition: () => Promise<boolean> | boolean) => {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`did not happen within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test('what was accepted is stored, counted, and the spool is trimmed behind both cursors', async () => {
  bench = await ingestBench({ segmentBytes: 64 * 1024 });
  await bench.stores.start();
  const time = new Date(Date.now() - 1000).toISOString();
  for (let round = 0; round < 20; round++) {
    await bench.accept(
      Array.from({ length: 50 }, (_, i) => ({
        device: `pump-${i % 5}`,
        payload: { boot: 'b', seq: round * 50 + i, time, values: { temperature: round, pressure: i } },
      })),
    );
  }
  await bench.accept([{ kind: 'waveform', payload: waveformPayload() }]);
  await bench.drained();
  const report = await ledger();
  expect(report).toMatchObject({ accepted: 2001, stored: 2001, storedCount: 2001, pending: 0, duplicate: 0 });
  expect(report.balanced).toBe(true);
  expect(report.devices.map((line) => [line.device, line.stored])).toContainEqual(['pump-3', 401]);
  await until('the first segments are gone', () => bench.spool.firstOffset() > 0);
});

test('one bad reading among a thousand costs itself only, and can be replayed once its fault is mended', async () => {
  bench = await ingestBench();
  await bench.pg.asOwner('alter table telemetry add constraint no_unlucky_number check (value <> 13.13)');
  await bench.stores.start();
  const samples = Array.from({ length: 10 }, (_, i) => ({ point: 't', value: i, time: Date.now() * 1e6 + i }));
  const messages = Array.from({ length: 100 }, (_, m) => ({
    payload: { boot: 'b', seq: m, samples: samples.map((s, i) => (m === 57 && i === 3 ? { ...s, value: 13.13 } : s)) },
  }));
  await bench.accept(messages);
  await bench.drained();
  const { tenantId } = bench.pg;
  expect(await ledger()).toMatchObject({
    accepted: 1000,
    stored: 999,
    storedCount: 999,
    quarantined: 1,
    balanced: true,
  });
  const entries = await bench.pg.asOwner<{ id: string; reason_code: string; reason: string; unit_indexes: number[] }>(
    'select id, reason_code, reason, unit_indexes from quarantine',
  );
  expect(entries).toEqual([expect.objectContaining({ reason_code: 'STORE_REFUSED', unit_indexes: [3] })]);
  expect(entries[0]!.reason).toMatch(/no_unlucky_number/);

  const id = entries[0]!.id;
  expect(await bench.stores.replay(tenantId, id)).toMatchObject({ stored: 0, remaining: 1 });
  await bench.pg.asOwner('alter table telemetry drop constraint no_unlucky_number');
  expect(await bench.stores.replay(tenantId, id)).toEqual({ stored: 1, duplicate: 0, remaining: 0, reason: null });
  expect(await ledger()).toMatchObject({
    accepted: 1000,
    stored: 1000,
    storedCount: 1000,
    quarantined: 0,
    balanced: true,
  });
  await expect(bench.stores.replay(tenantId, id)).rejects.toMatchObject({ code: 'QUARANTINE_SETTLED' });
  await expect(bench.stores.replay('0190f5c0-0000-7000-8000-0000000000ff', id)).rejects.toMatchObject({
    code: 'QUARANTINE_UNKNOWN',
  });
});

test('while the store refuses, nothing is lost, the ledger says pending, and the feed goes on', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  await bench.accept([{ payload: { point: 't', value: 1, seq: 1, boot: 'b' } }]);
  await bench.drained();
  await bench.pg.asOwner('revoke insert on telemetry from faultline_shipper');
  const fedBefore = bench.nudges.length;
  for (let i = 2; i <= 101; i++) await bench.accept([{ payload: { point: 't', value: i, seq: i, boot: 'b' } }]);
  await until('analytics was given everything', async () => {
    const [row] = await bench.pg.asOwner<{ items: number }>(
      'select coalesce(sum(items), 0)::int as items from ingest_feed',
    );
    return row!.items === 101;
  });
  await until('analytics was told of it', () => bench.nudges.length > fedBefore);
  await until('the hold is told', async () => /store_held 1/.test(await bench.metrics.metrics()));
  expect(await ledger()).toMatchObject({ accepted: 101, stored: 1, pending: 100, quarantined: 0, balanced: true });
  await bench.pg.asOwner('grant insert on telemetry to faultline_shipper');
  await bench.drained();
  expect(await ledger()).toMatchObject({ accepted: 101, stored: 101, storedCount: 101, pending: 0, balanced: true });
  expect((await valuesOf('pump-3', 't')).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 101 }, (_, i) => i + 1),
  );
  expect(await bench.metrics.metrics()).toMatch(/store_held 0/);
});

test('ten percent repetitions, reordered by up to a thousand, leave the same set: with and without device time', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  const start = Date.now() - 3_600_000;
  const unique = Array.from({ length: 4000 }, (_, seq) => ({
    device: seq % 2 === 0 ? 'timed' : 'clockless',
    payload: { boot: 'b', seq, values: { t: seq }, ...(seq % 2 === 0 ? { time: start + seq } : {}) },
  }));
  // A seeded shuffle: each message moves by at most a thousand places, every tenth comes twice.
  let seed = 7;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const sent = unique
    .flatMap((message, i) => (i % 10 === 0 ? [message, { ...message, duplicate: true }] : [message]))
    .map((message, i) => ({ message, at: i + random() * 1000 }))
    .sort((a, b) => a.at - b.at)
    .map(({ message }) => message);
  for (let i = 0; i < sent.length; i += 440) await bench.accept(sent.slice(i, i + 440));
  await bench.drained();
  expect(await ledger()).toMatchObject({
    accepted: 4400,
    stored: 4000,
    storedCount: 4000,
    duplicate: 400,
    balanced: true,
  });
  const even = Array.from({ length: 2000 }, (_, i) => 2 * i);
  expect((await valuesOf('timed', 't')).toSorted((a, b) => a - b)).toEqual(even);
  expect((await valuesOf('clockless', 't')).toSorted((a, b) => a - b)).toEqual(even.map((v) => v + 1));
});

test('what cannot be decoded or placed in time is quarantined with its reason, the rest of its message is stored', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  const in400Days = Date.now() + 400 * 86_400_000;
  await bench.accept([
    { payload: Buffer.from('{"point": "t", "value": ') },
    { payload: [{ point: 't', value: 1 }, { point: 't', value: 'hot' }, { point: 't' }, { point: 'u', value: 2 }] },
    { payload: { point: 't', value: 3, time: in400Days } },
    { payload: { point: 't', value: 4, time: '1999-12-31T00:00:00Z' } },
    { payload: { point: 't', value: 5, time: in400Days, sentAt: in400Days } },
    { kind: 'waveform', payload: Buffer.from('RIFF....') },
    { kind: 'waveform', payload: waveformPayload({ samplingRateHz: 1e12 }) },
    { payload: Buffer.from([0, 1, 2, 255]) },
  ]);
  await bench.drained();
  const report = await ledger();
  expect(report).toMatchObject({
    accepted: 11,
    stored: 3,
    storedCount: 3,
    quarantined: 8,
    duplicate: 0,
    balanced: true,
  });
  const codes = await bench.pg.asOwner<{ reason_code: string; units: number }>(
    'select reason_code, sum(units)::int as units from quarantine group by 1 order by 1',
  );
  expect(codes).toEqual([
    { reason_code: 'JSON_SYNTAX', units: 2 },
    { reason_code: 'TIME_AHEAD', units: 1 },
    { reason_code: 'TIME_EXPIRED', units: 1 },
    { reason_code: 'VALUE_TYPE', units: 2 },
    { reason_code: 'WAVEFORM_MAGIC', units: 1 },
    { reason_code: 'WAVEFORM_SAMPLING_RATE', units: 1 },
  ]);
});

test('a device that sends nothing but rubbish fills the quarantine, message by message, and stops nobody', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  const rubbish = Array.from({ length: 450 }, (_, i) => ({ device: 'mad', payload: Buffer.from(`rubbish \0 ${i}`) }));
  await bench.accept([...rubbish, { payload: { point: 't', value: 1 } }]);
  await bench.drained();
  const entries = await bench.pg.asOwner<{ payload: Buffer; units: number }>('select payload, units from quarantine');
  expect(new Set(entries.map((entry) => entry.payload.toString())).size).toBe(450);
  const report = await ledger();
  expect(report.devices).toEqual([
    expect.objectContaining({ device: 'mad', accepted: 450, quarantined: 450, stored: 0, balanced: true }),
    expect.objectContaining({ device: 'pump-3', accepted: 1, stored: 1, storedCount: 1, balanced: true }),
  ]);
});

test('two shippers over one spool, as when a restart overlaps, store nothing twice', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  const messages = Array.from({ length: 2000 }, (_, i) => ({ payload: { point: 't', value: i } }));
  let takenOver: Promise<void> | null = null;
  for (let i = 0; i < messages.length; i += 20) {
    await bench.accept(messages.slice(i, i + 20));
    if (i % 500 === 0) {
      await takenOver;
      takenOver = bench.takeOver();
    }
  }
  await takenOver;
  await bench.drained();
  // Without sequence and time each receipt is a unit of its own: only the cursor keeps them from being stored twice.
  expect(await ledger()).toMatchObject({
    accepted: 2000,
    stored: 2000,
    storedCount: 2000,
    duplicate: 0,
    balanced: true,
  });
  expect((await valuesOf('pump-3', 't')).toSorted((a, b) => a - b)).toEqual(messages.map((_, i) => i));
});
