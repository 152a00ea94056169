import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One experiment of the test bed. */
export interface SkabRecord {
  /** Path below the suite's folder. */
  readonly record: string;
  readonly sensors: readonly string[];
  readonly stamps: readonly string[];
  readonly timesMs: readonly number[];
  /** Shape (n, sensors). */
  readonly rows: readonly (readonly number[])[];
  readonly anomaly: readonly boolean[];
  readonly changePoint: readonly boolean[];
}

const SEPARATOR = ';';
const LABELS = 2;
const LEAST_COLUMNS = 1 + 1 + LABELS;

/** Reads every table of sensors and labels under a folder, however deep. Tables without labels are left out. */
export function readSkab(directory: string): { records: SkabRecord[]; notRun: string[] } {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.csv'))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort(new Intl.Collator('en', { numeric: true }).compare);
  const records: SkabRecord[] = [];
  const notRun: string[] = [];
  for (const file of files) {
    const record = readRecord(file, readFileSync(join(directory, file), 'utf8'));
    if (typeof record === 'string') notRun.push(`${file}: ${record}`);
    else records.push(record);
  }
  return { records, notRun };
}

/** The record, or why there is none. The labels are the last two columns: ones and zeros in every row. */
function readRecord(record: string, text: string): SkabRecord | string {
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const names = (head ?? '').split(SEPARATOR);
  if (names.length < LEAST_COLUMNS) return 'not a table of sensors and two labels';
  const cells = lines.map((line) => line.split(SEPARATOR));
  const isLabelled = cells.every((row) =>
    row.slice(-LABELS).every((label) => label !== '' && [0, 1].includes(Number(label))),
  );
  if (!isLabelled || cells.length === 0) return 'no labels';
  return {
    record,
    sensors: names.slice(1, -LABELS),
    stamps: cells.map((row) => row[0]!),
    timesMs: cells.map((row) => Date.parse(`${row[0]!.trim().replace(' ', 'T')}Z`)),
    rows: cells.map((row) => row.slice(1, -LABELS).map((cell) => (cell === '' ? Number.NaN : Number(cell)))),
    anomaly: cells.map((row) => Number(row.at(-2)) === 1),
    changePoint: cells.map((row) => Number(row.at(-1)) === 1),
  };
}
