import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { saveTable } from './dump.ts';
import { backupErrors } from './errors.ts';
import { copyFile, filesBelow, linkAll } from './files.ts';
import type { Manifest } from './manifest.ts';
import type { BackupPart, PartContext } from './part.ts';
import { openSnapshot, sequencesOf, tablesOf } from './tables.ts';

/** Of the data directory: what is a database of its own, a lock, or made again. */
const LEFT_OUT =
  /^(postgres|exports|\.backup-\d+|faultline\.lock(\.\d+)?|.*\/spool\.lock|.*\/faultline\.lock(\.\d+)?)$/;
const SEGMENT = /^(.*\/)([0-9a-f]{14})\.seg$/;
const ATTEMPTS = 5;

export interface BackupOptions {
  ownerUrl: string;
  dataDir: string;
  secretKey: string;
  /** The folder to write; must not exist, or be empty. */
  to: string;
  version: string;
  parts: readonly BackupPart[];
  /** Figures per tenant that a restore must find again; asked within the snapshot. */
  proof: (sql: pg.ClientBase) => Promise<Manifest['proof']>;
  progress: PartContext['progress'];
  nowMs: number;
}

/**
 * Writes everything that an installation is into a folder, while it goes on working.
 *
 * @throws {FaultlineError} BACKUP_TARGET, BACKUP_RIGHTS, BACKUP_MOVED
 */
export async function backUp(options: BackupOptions): Promise<Manifest> {
  const { dataDir, parts, progress } = options;
  const to = resolve(options.to);
  if (existsSync(to) && readdirSync(to).length > 0) throw backupErrors.BACKUP_TARGET({ directory: to });
  const building = `${to}.unfinished`;
  rmSync(building, { recursive: true, force: true });
  for (const folder of ['database', 'files']) mkdirSync(join(building, folder), { recursive: true, mode: 0o700 });
  const links = join(dataDir, `.backup-${process.pid}`);
  const sql = new pg.Client({ connectionString: options.ownerUrl, application_name: 'faultline backup' });
  await sql.connect();
  try {
    await linkedSnapshot(sql, dataDir, links);
    const tables = await tablesOf(sql);
    const manifest: Manifest = {
      format: 'faultline-backup/1',
      version: options.version,
      postgres: (await sql.query<{ server_version: string }>('show server_version')).rows[0]!.server_version,
      takenAt: new Date(options.nowMs).toISOString(),
      migrations: (await sql.query<{ id: string }>('select id from schema_migration order by applied_at, id')).rows.map(
        (row) => row.id,
      ),
      secretKeyPrint: printOf(options.secretKey),
      tables: [],
      sequences: await sequencesOf(sql),
      files: [],
      parts: {},
      proof: await options.proof(sql),
    };
    for (const [index, table] of tables.entries()) {
      progress(`table ${table.name}`, index, tables.length);
      manifest.tables.push(await saveTable(sql, table, join(building, 'database')));
    }
    const files = existsSync(links) ? await filesBelow(links) : [];
    for (const [index, path] of files.entries()) {
      progress(`file ${path}`, index, files.length);
      manifest.files.push(await copyFile(links, join(building, 'files'), path));
    }
    for (const part of parts) {
      const folder = join(building, part.name);
      mkdirSync(folder, { mode: 0o700 });
      manifest.parts[part.name] = await part.save({ sql, folder, progress });
    }
    await sql.query('commit');
    writeFileSync(join(building, 'manifest.json'), JSON.stringify(manifest, null, 1), { mode: 0o600, flush: true });
    rmSync(to, { recursive: true, force: true });
    renameSync(building, to);
    return manifest;
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    throw error;
  } finally {
    await sql.end();
    rmSync(links, { recursive: true, force: true });
  }
}

/** Tells one secret key from another and nothing else. */
export function printOf(secretKey: string): string {
  return createHash('sha256').update(`faultline backup ${secretKey}`).digest('hex').slice(0, 32);
}

/**
 * Opens the snapshot between two rounds of linking. What its cursors point at was there in the first round or is in the
 * second; a spool that was trimmed past the first round's end in between would leave a gap, and then it is done again.
 */
async function linkedSnapshot(sql: pg.Client, dataDir: string, links: string): Promise<void> {
  const present = () => filesBelow(dataDir, (path) => LEFT_OUT.test(path));
  for (let attempt = 1; ; attempt++) {
    await linkAll(dataDir, links, await present());
    await openSnapshot(sql);
    await linkAll(dataDir, links, await present());
    if (!(await hasGap(links))) return;
    if (attempt === ATTEMPTS) throw backupErrors.BACKUP_MOVED({});
    await sql.query('rollback');
    rmSync(links, { recursive: true, force: true });
  }
}

/** Whether, in some spool, a segment is missing between two. */
async function hasGap(links: string): Promise<boolean> {
  const ends = new Map<string, number>();
  for (const path of existsSync(links) ? await filesBelow(links) : []) {
    const [, folder, base] = SEGMENT.exec(path) ?? [];
    if (folder === undefined || base === undefined) continue;
    const from = Number.parseInt(base, 16);
    const before = ends.get(folder);
    if (before !== undefined && from > before) return true;
    ends.set(folder, from + statSync(join(links, path)).size);
  }
  return false;
}
