import { readFileSync } from 'node:fs';

/** Several bearings on one shaft, measured together: one row per file of the original recording. */
export interface Run {
  readonly timesMs: readonly number[];
  /** Levels, rows by channels; NaN where the cell is empty. */
  readonly levels: readonly (readonly number[])[];
  readonly channels: readonly { readonly name: string; readonly bearing: number }[];
  readonly bearings: number;
}

/** Test rigs of this kind carry four bearings: more columns are several directions of each. */
const BEARINGS = 4;
const DEFAULT_PERIOD_MS = 600_000;

/**
 * Reads a table whose first column is the time and whose other columns are levels. The columns of one bearing stand
 * side by side; their names are for people.
 *
 * @throws {Error} when no row holds numbers
 */
export function readRun(path: string): Run {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = head.split(',').slice(1);
  const rows = lines.map((line) => line.split(',')).filter((cells) => cells.length === names.length + 1);
  if (rows.length === 0 || names.length === 0) throw new Error('no rows of a time and at least one level');
  const each = names.length > BEARINGS && names.length % BEARINGS === 0 ? names.length / BEARINGS : 1;
  return {
    timesMs: rows.map(([time], i) => parseTime(time!) ?? i * DEFAULT_PERIOD_MS),
    levels: rows.map(([, ...cells]) => cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)))),
    channels: names.map((name, i) => ({ name: name.trim() || `column ${i + 1}`, bearing: Math.floor(i / each) })),
    bearings: Math.ceil(names.length / each),
  };
}

function parseTime(text: string): number | null {
  const time = Date.parse(`${text.trim().replace(' ', 'T')}Z`);
  return Number.isFinite(time) ? time : null;
}
