import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { LedgerEntry, postLedger } from '../ledger/ledger.ts';
import { storingMigrations } from '../migrations.ts';
import { expireLedgerHours, ledgerByDevice, ledgerHours, snapshotLedger } from './ledgerHours.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 0, 5, 10);
let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase(storingMigrations);
});
afterAll(() => pg.stop());

/** Posts movements of one device and writes the hour down, as of a time. */
const post = (atMs: number, device: string, moved: { accepted: number; stored?: number; pending?: number }) =>
  pg.db.as('shipper', async (tx) => {
    const entry = new LedgerEntry();
    for (const [term, units] of Object.entries(moved)) entry.add(pg.tenantId, device, term as 'accepted', units);
    await postLedger(tx, entry);
    await snapshotLedger(tx, atMs);
  });
const hours = (fromMs: number, toMs: number, device?: string) =>
  pg.db.tenant(pg.tenantId, (tx) => ledgerHours(tx, { fromMs, toMs, device }));

test('movements are told hour by hour, whatever was written down in between', async () => {
  await post(T0 + 5 * 60_000, 'a', { accepted: 10, pending: 10 });
  await post(T0 + 6 * 60_000, 'a', { accepted: 0, stored: 10, pending: -10 });
  await post(T0 + HOUR, 'b', { accepted: 3, stored: 3 }); // the full hour closes the hour before
  await post(T0 + 2 * HOUR + 60_000, 'a', { accepted: 5, stored: 4, pending: 1 });

  const all = await hours(T0, T0 + 3 * HOUR);
  expect(all.map((row) => [row.hour.getTime() - T0, row.accepted, row.stored, row.pending])).toEqual([
    [0, 13, 13, 0],
    [2 * HOUR, 5, 4, 1],
  ]);
  expect((await hours(T0, T0 + 3 * HOUR, 'b')).map((row) => row.accepted)).toEqual([3]);
  // A span that begins later differs from the row before it, not from nothing.
  expect((await hours(T0 + HOUR, T0 + 3 * HOUR)).map((row) => row.accepted)).toEqual([5]);
});

test('devices are ranked by what they sent in the span', async () => {
  const query = { fromMs: T0, toMs: T0 + 3 * HOUR, limit: 10 };
  const rows = await pg.db.tenant(pg.tenantId, (tx) => ledgerByDevice(tx, query));
  expect(rows.map((row) => [row.device, row.accepted, row.stored])).toEqual([
    ['a', 15, 14],
    ['b', 3, 3],
  ]);
});

test('nothing is written for devices that are still', async () => {
  const count = async () =>
    (await pg.asOwner<{ n: number }>('select count(*)::int as n from ingest_ledger_hour'))[0]!.n;
  const before = await count();
  await pg.db.as('shipper', (tx) => snapshotLedger(tx, T0 + 9 * HOUR));
  expect(await count()).toBe(before);
});

test('old hours go, and what came later still differs from the right row', async () => {
  await post(T0 + 5 * HOUR + 1, 'a', { accepted: 7, stored: 7 });
  await pg.db.as('shipper', (tx) => expireLedgerHours(tx, T0 + 4 * HOUR));
  expect((await hours(T0 + 4 * HOUR, T0 + 6 * HOUR)).map((row) => row.accepted)).toEqual([7]);
  expect(await hours(T0 + HOUR, T0 + 2 * HOUR)).toEqual([]);
});
