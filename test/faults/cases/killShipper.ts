import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeItems, type FeedReading } from '../../../ingest/feed/items.ts';
import { storingMigrations } from '../../../ingest/index.ts';
import { type TestDatabase, testDatabase } from '../../engines/postgres.ts';
import type { FaultCase, FaultRig } from '../faultCase.ts';

interface Told {
  started?: true;
  durable?: number;
}

export const killShipper: FaultCase = {
  id: '13',
  on: 'PostgreSQL',
  title: 'kill -9 of the storing half between any two of its steps',
  run: async (rig) => {
    const kills = rig.times(6, 100);
    const pg = await testDatabase(storingMigrations);
    rig.atEnd(() => pg.stop());
    const spawn = spawner(rig, pg);
    let acknowledged = 0;
    let slowestRecoveryMs = 0;
    for (let kill = 0; kill < kills; kill++) {
      rig.tell(`kill ${kill + 1} of ${kills}`);
      // Numbers that were appended but never acknowledged are sent again, as a device does after a lost PUBACK.
      const startedMs = performance.now();
      const child = spawn(acknowledged, 1_000_000);
      await new Promise<void>((resolve, reject) => {
        child.on('message', (told: Told) => {
          if (told.durable !== undefined) acknowledged = told.durable;
          if (told.started) resolve();
        });
        child.on('exit', () => reject(new Error('the child ended by itself')));
      });
      slowestRecoveryMs = Math.max(slowestRecoveryMs, performance.now() - startedMs);
      await pause(20 + rig.random.between(0, 300));
      child.removeAllListeners('exit');
      await killed(child);
    }
    assert.ok(acknowledged > kills * 50, `only ${acknowledged} were acknowledged`);
    rig.tell('draining what is left');
    const last = spawn(acknowledged, 0);
    await drained(pg);
    await killed(last);
    const counts = await compare(pg, acknowledged);
    return { case: '13', injected: `${kills} × kill -9 of the shipper`, acknowledged, slowestRecoveryMs, ...counts };
  },
};

function spawner(rig: FaultRig, pg: TestDatabase): (from: number, load: number) => ChildProcess {
  /** What was sent again says the same time again. */
  const base = Date.now() - 3_600_000;
  const spool = join(rig.folder, 'spool');
  return (from, load) => {
    const settings = { url: pg.ownerUrl, secret: pg.secretKey, spool, tenant: pg.tenantId, from, load, base };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = fork(join(import.meta.dirname, 'storingChild.ts'), args, { execArgv: ['--no-warnings'] });
    rig.atEnd(() => child.kill('SIGKILL'));
    return child;
  };
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Waits until all cursors stand at the same place, twice in a row, and nothing is pending. */
async function drained(pg: TestDatabase): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  for (let before = ''; ; ) {
    const [row] = await pg.asOwner<{ positions: string[]; pending: string }>(
      `select array_agg(distinct position::text) as positions, (select sum(pending)::text from ingest_ledger) as pending from ingest_cursor`,
    );
    const { positions, pending } = row!;
    if (positions.length === 1 && positions[0] === before && pending === '0') return;
    before = positions[0]!;
    assert.ok(Date.now() < deadlineMs, `not drained: ${JSON.stringify(row)}`);
    await pause(1_200);
  }
}

/** Each number below `acknowledged` is a stored value, once; the ledger and analytics' feed say the same. */
async function compare(pg: TestDatabase, acknowledged: number): Promise<{ lost: number; doubled: number }> {
  const stored = await pg.asOwner<{ device: string; value: number }>('select device, value from telemetry');
  const rightful = stored.filter(({ device, value }) => device === `press-${value % 7}`);
  const values = new Set(rightful.map(({ value }) => value));
  const [ledger] = await pg.asOwner<Record<'accepted' | 'stored' | 'duplicate' | 'others', number>>(
    `select sum(accepted)::int as accepted, sum(stored)::int as stored, sum(duplicate)::int as duplicate,
       sum(pending + quarantined + expired)::int as others from ingest_ledger`,
  );
  assert.equal(ledger!.stored, stored.length, `the ledger says ${JSON.stringify(ledger)}`);
  assert.equal(ledger!.others, 0);
  assert.equal(ledger!.accepted, ledger!.stored + ledger!.duplicate);

  const batches = await pg.asOwner<{ body: Buffer }>('select body from ingest_feed order by seq');
  const fed = batches.flatMap((batch) => decodeItems(batch.body) as FeedReading[]);
  assert.equal(fed.length, ledger!.accepted, 'analytics was fed something else than was accepted');
  assert.equal(new Set(fed.map((item) => item.identity)).size, values.size);
  const missing = Array.from({ length: acknowledged }, (_, seq) => seq).filter((seq) => !values.has(seq));
  return { lost: missing.length, doubled: stored.length - values.size };
}
