import { MAX_ENTRIES } from './entries.ts';
import { type Field, failure } from './fields.ts';
import { utf8Text } from './line.ts';

/** One row of a CSV message: its cells, or why it could not be read. */
export interface CsvRow {
  /** The line it begins on; 1 for the payload's first. */
  line: number;
  cells: string[];
  trouble: string | null;
}

export interface CsvOptions {
  /** Absent: whichever of `,` `;` and tab the first line has most of. */
  delimiter?: string | undefined;
}

const DELIMITERS = [',', ';', '\t'];
/** More columns than any table of ours; bounds what a line of separators costs. */
const MAX_CELLS = 1_000;

/**
 * Reads CSV (RFC 4180), in one pass. A row that is broken is told of in its place and costs itself only: reading goes
 * on with the line behind the one that is wrong. (The library csv-parse recovers too, in quadratic time.)
 */
export function readCsv(payload: Buffer, start: number, end: number, options: CsvOptions = {}): Field<CsvRow[]> {
  const text = utf8Text(payload, start, end);
  if (!text.ok) return text;
  const reader = new RowReader(text.value, options.delimiter ?? likelyDelimiter(text.value));
  const rows: CsvRow[] = [];
  for (let row = reader.next(); row !== null; row = reader.next()) {
    rows.push(row);
    if (rows.length <= MAX_ENTRIES + 1) continue;
    const reason = `more than ${MAX_ENTRIES} rows in one message; send fewer at once`;
    return { ok: false, failure: failure('TOO_MANY_SAMPLES', 'payload', reason) };
  }
  return { ok: true, value: rows };
}

function likelyDelimiter(text: string): string {
  const firstLine = text.slice(0, 4096).trimStart().split('\n', 1)[0]!;
  const counts = DELIMITERS.map((delimiter) => firstLine.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

class RowReader {
  readonly #text: string;
  readonly #delimiter: string;
  #at: number;
  #line = 1;
  #knownFrom = 1;
  #knownEnd = 0;
  #knownSeparator = -1;

  constructor(text: string, delimiter: string) {
    this.#text = text;
    this.#delimiter = delimiter;
    this.#at = text.startsWith('\ufeff') ? 1 : 0;
  }

  /** The next row that is not empty, or null at the end. */
  next(): CsvRow | null {
    while (this.#at < this.#text.length) {
      const row = this.#row();
      if (row.trouble !== null || row.cells.length > 1 || row.cells[0] !== '') return row;
    }
    return null;
  }

  #row(): CsvRow {
    const row: CsvRow = { line: this.#line, cells: [], trouble: null };
    for (;;) {
      row.trouble = this.#cell(row.cells);
      if (row.cells.length > MAX_CELLS) row.trouble = `the row has more than ${MAX_CELLS} cells`;
      if (row.trouble !== null) {
        row.cells = [];
        this.#skipLine();
        return row;
      }
      const next = this.#text[this.#at];
      if (next !== this.#delimiter) {
        this.#skipLine();
        return row;
      }
      this.#at++;
    }
  }

  /** Reads one cell, up to the separator or the end of its line; says what is wrong with it. */
  #cell(cells: string[]): string | null {
    const text = this.#text;
    let at = this.#at;
    while (text[at] === ' ') at++;
    if (text[at] === '"') return this.#quoted(at, cells);
    const lineEnd = this.#lineEnd(at);
    const end = Math.min(this.#separator(at), lineEnd);
    const cell = text.slice(at, end);
    this.#at = end;
    if (cell.includes('"')) return 'a quote stands within a cell; double it and put the whole cell in quotes';
    cells.push(cell.trim());
    return null;
  }

  #quoted(opening: number, cells: string[]): string | null {
    const text = this.#text;
    const pieces: string[] = [];
    for (let from = opening + 1; ; ) {
      const quote = text.indexOf('"', from);
      if (quote === -1) return 'a quote that opens is never closed';
      pieces.push(text.slice(from, quote));
      if (text[quote + 1] !== '"') {
        this.#at = quote + 1;
        break;
      }
      pieces.push('"');
      from = quote + 2;
    }
    const cell = pieces.join('');
    this.#line += cell.split('\n').length - 1;
    cells.push(cell);
    while (text[this.#at] === ' ') this.#at++;
    const next = text[this.#at];
    if (next === undefined || next === this.#delimiter || next === '\n' || next === '\r') return null;
    return 'a closing quote must be followed by a separator or the end of the line';
  }

  /** Where the next separator is: looked for once, however many lines have none. */
  #separator(from: number): number {
    if (this.#knownSeparator < from) {
      const found = this.#text.indexOf(this.#delimiter, from);
      this.#knownSeparator = found === -1 ? this.#text.length : found;
    }
    return this.#knownSeparator;
  }

  /** Where the line ends that `from` lies in; remembered, for a line of separators asks for it at each. */
  #lineEnd(from: number): number {
    if (from <= this.#knownEnd && from >= this.#knownFrom) return this.#knownEnd;
    const end = this.#text.indexOf('\n', from);
    this.#knownFrom = from;
    this.#knownEnd = end === -1 ? this.#text.length : end;
    return this.#knownEnd;
  }
  #skipLine(): void {
    this.#at = this.#lineEnd(this.#at) + 1;
    this.#line++;
  }
}
