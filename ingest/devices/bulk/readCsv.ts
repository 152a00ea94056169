import { CsvError, parse } from 'csv-parse/sync';
import type { z } from 'zod';
import type { NewDevice } from '../registry.ts';
import { newDevice } from '../shapes.ts';

export const COLUMNS = ['name', 'kind', 'type', 'gateway', 'description', 'interval'] as const;
export const MAX_LINES = 50_000;

/** What is wrong with a line, and in which column. */
export interface LineError {
  line: number;
  column: string | null;
  reason: string;
}

export interface DeviceLine {
  line: number;
  device: NewDevice;
}

const FIELD_OF_COLUMN: Readonly<Record<string, string>> = { interval: 'expectedIntervalMs' };
const COLUMN_OF_FIELD: Readonly<Record<string, string>> = { expectedIntervalMs: 'interval' };
const INTERVAL = /^(\d{1,10}(?:\.\d{1,3})?)(ms|s|m|h)?$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Devices from CSV with a header: `name` and any of the other columns. An interval is in seconds, or `500ms`, `5m`, `1h`. */
export function readDeviceCsv(text: string): { lines: DeviceLine[]; errors: LineError[] } {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    const options = { bom: true, info: true, skip_empty_lines: true, relax_column_count: true, trim: true } as const;
    records = parse(text, options) as unknown as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { lines: [], errors: [{ line: Number(error.lines ?? 1), column: null, reason: error.message }] };
  }
  const header = records.shift()?.record.map((name) => name.toLowerCase()) ?? [];
  const errors = headerErrors(header);
  if (records.length > MAX_LINES)
    errors.push({ line: 1, column: null, reason: `${records.length} lines; at most ${MAX_LINES} at once` });
  if (errors.length > 0) return { lines: [], errors };
  const lines: DeviceLine[] = [];
  const firstLineOf = new Map<string, number>();
  for (const { record, info } of records) {
    const line = info.lines;
    const read = deviceOf(header, record, line);
    if ('errors' in read) {
      errors.push(...read.errors);
      continue;
    }
    const first = firstLineOf.get(read.device.name);
    if (first !== undefined) {
      errors.push({ line, column: 'name', reason: `${read.device.name} is in line ${first} already` });
      continue;
    }
    firstLineOf.set(read.device.name, line);
    lines.push({ line, device: read.device });
  }
  return { lines, errors };
}

function headerErrors(header: readonly string[]): LineError[] {
  const known: readonly string[] = COLUMNS;
  const errors = header.flatMap((name, index): LineError[] => {
    if (!known.includes(name)) return [{ line: 1, column: name, reason: `unknown; columns are ${COLUMNS.join(', ')}` }];
    return header.indexOf(name) < index ? [{ line: 1, column: name, reason: 'is there twice' }] : [];
  });
  if (!header.includes('name')) errors.push({ line: 1, column: 'name', reason: 'the header needs this column' });
  return errors;
}

function deviceOf(
  header: readonly string[],
  record: readonly string[],
  line: number,
): { device: NewDevice } | { errors: LineError[] } {
  if (record.length !== header.length)
    return { errors: [{ line, column: null, reason: `${record.length} cells under ${header.length} columns` }] };
  const fields: Record<string, unknown> = {};
  for (const [index, column] of header.entries()) {
    const cell = record[index]!;
    if (cell === '') continue;
    fields[FIELD_OF_COLUMN[column] ?? column] = column === 'interval' ? intervalMs(cell) : cell;
  }
  const parsed = newDevice.safeParse(fields);
  if (parsed.success) return { device: parsed.data };
  return {
    errors: parsed.error.issues.map((issue) => {
      const field = String(issue.path[0] ?? '');
      return { line, column: COLUMN_OF_FIELD[field] ?? (field || null), reason: reasonOf(issue, fields[field]) };
    }),
  };
}

function reasonOf(issue: z.core.$ZodIssue, given: unknown): string {
  return given === undefined ? 'is empty' : issue.message;
}

/** NaN for what is no interval: the schema then says so, under the column's name. */
function intervalMs(text: string): number {
  const [, amount, unit = 's'] = INTERVAL.exec(text) ?? [];
  return amount === undefined ? Number.NaN : Math.round(Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]);
}
