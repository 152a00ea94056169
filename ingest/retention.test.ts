import { afterEach, expect, test } from 'vitest';
import { createLog, manualClock } from '../platform/index.ts';
import { type IngestBench, ingestBench, waveformPayload } from '../test/fixtures/ingestBench.ts';
import { createRetention } from './retention.ts';
import { partitionsOf } from './store/postgres/partitions.ts';

let bench: IngestBench;
afterEach(() => bench.stop());

const DAY_MS = 86_400_000;

test('what is over is removed and booked as expired: readings, blocks that nobody keeps, quarantine, seen identities', async () => {
  bench = await ingestBench();
  await bench.stores.start();
  const { db, tenantId } = bench.pg;
  const old = Date.now() - 10 * DAY_MS;
  await bench.accept([
    { payload: { boot: 'b', seq: 1, time: old, values: { a: 1, b: 2 } } },
    { payload: { boot: 'b', seq: 2, values: { a: 3 } } },
    { payload: Buffer.from('no json') },
    { kind: 'waveform', payload: waveformPayload({ time: old, boot: 'kept' }) },
    { kind: 'waveform', payload: waveformPayload({ time: old, boot: 'plain' }) },
  ]);
  await bench.drained();
  expect(await bench.stores.ledger(tenantId)).toMatchObject({ accepted: 6, stored: 5, quarantined: 1, balanced: true });
  const all = { fromNs: 0n, toNs: 2n ** 63n - 1n, limit: 10 };
  const [kept] = await bench.stores.waveforms.list(tenantId, all);
  await db.tenant(tenantId, (tx) => bench.stores.waveforms.keep(tx, tenantId, kept!.ref, 'anomaly'));

  const clock = manualClock(Date.now());
  const retention = createRetention({
    ...{ db, clock, log: createLog('silent'), partitions: partitionsOf(db) },
    stores: bench.stores,
    settings: { telemetryDays: 5, waveformDays: 3, repetitionWindowDays: 7 },
  });
  await retention.sweep();
  expect(await bench.stores.ledger(tenantId)).toMatchObject({
    ...{ accepted: 6, stored: 2, storedCount: 2, quarantined: 1, expired: 3, balanced: true },
  });
  expect((await bench.stores.waveforms.list(tenantId, all)).map((header) => header.ref)).toEqual([kept!.ref]);
  const seen = () => bench.pg.asOwner<{ n: number }>('select count(*)::int as n from ingest_seen');
  expect(await seen()).toEqual([{ n: 1 }]);

  await db.tenant(tenantId, (tx) => bench.stores.waveforms.release(tx, tenantId, kept!.ref, 'anomaly'));
  await clock.advance(30 * DAY_MS);
  await retention.sweep();
  expect(await bench.stores.ledger(tenantId)).toMatchObject({
    ...{ accepted: 6, stored: 0, storedCount: 0, quarantined: 0, expired: 6, balanced: true },
  });
  expect(await seen()).toEqual([{ n: 0 }]);
});

test('settled commands and audit entries go after a year; what is open stays', async () => {
  bench = await ingestBench();
  const { db, tenantId } = bench.pg;
  const device = crypto.randomUUID();
  await bench.pg.asOwner(`insert into tenant (id, slug, name, created_at) values ($1, 'acme', 'acme', now())`, [
    tenantId,
  ]);
  await bench.pg.asOwner(
    `insert into device (tenant_id, id, name, kind, secret_hash, created_at) values ($1, $2, 'plc', 'device', '', now())`,
    [tenantId, device],
  );
  for (const [kind, state, age] of [
    ['old', 'done', 366],
    ['old open', 'sent', 366],
    ['young', 'done', 364],
  ]) {
    await bench.pg.asOwner(
      `insert into device_command (tenant_id, id, device_id, kind, body, state, confirmation, proposed_at, proposed_by, expires_at)
       values ($1, gen_random_uuid(), $2, $3, '{}', $4, 'none', now(), 'x', now() - $5 * interval '1 day')`,
      [tenantId, device, kind, state, age],
    );
    await bench.pg.asOwner(
      `insert into device_audit (tenant_id, id, at, actor, subject, subject_id, action, data)
       values ($1, gen_random_uuid(), now() - $2 * interval '1 day', 'x', 'device', $3, $4, '{}')`,
      [tenantId, age, device, kind],
    );
  }
  const settings = { telemetryDays: 5, waveformDays: 3, repetitionWindowDays: 7 };
  const rest = { partitions: partitionsOf(db), stores: bench.stores, settings };
  await createRetention({ db, clock: manualClock(Date.now()), log: createLog('silent'), ...rest }).sweep();
  expect(await bench.pg.asOwner('select kind from device_command order by kind')).toEqual([
    { kind: 'old open' },
    { kind: 'young' },
  ]);
  expect(await bench.pg.asOwner('select action from device_audit')).toEqual([{ action: 'young' }]);
});

test('days are made ahead', async () => {
  bench = await ingestBench();
  const clock = manualClock(Date.UTC(2031, 4, 6, 23, 59));
  const { db } = bench.pg;
  const partitions = partitionsOf(db);
  const settings = { telemetryDays: 5, waveformDays: 3, repetitionWindowDays: 7 };
  await createRetention({ db, clock, log: createLog('silent'), partitions, stores: bench.stores, settings }).sweep();
  const days = (await partitions.days('telemetry')).map((ns) => new Date(Number(ns / 1_000_000n)).toISOString());
  expect(days).toEqual(['2031-05-06T00:00:00.000Z', '2031-05-07T00:00:00.000Z', '2031-05-08T00:00:00.000Z']);
  expect(await partitions.days('waveform')).toHaveLength(3);
});
