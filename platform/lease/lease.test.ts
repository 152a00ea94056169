import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { systemClock } from '../clock/clock.ts';
import { createLog } from '../log/log.ts';
import { createLease, type Lease } from './lease.ts';
import { leaseMigration } from './migration.ts';

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase([leaseMigration]);
});
afterAll(() => pg.stop());

const running: Lease[] = [];
/** Several processes and one task: who has it, by what each was told. */
function process(name: string, holder: string, isAble = () => true) {
  const told: boolean[] = [];
  const lease = createLease({
    ...{ db: pg.db, clock: systemClock(), log: createLog('silent'), name, holder, isAble },
    ...{ changed: (held: boolean) => void told.push(held), holdMs: 2_000, renewEveryMs: 100 },
  });
  running.push(lease);
  return { lease, told };
}
afterAll(async () => {
  for (const lease of running) await lease.stop();
});
const dies = (holder: string) => pg.asOwner(`update lease set holder = $1 || ' (dead)' where holder = $1`, [holder]);

test('one of three has it; whoever stops hands it on at once', async () => {
  const all = ['a', 'b', 'c'].map((holder) => process('hand over', holder));
  for (const { lease } of all) await lease.start();
  expect(all.map(({ lease }) => lease.held)).toEqual([true, false, false]);
  await all[0]!.lease.stop();
  await expect.poll(() => all.filter(({ lease }) => lease.held).length, { timeout: 1_500 }).toBe(1);
  expect(all[0]!.lease.held).toBe(false);
});

test('it stays with a holder that renews it, for longer than it lasts', async () => {
  const [first, second] = [process('stays', 'a'), process('stays', 'b')];
  await first.lease.start();
  await second.lease.start();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect([first.told, second.told]).toEqual([[true], []]);
});

test('a holder that dies is followed when its time is over, not before; back, it takes what is its own at once', async () => {
  const dead = process('dies', 'a');
  await dead.lease.start();
  await dies('a');
  await dead.lease.stop();
  const next = process('dies', 'b');
  await next.lease.start();
  expect(next.lease.held).toBe(false);
  await expect.poll(() => next.lease.held, { timeout: 5_000 }).toBe(true);

  const before = process('restart', 'same');
  await before.lease.start();
  const again = process('restart', 'same');
  await again.lease.start();
  expect(again.lease.held).toBe(true);
});

test('who is not fit lets another have it, and learns so when it is fit again', async () => {
  let fit = true;
  const first = process('fit', 'a', () => fit);
  const second = process('fit', 'b');
  await first.lease.start();
  await second.lease.start();
  fit = false;
  await expect.poll(() => second.lease.held, { timeout: 6_000 }).toBe(true);
  expect(first.told).toEqual([true]);
  fit = true;
  await expect.poll(() => first.told, { timeout: 3_000 }).toEqual([true, false]);
  expect(second.told).toEqual([true]);
});

test('while the database refuses, its holder keeps it', async () => {
  const first = process('database away', 'a');
  await first.lease.start();
  await pg.asOwner('alter table lease rename to lease_gone');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(first.lease.held).toBe(true);
  await pg.asOwner('alter table lease_gone rename to lease');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(first.told).toEqual([true]);
});
