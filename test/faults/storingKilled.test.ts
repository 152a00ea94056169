import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeItems, type FeedReading } from '../../ingest/feed/items.ts';
import { storingMigrations } from '../../ingest/index.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';

const KILLS = 20;
/** What was sent again says the same time again. */
const base = Date.now() - 3_600_000;

let pg: TestDatabase;
const directory = mkdtempSync(join(tmpdir(), 'faultline-killed-'));
const children = new Set<ChildProcess>();
beforeAll(async () => {
  pg = await testDatabase(storingMigrations);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await pg.stop();
  rmSync(directory, { recursive: true });
});

interface Told {
  started?: true;
  durable?: number;
}

const spawn = (from: number, load: number) => {
  const settings = { url: pg.ownerUrl, secret: pg.secretKey, spool: directory, tenant: pg.tenantId, from, load, base };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = fork(join(import.meta.dirname, 'storingChild.ts'), args, { execArgv: ['--no-warnings'] });
  children.add(child);
  return child;
};

test(`killed ${KILLS} times while it accepts and stores, every acknowledged sample is stored exactly once, and fed exactly once`, async () => {
  let acknowledged = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    // Numbers that were appended but never acknowledged are sent again, as a device does after a lost PUBACK.
    const child = spawn(acknowledged, 1_000_000);
    const started = new Promise<void>((resolve, reject) => {
      child.on('message', (told: Told) => {
        if (told.durable !== undefined) acknowledged = told.durable;
        if (told.started) resolve();
      });
      child.on('exit', () => reject(new Error('the child ended by itself')));
    });
    await started;
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 300));
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
    await once(child, 'exit');
    children.delete(child);
  }

  const last = spawn(acknowledged, 0);
  const deadline = Date.now() + 60_000;
  const counted = async () => {
    const [row] = await pg.asOwner<{ positions: string[]; pending: string }>(
      `select array_agg(distinct position::text) as positions, (select sum(pending)::text from ingest_ledger) as pending from ingest_cursor`,
    );
    return row!;
  };
  // Drained when all three cursors stand at the same place, twice in a row.
  let before = '';
  for (;;) {
    const { positions, pending } = await counted();
    if (positions.length === 1 && positions[0] === before && pending === '0') break;
    before = positions[0]!;
    if (Date.now() > deadline) throw new Error(`not drained: ${JSON.stringify({ positions, pending })}`);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }
  last.kill('SIGKILL');
  await once(last, 'exit');
  children.delete(last);

  const stored = await pg.asOwner<{ device: string; value: number }>(
    'select device, value from telemetry order by value',
  );
  const values = stored.map((row) => row.value);
  expect(acknowledged).toBeGreaterThan(1000);
  expect(new Set(values).size).toBe(values.length);
  const missing = Array.from({ length: acknowledged }, (_, seq) => seq).filter((seq) => stored[seq]?.value !== seq);
  expect(missing).toEqual([]);
  expect(stored.every((row) => row.device === `press-${row.value % 7}`)).toBe(true);

  const [ledger] = await pg.asOwner<Record<string, number>>(
    `select sum(accepted)::int as accepted, sum(stored)::int as stored, sum(duplicate)::int as duplicate,
       sum(pending)::int as pending, sum(quarantined)::int as quarantined, sum(expired)::int as expired from ingest_ledger`,
  );
  expect(ledger).toMatchObject({ stored: values.length, pending: 0, quarantined: 0, expired: 0 });
  expect(ledger!.accepted).toBe(ledger!.stored! + ledger!.duplicate!);

  const batches = await pg.asOwner<{ body: Buffer }>('select body from ingest_feed order by seq');
  const fed = batches.flatMap((batch) => decodeItems(batch.body) as FeedReading[]);
  expect(fed).toHaveLength(ledger!.accepted!);
  expect(new Set(fed.map((item) => item.identity)).size).toBe(values.length);
}, 180_000);
