import { type CsvRow, readCsv } from './csvRows.ts';
import { bufferOf, MAX_ENTRIES } from './entries.ts';
import { bootField, type Field, failure, pointField, seqField, timeField, unitField, valueField } from './fields.ts';
import type { TelemetryFormat } from './format.ts';
import type { DecodeFailure, RejectedEntry, Sample, TelemetryDecoding } from './types.ts';

/** Columns that are not points. */
const KNOWN = ['point', 'value', 'time', 'unit', 'seq', 'boot', 'sentAt'] as const;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** What each column holds, from the first line. */
interface Columns {
  /** Position of a known column, by name. */
  known: Partial<Record<(typeof KNOWN)[number], number>>;
  /** Wide shape: positions of the columns whose heading is a point. Long shape (point and value): none. */
  points: readonly { at: number; name: string }[];
  width: number;
}

interface Opened {
  columns: Columns;
  rows: readonly CsvRow[];
  units: number;
}

function open(payload: Buffer, start: number, end: number): Field<Opened> {
  const read = readCsv(payload, start, end);
  if (!read.ok) return read;
  const [head, ...rows] = read.value;
  if (head === undefined) return { ok: false, failure: failure('EMPTY', 'payload', 'the message holds no row') };
  const columns = columnsOf(head);
  if ('code' in columns) return { ok: false, failure: columns };
  let units = 0;
  for (const row of rows) units += unitsOf(row, columns);
  if (units === 0) return { ok: false, failure: failure('EMPTY', 'payload', 'no row holds a value') };
  if (units > MAX_ENTRIES) {
    const reason = `${units} values in one message; send at most ${MAX_ENTRIES}`;
    return { ok: false, failure: failure('TOO_MANY_SAMPLES', 'payload', reason) };
  }
  return { ok: true, value: { columns, rows, units } };
}

function columnsOf(head: CsvRow): Columns | DecodeFailure {
  if (head.trouble !== null) return failure('CSV_HEADER', 'line 1', head.trouble);
  const refuse = (reason: string) => failure('CSV_HEADER', 'line 1', reason);
  const known: Columns['known'] = {};
  const points: { at: number; name: string }[] = [];
  for (const [at, name] of head.cells.entries()) {
    const column = KNOWN.find((each) => each.toLowerCase() === name.toLowerCase());
    if (column === undefined) points.push({ at, name });
    else if (known[column] !== undefined) return refuse(`the column ${column} is there twice`);
    else known[column] = at;
  }
  const headings = new Set(points.map(({ name }) => name));
  if (headings.size < points.length) return refuse('two columns have the same heading');
  if (head.cells.every((cell) => cell === '' || NUMBER.test(cell)))
    return refuse('the first line must name the columns; for a table without headings, map it by the device’s type');
  const long = known.point !== undefined || known.value !== undefined;
  if (long && (known.point === undefined || known.value === undefined))
    return refuse('name both columns point and value, or a column for each point');
  if (!long && points.length === 0)
    return refuse('no column is a point; name point and value, or a column for each point');
  return { known, points: long ? [] : points, width: head.cells.length };
}

/** A row of the wide shape is as many units as it has values; one that is wrong as a whole, or of the long shape, is one. */
function unitsOf(row: CsvRow, columns: Columns): number {
  if (columns.points.length === 0 || rowTrouble(row, columns) !== null) return 1;
  let units = 0;
  for (const { at } of columns.points) if ((row.cells[at] ?? '') !== '') units++;
  return units;
}

function rowTrouble(row: CsvRow, { width }: Columns): string | null {
  if (row.trouble !== null) return row.trouble;
  return row.cells.length === width ? null : `the row has ${row.cells.length} cells, the first line ${width}`;
}

function sampleOf(row: CsvRow, { known }: Columns, name: string | undefined, text: string | undefined, index: number) {
  const cell = (column: (typeof KNOWN)[number]): string | undefined =>
    known[column] === undefined ? undefined : row.cells[known[column]] || undefined;
  const at = (column: string): string => `line ${row.line}, ${column.slice(0, 60)}`;
  const point = pointField(name ?? '', at('point'));
  if (!point.ok) return point.failure;
  const told = text ?? '';
  if (!NUMBER.test(told))
    return failure(
      'VALUE_TYPE',
      at(known.value === undefined ? point.value : 'value'),
      'the value must be a number, such as 12.5',
    );
  const value = valueField(Number(told), at('value'));
  if (!value.ok) return value.failure;
  const unit = unitField(cell('unit'), at('unit'));
  if (!unit.ok) return unit.failure;
  const time = timeField(cell('time'), at('time'));
  if (!time.ok) return time.failure;
  const sentAt = timeField(cell('sentAt'), at('sentAt'));
  if (!sentAt.ok) return sentAt.failure;
  const boot = bootField(cell('boot'), at('boot'));
  if (!boot.ok) return boot.failure;
  const seq = seqField(cell('seq'), at('seq'));
  if (!seq.ok) return seq.failure;
  const sample: Sample = {
    ...{ point: point.value, value: value.value, unit: unit.value, timeNs: time.value },
    ...{ sentAtNs: sentAt.value, boot: boot.value, seq: seq.value, index },
  };
  return sample;
}

function decode(payload: Uint8Array): TelemetryDecoding {
  const opened = open(bufferOf(payload), 0, payload.byteLength);
  if (!opened.ok) return opened;
  const { columns, rows } = opened.value;
  const samples: Sample[] = [];
  const rejected: RejectedEntry[] = [];
  let index = 0;
  for (const row of rows) {
    const take = (made: Sample | DecodeFailure): void => {
      if ('point' in made) samples.push(made);
      else rejected.push({ ...made, index, entry: row.cells.join(',').slice(0, 1024) });
      index++;
    };
    const trouble = rowTrouble(row, columns);
    if (trouble !== null) take(failure('CSV_ROW', `line ${row.line}`, trouble));
    else if (columns.points.length === 0)
      take(sampleOf(row, columns, row.cells[columns.known.point!], row.cells[columns.known.value!], index));
    else
      for (const { at, name } of columns.points)
        if (row.cells[at] !== '') take(sampleOf(row, columns, name, row.cells[at], index));
  }
  return { ok: true, samples, rejected };
}

function count(payload: Buffer, start: number, end: number): number {
  const opened = open(payload, start, end);
  return opened.ok ? opened.value.units : 1;
}

/** CSV with a first line of headings: long (point, value, time …) or wide (time, then a column for each point). */
export const csvFormat: TelemetryFormat = { name: 'csv', aliases: [], kind: 'telemetry', decode, count };
