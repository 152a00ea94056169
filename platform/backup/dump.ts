import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { backupErrors } from './errors.ts';
import { hashing } from './files.ts';
import type { SavedTable } from './manifest.ts';
import { columnList, quoted, type Table } from './tables.ts';

/** Writes a table as PostgreSQL's own text, compressed; within the caller's snapshot, in bounded memory. */
export async function saveTable(sql: Client, table: Table, folder: string): Promise<SavedTable> {
  const file = `${table.name}.copy.zst`;
  // A query, because a partitioned table has no rows of its own to copy.
  const source = sql.query(copyTo(`copy (select ${columnList(table)} from ${quoted(table.name)}) to stdout`));
  const told = hashing();
  await pipeline(source, createZstdCompress(), told, createWriteStream(join(folder, file), { mode: 0o600 }));
  return { ...table, rows: source.rowCount, file, sha256: told.sha256() };
}

/**
 * Makes sure that a table's file is what was saved, before anything is made of it.
 *
 * @throws {FaultlineError} RESTORE_DAMAGED
 */
export async function proveTable(table: SavedTable, folder: string): Promise<void> {
  const path = join(folder, table.file);
  const told = hashing();
  await pipeline(createReadStream(path), told, new Writable({ write: (_chunk, _encoding, done) => done() }));
  if (told.sha256() !== table.sha256) throw backupErrors.RESTORE_DAMAGED({ file: path });
}

/**
 * Fills an empty table with what was saved of it.
 *
 * @throws {FaultlineError} RESTORE_DIFFERS
 */
export async function loadTable(sql: Client, table: SavedTable, folder: string): Promise<void> {
  const target = sql.query(copyFrom(`copy ${quoted(table.name)} (${columnList(table)}) from stdin`));
  await pipeline(createReadStream(join(folder, table.file)), createZstdDecompress(), target);
  if (target.rowCount !== table.rows)
    throw backupErrors.RESTORE_DIFFERS({ what: `${table.name} has ${target.rowCount} rows instead of ${table.rows}` });
}
