import { parseCborMessage } from '../decode/cbor.ts';
import { readCsv } from '../decode/csvRows.ts';
import { type Field, failure } from '../decode/fields.ts';
import type { RejectedEntry } from '../decode/index.ts';
import { parseJson } from '../decode/json.ts';
import { badLine, parseLines } from '../decode/line.ts';
import type { MappingDefinition } from './definition.ts';

/** A payload as the values that paths walk through. */
export interface Parsed {
  root: unknown;
  /** Rows or lines that could not be read: units of their own, behind the others. */
  broken: readonly Omit<RejectedEntry, 'index'>[];
  /** For tables and lines: the payload's line of each item of the root list. */
  lines: readonly number[] | null;
}

const whole = (value: unknown): Field<Parsed> => ({ ok: true, value: { root: value, broken: [], lines: null } });

/** How a mapping's payloads are parsed; see the README for the values that CSV and lines become. */
export function parserOf({
  format,
  csv,
}: MappingDefinition): (payload: Buffer, start: number, end: number) => Field<Parsed> {
  switch (format) {
    case 'json':
      return (payload, start, end) => {
        const json = parseJson(payload, start, end, 'payload');
        return json.ok ? whole(json.value) : json;
      };
    case 'cbor':
      return (payload, start, end) => {
        const cbor = parseCborMessage(payload, start, end);
        return cbor.ok ? whole(cbor.value) : cbor;
      };
    case 'csv':
      return (payload, start, end) => parseTable(payload, start, end, csv ?? {});
    case 'line':
      return parseSeries;
  }
}

/** A table as a list of rows, each an object of cells by heading. */
function parseTable(
  payload: Buffer,
  start: number,
  end: number,
  csv: NonNullable<MappingDefinition['csv']>,
): Field<Parsed> {
  const read = readCsv(payload, start, end, csv);
  if (!read.ok) return read;
  const rows = read.value;
  const head = csv.columns ? { line: 0, cells: csv.columns, trouble: null } : rows.shift();
  if (head === undefined || head.trouble !== null)
    return { ok: false, failure: failure('CSV_HEADER', 'line 1', head?.trouble ?? 'the message holds no row') };
  const root: Record<string, string>[] = [];
  const lines: number[] = [];
  const broken: Omit<RejectedEntry, 'index'>[] = [];
  for (const { line, cells, trouble } of rows) {
    const wrong =
      trouble ??
      (cells.length === head.cells.length ? null : `the row has ${cells.length} cells, not ${head.cells.length}`);
    if (wrong !== null) {
      broken.push({ ...failure('CSV_ROW', `line ${line}`, wrong), entry: cells.join(',').slice(0, 1024) });
      continue;
    }
    const row: Record<string, string> = Object.create(null);
    for (const [at, heading] of head.cells.entries()) if (cells[at] !== '') row[heading] = cells[at]!;
    root.push(row);
    lines.push(line);
  }
  return { ok: true, value: { root, broken, lines } };
}

/** Line protocol as a list of `{measurement, tags: {…}, fields: {…}, time}`. */
function parseSeries(payload: Buffer, start: number, end: number): Field<Parsed> {
  const parsed = parseLines(payload, start, end);
  if (!parsed.ok) return parsed;
  const root: unknown[] = [];
  const lines: number[] = [];
  const broken: Omit<RejectedEntry, 'index'>[] = [];
  for (const line of parsed.value.lines) {
    if ('reason' in line) {
      broken.push(badLine(line, 0));
      continue;
    }
    const { measurement, timestamp: time } = line;
    root.push({ measurement, tags: dictionary(line.tags), fields: dictionary(line.fields), time });
    lines.push(line.number);
  }
  return { ok: true, value: { root, broken, lines } };
}

function dictionary(pairs: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [key, value] of pairs) fields[key] = value;
  return fields;
}
