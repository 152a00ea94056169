import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { newId } from '../ids.ts';
import type { Migration } from './migrate.ts';
import { migrate } from './migrate.ts';
import { tenantTable } from './tenantTable.ts';

const notes: Migration = {
  id: 'test/0001-note',
  sql: `
    create table note (tenant_id uuid not null, id uuid not null, day date not null, body text, n bigint, primary key (tenant_id, id, day))
      partition by range (day);
    create table note_2026 partition of note for values from ('2026-01-01') to ('2027-01-01');
    ${tenantTable('note', { relay: 'select' })}
    create view note_body with (security_invoker = true) as select body from note;
    grant select on note_body to faultline_app;
  `,
};

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase([notes]);
});
afterAll(() => pg.stop());

const insert = (tenantId: string, body: string, as = tenantId) =>
  pg.db.tenant(as, (tx) =>
    tx.query('insert into note (tenant_id, id, day, body, n) values ($1, $2, $3, $4, $5)', [
      tenantId,
      newId(),
      '2026-05-01',
      body,
      2n ** 60n,
    ]),
  );

test('a tenant sees its own rows only, through the table and through a view', async () => {
  const [a, b] = [newId(), newId()];
  await insert(a, 'of a');
  await insert(b, 'of b');
  const seen = await pg.db.tenant(a, async (tx) => [
    ...(await tx.query<{ body: string }>('select body from note')).rows,
    ...(await tx.query<{ body: string }>('select body from note_body')).rows,
  ]);
  expect(seen).toEqual([{ body: 'of a' }, { body: 'of a' }]);
});

test('a row of another tenant cannot be written', async () => {
  await expect(insert(newId(), 'smuggled', newId())).rejects.toThrow(/row-level security/);
});

test('a partition cannot be read around its parent, and the tenant setting does not outlive its transaction', async () => {
  const tenant = newId();
  await insert(tenant, 'mine');
  await expect(pg.db.tenant(tenant, (tx) => tx.query('select * from note_2026'))).rejects.toThrow(/permission denied/);
  const rows = await Promise.all(
    Array.from({ length: 12 }, () =>
      pg.db.tenant(newId(), async (tx) => (await tx.query('select * from note')).rows.length),
    ),
  );
  expect(rows.every((n) => n === 0)).toBe(true);
});

test('an unset tenant yields no rows; a narrow role sees only the tables that name it, and reads alone', async () => {
  await insert(newId(), 'seen by the relay');
  const seen = await pg.db.as('relay', async (tx) => (await tx.query('select * from note')).rows.length);
  expect(seen).toBeGreaterThan(0);
  await expect(pg.db.as('relay', (tx) => tx.query('delete from note'))).rejects.toThrow(/permission denied/);
  await expect(pg.db.as('shipper', (tx) => tx.query('select * from note'))).rejects.toThrow(/permission denied/);
});

test('the application’s role owns nothing and cannot become more', async () => {
  const [role] = await pg.asOwner<{ rolsuper: boolean; rolbypassrls: boolean; owned: number }>(
    `select rolsuper, rolbypassrls, (select count(*)::int from pg_class where relowner = r.oid) as owned from pg_roles r where rolname = 'faultline_app'`,
  );
  expect(role).toEqual({ rolsuper: false, rolbypassrls: false, owned: 0 });
  await expect(pg.db.tenant(newId(), (tx) => tx.query('alter table note disable row level security'))).rejects.toThrow(
    /must be owner/,
  );
});

test('int8 arrives as bigint, whole', async () => {
  const tenant = newId();
  await insert(tenant, 'big');
  const { rows } = await pg.db.tenant(tenant, (tx) => tx.query<{ n: bigint }>('select n from note'));
  expect(rows[0]!.n).toBe(2n ** 60n);
});

test('what waits for the commit runs after it and not after a rollback; a failed transaction leaves nothing', async () => {
  const tenant = newId();
  const heard: string[] = [];
  await pg.db.tenant(tenant, async (tx) => tx.afterCommit(() => heard.push('committed')));
  const failing = pg.db.tenant(tenant, async (tx) => {
    tx.afterCommit(() => heard.push('never'));
    await tx.query(`insert into note (tenant_id, id, day) values ($1, $2, '2026-02-02')`, [tenant, newId()]);
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(heard).toEqual(['committed']);
  expect(await pg.db.tenant(tenant, async (tx) => (await tx.query('select 1 from note')).rowCount)).toBe(0);
});

test('a text that is not a UUID never becomes a tenant', async () => {
  await expect(pg.db.tenant(`x'; drop table note; --`, async () => 1)).rejects.toMatchObject({ code: 'DB_TENANT_ID' });
});

test('a migration runs once, a changed one is refused, a failing one leaves nothing', async () => {
  expect(await migrate(pg.ownerUrl, pg.secretKey, [notes])).toEqual([]);
  await expect(migrate(pg.ownerUrl, pg.secretKey, [{ ...notes, sql: `${notes.sql} ` }])).rejects.toMatchObject({
    code: 'DB_MIGRATION_CHANGED',
  });
  const broken: Migration = { id: 'test/0002-broken', sql: 'create table half (id int); select 1/0;' };
  await expect(migrate(pg.ownerUrl, pg.secretKey, [notes, broken])).rejects.toMatchObject({ code: 'DB_MIGRATION' });
  expect(await pg.asOwner(`select 1 from pg_class where relname = 'half'`)).toEqual([]);
});
