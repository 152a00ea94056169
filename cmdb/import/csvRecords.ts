import { CsvError, parse } from 'csv-parse/sync';
import { lineError } from './rows.ts';

/**
 * Reads a CSV text record by record, the header first, so that of each no more is kept than what `rowOf` makes of it.
 * The delimiter is the one that the first line has most of.
 *
 * @throws {FaultlineError} CMDB_IMPORT_LINE
 */
export function csvRecords<Row>(
  file: string,
  text: string,
  rowOf: (record: string[], line: number) => Row | null,
  most?: number,
): Row[] {
  try {
    return parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      on_record: (record: string[], { lines }) => rowOf(record, lines) as never,
      relax_column_count: true,
      skip_empty_lines: true,
      ...(most === undefined ? {} : { to: most }),
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    throw lineError({ file, line }, 'quotes', 'a quoted value is not closed, or has text after its closing quote.');
  }
}

function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/\r?\n|$/));
  return [',', ';', '\t'].reduce((best, one) => (count(header, one) > count(header, best) ? one : best));
}

function count(text: string, part: string): number {
  return text.split(part).length;
}

/** `Feed Type`, `feed-type` and `feed_type` are one column. */
export function plainColumn(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** `feed_type`, `Feed type` and `feedType` are the attribute feedType. */
export function camelCased(title: string): string {
  const joined = title.replace(/[\s_-]+(.)/g, (_all, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

/** One record of a foreign table: the cells that hold something, by the plain names of their columns. */
export interface TableRecord {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/** A whole table of another tool. @throws {FaultlineError} CMDB_IMPORT_LINE */
export function tableRecords(file: string, text: string): TableRecord[] {
  let header: string[] | undefined;
  return csvRecords(file, text, (record, line) => {
    if (header === undefined) {
      header = record.map(plainColumn);
      return null;
    }
    if (record.length > header.length) {
      const problem = `${record.length} values where the header has ${header.length}; check the commas.`;
      throw lineError({ file, line }, 'columns', problem);
    }
    const cells = new Map<string, string>();
    for (const [at, cell] of record.entries()) if (cell.trim() !== '') cells.set(header[at]!, cell.trim());
    return { line, cells };
  });
}

/** The plain names of a table's columns; empty for a text without a line. */
export function tableColumns(file: string, text: string): string[] {
  const end = firstLines(text, 1);
  return csvRecords(file, end, (record) => record.map(plainColumn), 1)[0] ?? [];
}

/** So much of a text as holds its first lines, for looking without reading all of it. */
function firstLines(text: string, lines: number): string {
  let at = 0;
  for (let line = 0; line < lines && at >= 0; line++) at = text.indexOf('\n', at === 0 ? 0 : at + 1);
  return at < 0 ? text : text.slice(0, at);
}
