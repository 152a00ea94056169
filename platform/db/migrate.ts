import { createHash } from 'node:crypto';
import pg, { type ClientBase } from 'pg';
import { reasonOf } from '../errors/errors.ts';
import { databaseErrors } from './errors.ts';
import { ensureRoles } from './roles.ts';

/** One step of the schema's history, applied once, in a transaction of its own, never edited afterwards. */
export interface Migration {
  /** Part and name, such as `cmdb/0001-graph`. */
  id: string;
  sql: string;
}

/** What every other migration builds on: the tenant of the transaction. */
export const baseMigration: Migration = {
  id: 'platform/0001-base',
  sql: `
    create function current_tenant() returns uuid language sql stable parallel safe
      as $$ select nullif(current_setting('faultline.tenant_id', true), '')::uuid $$;
  `,
};

// Any fixed number: it only has to be the same in every process that might migrate this database.
const MIGRATION_LOCK = 7_301_455_121;

/**
 * Brings a database to the newest schema: roles, then each migration not yet applied, in the order given. Processes
 * that start together wait for one another.
 *
 * @throws {FaultlineError} DB_MIGRATION_CHANGED, DB_MIGRATION
 */
export async function migrate(
  ownerUrl: string,
  secretKey: string,
  migrations: readonly Migration[],
): Promise<string[]> {
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: 'faultline migrate' });
  await owner.connect();
  try {
    await waitForMigrations(owner);
    await ensureRoles(owner, secretKey);
    await owner.query(
      'create table if not exists schema_migration (id text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await owner.query<{ id: string; checksum: string }>('select id, checksum from schema_migration');
    const applied = new Map(rows.map((row) => [row.id, row.checksum]));
    const done: string[] = [];
    for (const migration of [baseMigration, ...migrations]) {
      const checksum = createHash('sha256').update(migration.sql).digest('hex');
      const earlier = applied.get(migration.id);
      if (earlier === checksum) continue;
      if (earlier !== undefined) throw databaseErrors.DB_MIGRATION_CHANGED({ id: migration.id });
      await apply(owner, migration, checksum);
      applied.set(migration.id, checksum);
      done.push(migration.id);
    }
    return done;
  } finally {
    await owner.end();
  }
}

/** Holds every other process back that would change the schema, until this connection ends. */
export async function waitForMigrations(owner: ClientBase): Promise<void> {
  await owner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
}

async function apply(owner: ClientBase, migration: Migration, checksum: string): Promise<void> {
  await owner.query('begin');
  try {
    await owner.query(migration.sql);
    await owner.query('insert into schema_migration (id, checksum) values ($1, $2)', [migration.id, checksum]);
    await owner.query('commit');
  } catch (error) {
    await owner.query('rollback');
    throw databaseErrors.DB_MIGRATION({ id: migration.id, reason: reasonOf(error) }, { cause: error });
  }
}
