import type { ClientBase } from 'pg';
import { backupErrors } from './errors.ts';

export interface Table {
  name: string;
  columns: string[];
}

/** The history of the schema is made by migrating, not by copying. */
const NOT_COPIED = ['schema_migration'];

/** Opens a transaction that sees all tenants' rows of one moment. */
export async function openSnapshot(sql: ClientBase): Promise<void> {
  await demandAllRows(sql);
  await sql.query('begin isolation level repeatable read read only');
  await sql.query('set local row_security = off');
  await sql.query('select 1'); // the snapshot is taken by the first query, not by begin
}

/** @throws {FaultlineError} BACKUP_RIGHTS when row-level security would hide rows from this user */
export async function demandAllRows(sql: ClientBase): Promise<void> {
  const { rows } = await sql.query<{ user: string; all: boolean }>(
    'select rolname as user, rolsuper or rolbypassrls as all from pg_roles where rolname = current_user',
  );
  if (!rows[0]?.all) throw backupErrors.BACKUP_RIGHTS({ user: rows[0]?.user ?? '?' });
}

/**
 * Every table of the product, each behind those that it refers to. Partitions are read through their parents; what the
 * job queues keep is made again from the events that are not yet delivered.
 */
export async function tablesOf(sql: ClientBase): Promise<Table[]> {
  const { rows } = await sql.query<{ name: string; columns: string[]; refers: string[] }>(
    `select c.relname as name,
       (select array_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '')::text[] as columns,
       coalesce((select array_agg(distinct t.relname) from pg_constraint k join pg_class t on t.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid), '{}')::text[] as refers
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> all($1) order by c.relname`,
    [NOT_COPIED],
  );
  const waiting = new Map(rows.map((row) => [row.name, row]));
  const ordered: Table[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((row) => row.refers.every((name) => !waiting.has(name)));
    // Tables that refer to one another in a ring could not be filled one after the other: none of ours do.
    if (ready.length === 0) throw new Error(`tables refer to one another: ${[...waiting.keys()].join(', ')}`);
    for (const { name, columns } of ready) {
      ordered.push({ name, columns });
      waiting.delete(name);
    }
  }
  return ordered;
}

export function columnList(table: Table): string {
  return table.columns.map(quoted).join(', ');
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Values that the next row of an identity column follows. */
export async function sequencesOf(sql: ClientBase): Promise<{ name: string; value: string }[]> {
  const { rows } = await sql.query<{ name: string; value: string }>(
    `select sequencename as name, last_value::text as value from pg_sequences
     where schemaname = 'public' and last_value is not null order by 1`,
  );
  return rows;
}
