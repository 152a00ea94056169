import { stringify } from 'csv-stringify/sync';
import { escapedCell } from '../../import/csv.ts';
import { askingErrors } from '../errors.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The one list of an answer as CSV: a line per item, a column per value, those inside objects called `ci.key`; lists inside
 * an item stand as JSON in one cell. Cells that a spreadsheet would compute are escaped as in exports.
 *
 * @throws {FaultlineError} CMDB_QUERY_NO_TABLE
 */
export function csvOf(data: Fields | null): string {
  const rows = listOf(data).map((item) => new Map(columnsOf(item, '')));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return stringify([columns, ...rows.map((row) => columns.map((column) => escapedCell(row.get(column) ?? '')))]);
}

function listOf(data: Fields | null): readonly unknown[] {
  const fields = Object.values(data ?? {});
  const [only] = fields;
  if (fields.length === 1 && Array.isArray(only)) return only;
  if (fields.length === 1 && only !== null && typeof only === 'object') {
    const lists = Object.values(only).filter((value) => Array.isArray(value));
    if (lists.length === 1) return lists[0]!;
  }
  throw askingErrors.CMDB_QUERY_NO_TABLE({});
}

function columnsOf(value: unknown, name: string): [string, string][] {
  if (value === null || value === undefined) return [[name || 'value', '']];
  if (typeof value !== 'object') return [[name || 'value', String(value)]];
  if (value instanceof Date) return [[name || 'value', value.toISOString()]];
  if (Array.isArray(value)) return [[name || 'value', JSON.stringify(value)]];
  return Object.entries(value).flatMap(([field, inner]) => columnsOf(inner, name === '' ? field : `${name}.${field}`));
}
