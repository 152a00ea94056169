import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { storingMigrations } from '../migrations.ts';
import { FeedBody } from './items.ts';
import { overtaken, type PutBatch, putBatches } from './put.ts';
import { completeBatches, takeBatches } from './take.ts';

let pg: TestDatabase;
beforeEach(async () => {
  pg = await testDatabase(storingMigrations);
});
afterEach(() => pg.stop());

let offset = 0;
function put(...partitions: number[]): Promise<PutBatch[]> {
  const groups = partitions.map((partition) => ({ tenantId: pg.tenantId, partition, body: new FeedBody() }));
  return pg.db.as('shipper', (tx) => putBatches(tx, { spoolId: 's', from: offset, to: ++offset }, groups, offset));
}
const whereNobodyWasTold = (batches: PutBatch[]) => pg.db.as('shipper', (tx) => overtaken(tx, batches));
const take = (partition: number) =>
  pg.db.tenant(pg.tenantId, async (tx) => completeBatches(tx, await takeBatches(tx, partition, 8)));
const behind = (batches: PutBatch[]) => batches.map((batch) => [batch.partition, batch.behind]);

test('a batch is behind where an older one of its tenant and partition waits, and there alone', async () => {
  expect(behind(await put(0, 1))).toEqual([
    [0, false],
    [1, false],
  ]);
  await take(1);
  const next = await put(0, 1, 2);
  expect(behind(next)).toEqual([
    [0, true],
    [1, false],
    [2, false],
  ]);
  expect(await whereNobodyWasTold([next[0]!])).toEqual([]);
});

test('one whose elder is being taken just then is told of as soon as that is committed: nobody else would look', async () => {
  await put(0);
  let committed = () => {};
  const held = new Promise<void>((resolve) => {
    committed = resolve;
  });
  let took = () => {};
  const taken = new Promise<void>((resolve) => {
    took = resolve;
  });
  const taking = pg.db.tenant(pg.tenantId, async (tx) => {
    await completeBatches(tx, await takeBatches(tx, 0, 8));
    took();
    await held;
  });
  await taken;
  const batches = await put(0);
  expect(behind(batches), 'its elder is still there for everybody else').toEqual([[0, true]]);
  expect(await whereNobodyWasTold(batches), 'whoever takes the elder looks again after its commit').toEqual([]);
  committed();
  await taking;
  expect(await whereNobodyWasTold(batches)).toEqual([{ tenantId: pg.tenantId, partition: 0 }]);
});

test('of two processes that put batches side by side, one finds nothing before its own', async () => {
  const [one, other] = await Promise.all([put(0), put(0)]);
  const told = [...one!, ...other!].filter((batch) => !batch.behind);
  expect(told.length + (await whereNobodyWasTold([...one!, ...other!])).length).toBeGreaterThanOrEqual(1);
  const eldest = [...one!, ...other!].sort((a, b) => Number(a.seq - b.seq))[0]!;
  expect(eldest.behind).toBe(false);
});
