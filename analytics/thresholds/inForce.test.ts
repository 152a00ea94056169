import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tx } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { migrations } from '../index.ts';
import { createReadInForce } from './inForce.ts';

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase(migrations);
});
afterAll(() => pg.stop());

async function change(tx: Tx, version: number, value: number): Promise<void> {
  await tx.query(
    `insert into threshold_set (tenant_id, version) values ($1, $2) on conflict (tenant_id) do update set version = $2`,
    [tx.tenantId, version],
  );
  await tx.query('delete from threshold');
  await tx.query('insert into threshold (tenant_id, setting, feature, value, change_id) values ($1, $2, $3, $4, $5)', [
    tx.tenantId,
    'waveform.deviationZ',
    'rms',
    value,
    randomUUID(),
  ]);
}

test('nothing set is version 0; a change is seen by the next read, in every process, and by no other tenant', async () => {
  const [one, another] = [createReadInForce(), createReadInForce()];
  const read = (with_ = one, tenant = pg.tenantId) => pg.db.tenant(tenant, with_);
  expect(await read()).toMatchObject({ version: 0, values: [] });
  expect(await read()).toBe(await read());
  await pg.db.tenant(pg.tenantId, (tx) => change(tx, 1, 7.25));
  const first = await read();
  expect(first).toMatchObject({
    version: 1,
    values: [{ setting: 'waveform.deviationZ', feature: 'rms', value: 7.25 }],
  });
  expect(await read()).toBe(first);
  await pg.db.tenant(pg.tenantId, (tx) => change(tx, 2, 9));
  for (const process of [one, another]) {
    expect(await read(process)).toMatchObject({ version: 2, values: [{ value: 9 }] });
  }
  expect(await read(one, randomUUID())).toMatchObject({ version: 0, values: [] });
});

test('a change that is not committed is not seen', async () => {
  const readInForce = createReadInForce();
  const before = await pg.db.tenant(pg.tenantId, readInForce);
  await pg.db
    .tenant(pg.tenantId, async (tx) => {
      await change(tx, 77, 30);
      expect((await pg.db.tenant(pg.tenantId, readInForce)).version).toBe(before.version);
      throw new Error('undone');
    })
    .catch(() => undefined);
  expect(await pg.db.tenant(pg.tenantId, readInForce)).toBe(before);
});
