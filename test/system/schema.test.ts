import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../main.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase(migrations);
});
afterAll(() => pg.stop());

const ROLES = ['faultline_app', 'faultline_relay', 'faultline_shipper', 'faultline_auth', 'faultline_queue'];

/** Tables that hold no tenant's rows: the list of tenants itself, the schema's history, tasks of processes, how far each spool has been carried. */
const WITHOUT_TENANT = ['schema_migration', 'tenant', 'lease', 'ingest_cursor', 'ingest_spool_state'];
/**
 * The owner's own functions read them: across tenants, when one drops a day of waveforms; the tenant's rows alone, by an
 * index that is of no use under a policy, when one searches CIs.
 */
const NOT_FORCED = ['waveform_keep', 'waveform_garbage', 'cmdb_search'];

test('every table carries its tenant, under forced row-level security with a policy', async () => {
  const tables = await pg.asOwner<{
    name: string;
    has_tenant: boolean;
    secured: boolean;
    forced: boolean;
    policies: number;
  }>(`
    select c.relname as name, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
           exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull) as has_tenant,
           (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`);
  expect(tables.length).toBeGreaterThan(5);
  const open = tables.filter(
    (table) =>
      !WITHOUT_TENANT.includes(table.name) &&
      !(table.has_tenant && table.secured && (table.forced || NOT_FORCED.includes(table.name)) && table.policies > 0),
  );
  expect(open.map((table) => table.name)).toEqual([]);
});

test('no role of ours has any right on a partition, owns a relation, or may bypass row-level security', async () => {
  const partitions = await pg.asOwner(
    `select c.relname, r.role from pg_class c, unnest($1::text[]) as r (role)
     where c.relispartition and has_table_privilege(r.role, c.oid, 'select, insert, update, delete, truncate')`,
    [ROLES],
  );
  expect(partitions).toEqual([]);
  const owned = await pg.asOwner(
    `select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = any($1) and c.relnamespace = 'public'::regnamespace`,
    [ROLES],
  );
  expect(owned).toEqual([]);
  const mighty = await pg.asOwner(
    `select rolname from pg_roles where rolname = any($1) and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole)`,
    [ROLES],
  );
  expect(mighty).toEqual([]);
});

test('the application’s role can change none of the tables that are nobody’s; of tenants it may add one', async () => {
  const rights = await pg.asOwner(
    `select t.name from unnest($1::text[]) as t (name) where has_table_privilege('faultline_app', t.name, 'update, delete, truncate')
     or (t.name <> 'tenant' and has_table_privilege('faultline_app', t.name, 'insert'))`,
    [WITHOUT_TENANT],
  );
  expect(rights).toEqual([]);
});

test('every view runs with the rights of whoever asks', async () => {
  const views = await pg.asOwner<{ relname: string }>(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
     and not coalesce(reloptions::text[] @> array['security_invoker=true'], false)`,
  );
  expect(views).toEqual([]);
});

test('no function of ours runs with its owner’s rights unless it fixes its search path', async () => {
  const loose = await pg.asOwner<{ proname: string }>(
    `select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
     and not exists (select 1 from unnest(proconfig) as setting where setting like 'search_path=%')`,
  );
  expect(loose).toEqual([]);
});
