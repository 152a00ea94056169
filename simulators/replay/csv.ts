import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { type RecordedRow, RecordingError, type TelemetryRecord } from './record.ts';

const TIME_COLUMN = /^(time|timestamp|datetime|date|elapsed_s|elapsed|seconds|t|ts)$/i;
/** Answers, not readings: they are never shown to the system that is to find them. */
const LABEL_COLUMN = /^(anomaly|changepoint|label|class|target)$/i;
/** A running number is no reading. */
const COUNTER_COLUMN = /^(index|row|no|id)$/i;
/** Numbers above this are points in time; below, seconds since the beginning. */
const LARGEST_ELAPSED_SECONDS = 1e8;

interface Line {
  record: string[];
  info: { lines: number };
}

/**
 * Reads a table with a header: a time column (date and time, or seconds) and columns of numbers, separated by comma,
 * semicolon or tab. Columns whose first cell is text are left out, and so are labels; an empty cell is a missing reading.
 *
 * @throws {RecordingError} that names the file and the line that cannot be read
 */
export async function csvRecord(path: string, name: string): Promise<TelemetryRecord> {
  const text = await readFile(path, 'utf8');
  const fail = (line: number, why: string) => new RecordingError(`${basename(path)}, line ${line}: ${why}`);
  let lines: Line[];
  try {
    lines = parse(text, {
      delimiter: delimiterOf(text),
      bom: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw fail(Number(error.lines ?? 0), error.message);
  }
  const [head, ...body] = lines;
  if (!head || body.length === 0) throw fail(1, 'there must be a header and at least one row');
  const header = head.record;
  const first = body[0]!.record;
  const timeColumn = timeColumnOf(header, first);
  const columns = header
    .map((column, index) => ({ column, index }))
    .filter(
      ({ column, index }) =>
        index !== timeColumn && column !== '' && !LABEL_COLUMN.test(column) && !COUNTER_COLUMN.test(column),
    )
    .filter(({ index }) => first[index] === '' || Number.isFinite(Number(first[index])));
  if (columns.length === 0) throw fail(1, 'no column holds numbers');

  let startSeconds: number | undefined;
  let previousSeconds = Number.NEGATIVE_INFINITY;
  const rows = body.map(({ record, info }, rowIndex): RecordedRow => {
    const seconds = timeColumn < 0 ? rowIndex : secondsOf(record[timeColumn]!);
    if (seconds === undefined) throw fail(info.lines, `${JSON.stringify(record[timeColumn])} is no time`);
    if (seconds < previousSeconds) throw fail(info.lines, 'time runs backwards');
    previousSeconds = seconds;
    startSeconds ??= seconds;
    const values = new Map<string, number>();
    for (const { column, index } of columns) {
      const cell = record[index]!;
      if (cell === '') continue;
      const value = Number(cell);
      if (!Number.isFinite(value)) throw fail(info.lines, `${JSON.stringify(cell)} in column ${column} is no number`);
      values.set(column, value);
    }
    return { offsetSeconds: seconds - startSeconds, values };
  });
  return {
    kind: 'telemetry',
    name,
    path,
    columns: columns.map(({ column }) => column),
    durationSeconds: rows.at(-1)!.offsetSeconds,
    rows,
  };
}

function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/\r?\n|$/));
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

function timeColumnOf(header: readonly string[], first: readonly string[]): number {
  const named = header.findIndex((column) => TIME_COLUMN.test(column));
  if (named >= 0) return named;
  // A nameless or oddly named first column that holds dates is the time.
  return Number.isFinite(Number(first[0])) || secondsOf(first[0]!) === undefined ? -1 : 0;
}

function secondsOf(cell: string): number | undefined {
  if (cell === '') return undefined;
  const number = Number(cell);
  if (Number.isFinite(number)) {
    if (Math.abs(number) < LARGEST_ELAPSED_SECONDS) return number;
    // A point in time in s, ms, µs or ns, told apart by its size (good until the year 5138).
    const perSecond = number < 1e11 ? 1 : number < 1e14 ? 1e3 : number < 1e17 ? 1e6 : 1e9;
    return number / perSecond;
  }
  // A date without a zone is read as UTC, so that a replay is the same everywhere and no hour is missing in spring.
  const zoned = /(z|[+-]\d\d:?\d\d)$/i.test(cell) ? cell : `${cell.replace(' ', 'T')}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
