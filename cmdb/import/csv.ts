import { CsvError, parse } from 'csv-parse/sync';
import {
  type CiRow,
  type ContactRow,
  checkedKey,
  checkedMinUp,
  lineError,
  type Place,
  type RelationRow,
} from './rows.ts';

/** Column names by which other tools call ours. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  key: ['key', 'id', 'ci', 'ci_id', 'identifier', 'sys_id'],
  type: ['type', 'kind', 'class', 'ci_type', 'sys_class_name'],
  name: ['name', 'display_name', 'label', 'title'],
  status: ['status', 'state', 'operational_status', 'install_status'],
  from: ['from', 'source', 'from_id', 'source_id', 'parent'],
  relation: ['type', 'relation', 'relationship', 'kind', 'relation_type'],
  to: ['to', 'target', 'to_id', 'target_id', 'child'],
  group: ['redundancy_group', 'group'],
  minUp: ['min_up', 'minup', 'min'],
  contact: ['contact', 'name', 'person', 'owner'],
  object: ['object', 'ci', 'key', 'target', 'service'],
  priority: ['priority', 'role', 'responsibility'],
};

/** One record of a file with a header. */
class Line {
  readonly file: string;
  readonly line: number;
  readonly #record: readonly string[];
  readonly #columns: Columns;

  constructor(columns: Columns, record: readonly string[], line: number) {
    this.file = columns.file;
    this.line = line;
    this.#record = record;
    this.#columns = columns;
  }

  /** The value under one of our names, undefined when the column is missing or the cell empty. */
  get(name: string): string | undefined {
    const value = this.#record[this.#columns.places.get(name) ?? -1]?.trim();
    return value === '' ? undefined : value;
  }

  /** Cells of columns that have none of our names. */
  attributes(): Record<string, unknown> {
    const attributes: Record<string, unknown> = {};
    for (const { index, name } of this.#columns.others) {
      const value = this.#record[index]!.trim();
      if (value !== '') attributes[name] = value;
    }
    return attributes;
  }
}

/** What the header of a file says. */
interface Columns {
  readonly file: string;
  readonly count: number;
  /** Where the columns of our names stand; -1 for one that is missing. */
  readonly places: ReadonlyMap<string, number>;
  readonly others: readonly { index: number; name: string }[];
}

/** CIs from a text with a header line; columns that have no name of ours become attributes. */
export function ciRows(file: string, text: string): CiRow[] {
  return rows(file, text, { required: ['key', 'type'], optional: ['name', 'status'] }, (line) => {
    const name = line.get('name');
    const status = line.get('status');
    return {
      file,
      line: line.line,
      key: checkedKey(line, 'column id', line.get('key')),
      type: line.get('type') ?? missing(line, 'type'),
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status: status.toLowerCase() }),
      attributes: line.attributes(),
    };
  });
}

/** Relations from a text with a header line. */
export function relationRows(file: string, text: string): RelationRow[] {
  return rows(file, text, { required: ['from', 'relation', 'to'], optional: ['group', 'minUp'] }, (line) => {
    const group = line.get('group');
    const minUp = line.get('minUp');
    if (minUp !== undefined && group === undefined) {
      throw lineError(line, 'column redundancy_group', 'is empty though min_up is set; name the group.');
    }
    return {
      file,
      line: line.line,
      from: checkedKey(line, 'column from', line.get('from')),
      type: line.get('relation') ?? missing(line, 'type'),
      to: checkedKey(line, 'column to', line.get('to')),
      ...(group === undefined ? {} : { group }),
      ...(minUp === undefined ? {} : { minUp: checkedMinUp(line, 'column min_up', minUp) }),
      attributes: line.attributes(),
    };
  });
}

/** Contacts from a text with a header line: a person, and what they answer for. */
export function contactRows(file: string, text: string): ContactRow[] {
  return rows(file, text, { required: ['contact', 'object'], optional: ['priority'] }, (line) => {
    const priority = line.get('priority')?.toLowerCase() ?? '';
    return {
      file,
      line: line.line,
      name: checkedKey(line, 'column contact', line.get('contact')),
      object: checkedKey(line, 'column object', line.get('object')),
      deputy: /second|tertiary|deputy|backup|inactive/.test(priority),
      attributes: line.attributes(),
    };
  });
}

function missing(line: Line, column: string): never {
  throw lineError(line, `column ${column}`, 'is empty; write a type.');
}

interface Names {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** Reads record by record, so that of each no more is kept than its row. */
function rows<Row>(file: string, text: string, names: Names, rowOf: (line: Line) => Row): Row[] {
  let columns: Columns | undefined;
  return read(file, text, (record, line) => {
    if (columns === undefined) {
      columns = columnsOf({ file, line }, record, names);
      return null;
    }
    if (record.length === columns.count) return rowOf(new Line(columns, record, line));
    throw lineError(
      { file, line },
      'columns',
      `${record.length} values where the header has ${columns.count}; check the commas.`,
    );
  });
}

function columnsOf(place: Place, header: readonly string[], { required, optional }: Names): Columns {
  const titles = header.map((name) => name.trim());
  const columns = titles.map((title) => title.toLowerCase().replace(/[\s-]+/g, '_'));
  const repeated = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (repeated !== undefined) throw lineError(place, `column ${repeated}`, 'stands twice in the header; keep one.');
  const places = new Map(
    [...required, ...optional].map((name) => [
      name,
      columns.indexOf(ALIASES[name]!.find((one) => columns.includes(one)) ?? ''),
    ]),
  );
  for (const name of required) {
    if (places.get(name)! < 0)
      throw lineError(place, 'header', `has no column ${ALIASES[name]!.slice(0, 3).join(' or ')}.`);
  }
  const ours = new Set(places.values());
  const others = titles
    .map((title, index) => ({ index, name: camelCased(title) }))
    .filter(({ index, name }) => !ours.has(index) && name !== '');
  return { file: place.file, count: titles.length, places, others };
}

/** `feed_type`, `Feed type` and `feedType` are the attribute feedType. */
function camelCased(title: string): string {
  const joined = title.replace(/[\s_-]+(.)/g, (_all, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

function read<Row>(file: string, text: string, rowOf: (record: string[], line: number) => Row | null): Row[] {
  const header = text.slice(0, text.search(/\r?\n|$/));
  const delimiter = [',', ';', '\t'].reduce((best, one) => (count(header, one) > count(header, best) ? one : best));
  try {
    return parse(text, {
      bom: true,
      delimiter,
      on_record: (record: string[], { lines }) => rowOf(record, lines) as never,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    throw lineError({ file, line }, 'quotes', 'a quoted value is not closed, or has text after its closing quote.');
  }
}

function count(text: string, part: string): number {
  return text.split(part).length;
}
