import { CsvError, type Info, parse } from 'csv-parse/sync';
import { type CiRow, type ContactRow, checkedKey, checkedMinUp, lineError, type RelationRow } from './rows.ts';

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

interface Line {
  readonly file: string;
  readonly line: number;
  /** The value under one of our names, undefined when the column is missing or the cell empty. */
  get(name: string): string | undefined;
  /** Cells of columns that have none of the given names. */
  rest(taken: readonly string[]): Record<string, unknown>;
}

/** CIs from a text with a header line; columns that have no name of ours become attributes. */
export function ciRows(file: string, text: string): CiRow[] {
  return lines(file, text, ['key', 'type']).map((line) => {
    const name = line.get('name');
    const status = line.get('status');
    return {
      file,
      line: line.line,
      key: checkedKey(line, 'column id', line.get('key')),
      type: line.get('type') ?? missing(line, 'type'),
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status: status.toLowerCase() }),
      attributes: line.rest(['key', 'type', 'name', 'status']),
    };
  });
}

/** Relations from a text with a header line. */
export function relationRows(file: string, text: string): RelationRow[] {
  return lines(file, text, ['from', 'relation', 'to']).map((line) => {
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
      attributes: line.rest(['from', 'relation', 'to', 'group', 'minUp']),
    };
  });
}

/** Contacts from a text with a header line: a person, and what they answer for. */
export function contactRows(file: string, text: string): ContactRow[] {
  return lines(file, text, ['contact', 'object']).map((line) => {
    const priority = line.get('priority')?.toLowerCase() ?? '';
    return {
      file,
      line: line.line,
      name: checkedKey(line, 'column contact', line.get('contact')),
      object: checkedKey(line, 'column object', line.get('object')),
      deputy: /second|tertiary|deputy|backup|inactive/.test(priority),
      attributes: line.rest(['contact', 'object', 'priority']),
    };
  });
}

function missing(line: Line, column: string): never {
  throw lineError(line, `column ${column}`, 'is empty; write a type.');
}

function lines(file: string, text: string, required: readonly string[]): Line[] {
  const [header, ...records] = read(file, text);
  if (header === undefined) return [];
  const titles = header.record.map((name) => name.trim());
  const columns = titles.map((title) => title.toLowerCase().replace(/[\s-]+/g, '_'));
  const place = { file, line: header.info.lines };
  const repeated = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (repeated !== undefined) throw lineError(place, `column ${repeated}`, 'stands twice in the header; keep one.');
  const places = new Map(
    Object.entries(ALIASES).map(([name, aliases]) => [
      name,
      columns.indexOf(aliases.find((one) => columns.includes(one)) ?? ''),
    ]),
  );
  const indexOf = (name: string) => places.get(name) ?? -1;
  for (const name of required) {
    if (indexOf(name) < 0)
      throw lineError(place, 'header', `has no column ${ALIASES[name]!.slice(0, 3).join(' or ')}.`);
  }
  return records.map(({ record, info }) => lineOf(file, record, info, titles, indexOf));
}

function lineOf(
  file: string,
  record: readonly string[],
  info: Info,
  titles: readonly string[],
  indexOf: (name: string) => number,
): Line {
  const place = { file, line: info.lines };
  if (record.length !== titles.length) {
    throw lineError(
      place,
      'columns',
      `${record.length} values where the header has ${titles.length}; check the commas.`,
    );
  }
  return {
    ...place,
    get: (name) => {
      const value = record[indexOf(name)]?.trim();
      return value === '' ? undefined : value;
    },
    rest: (taken) => {
      const used = new Set(taken.map(indexOf));
      const attributes: Record<string, unknown> = {};
      for (const [index, title] of titles.entries()) {
        const value = record[index]!.trim();
        if (used.has(index) || title === '' || value === '') continue;
        attributes[camelCased(title)] = value;
      }
      return attributes;
    },
  };
}

/** `feed_type`, `Feed type` and `feedType` are the attribute feedType. */
function camelCased(title: string): string {
  const joined = title.replace(/[\s_-]+(.)/g, (_all, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

function read(file: string, text: string): { record: string[]; info: Info }[] {
  const header = text.slice(0, text.search(/\r?\n|$/));
  const delimiter = [',', ';', '\t'].reduce((best, one) => (count(header, one) > count(header, best) ? one : best));
  try {
    return parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: Info }[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    throw lineError({ file, line }, 'quotes', 'a quoted value is not closed, or has text after its closing quote.');
  }
}

function count(text: string, part: string): number {
  return text.split(part).length;
}
