import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { detachFromCluster } from '../db/embedded/secrets.ts';
import { baseMigration, type Migration, migrate } from '../db/migrate.ts';
import { reasonOf } from '../errors/errors.ts';
import { printOf } from './backup.ts';
import { loadTable, proveTable } from './dump.ts';
import { backupErrors } from './errors.ts';
import { copyBack } from './files.ts';
import { type Manifest, manifestSchema } from './manifest.ts';
import type { BackupPart, PartContext } from './part.ts';
import { demandAllRows, quoted } from './tables.ts';

/**
 * Reads a backup's manifest.
 *
 * @throws {FaultlineError} RESTORE_SOURCE
 */
export function readManifest(from: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(join(from, 'manifest.json'), 'utf8')));
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = absent ? 'manifest.json, which is written last, is not there' : `manifest.json: ${reasonOf(error)}`;
    throw backupErrors.RESTORE_SOURCE({ directory: from, why });
  }
}

/**
 * Brings the files of the data directory back, before anything is opened in it.
 *
 * @throws {FaultlineError} RESTORE_OCCUPIED, RESTORE_DAMAGED
 */
export async function restoreFiles(
  from: string,
  manifest: Manifest,
  dataDir: string,
  progress: PartContext['progress'],
): Promise<void> {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) throw backupErrors.RESTORE_OCCUPIED({ what: dataDir });
  for (const [index, file] of manifest.files.entries()) {
    progress(`file ${file.path}`, index, manifest.files.length);
    await copyBack(join(from, 'files'), dataDir, file);
  }
  if (existsSync(join(dataDir, 'secrets.json'))) detachFromCluster(dataDir);
}

export interface RestoreOptions {
  from: string;
  manifest: Manifest;
  ownerUrl: string;
  secretKey: string;
  migrations: readonly Migration[];
  parts: readonly BackupPart[];
  proof: (sql: pg.ClientBase) => Promise<Manifest['proof']>;
  progress: PartContext['progress'];
}

/**
 * Fills an empty database: the schema as it was, its rows, what parts keep elsewhere; then the schema's newer steps. All
 * rows are one transaction. In the end each tenant's figures must be those of the manifest.
 *
 * @throws {FaultlineError} RESTORE_OCCUPIED, RESTORE_NEWER, RESTORE_SECRET, RESTORE_DAMAGED, RESTORE_DIFFERS, BACKUP_RIGHTS
 */
export async function restoreDatabase(options: RestoreOptions): Promise<void> {
  const { manifest, ownerUrl, secretKey, migrations } = options;
  if (manifest.secretKeyPrint !== printOf(secretKey)) throw backupErrors.RESTORE_SECRET({});
  const known = new Set([baseMigration, ...migrations].map((migration) => migration.id));
  const unknown = manifest.migrations.find((id) => !known.has(id));
  if (unknown !== undefined) throw backupErrors.RESTORE_NEWER({ migration: unknown });
  for (const table of manifest.tables) await proveTable(table, join(options.from, 'database'));
  const then = new Set(manifest.migrations);
  await migrate(
    ownerUrl,
    secretKey,
    migrations.filter((migration) => then.has(migration.id)),
  );
  const sql = new pg.Client({ connectionString: ownerUrl, application_name: 'faultline restore' });
  await sql.connect();
  try {
    await demandAllRows(sql);
    await fill(sql, options);
  } finally {
    await sql.end();
  }
  await migrate(ownerUrl, secretKey, migrations);
}

async function fill(sql: pg.Client, { from, manifest, parts, proof, progress }: RestoreOptions): Promise<void> {
  await sql.query('begin');
  await sql.query('set local row_security = off');
  const contextOf = (part: BackupPart) => ({ sql, folder: join(from, part.name), progress });
  for (const { name } of manifest.tables) {
    const { rowCount } = await sql.query(`select from ${quoted(name)} limit 1`);
    if (rowCount) throw backupErrors.RESTORE_OCCUPIED({ what: `the database (its table ${name})` });
  }
  for (const part of parts) await part.prepare?.(contextOf(part), manifest.parts[part.name]);
  for (const [index, table] of manifest.tables.entries()) {
    progress(`table ${table.name}`, index, manifest.tables.length);
    await loadTable(sql, table, join(from, 'database'));
  }
  for (const { name, value } of manifest.sequences) {
    // Some are made as the platform works, such as a tenant's order numbers.
    await sql.query(`create sequence if not exists public.${quoted(name)}`);
    await sql.query('select setval($1::regclass, $2::bigint)', [`public.${quoted(name)}`, value]);
  }
  for (const part of parts) await part.restore(contextOf(part), manifest.parts[part.name]);
  const found = await proof(sql);
  if (!isDeepStrictEqual(found, manifest.proof))
    throw backupErrors.RESTORE_DIFFERS({ what: differenceOf(manifest.proof, found) });
  await sql.query('commit');
  await sql.query('analyze');
}

function differenceOf(saved: Manifest['proof'], found: Manifest['proof']): string {
  const index = saved.findIndex((line, i) => !isDeepStrictEqual(line, found[i]));
  return `${JSON.stringify(saved[index] ?? null)} was saved, ${JSON.stringify(found[index] ?? null)} is there`;
}
