import { camelCased, csvRecords, plainColumn } from './csvRecords.ts';
import {
  type CiRow,
  type ContactRow,
  checkedConfidence,
  checkedKey,
  checkedMinUp,
  checkedPercent,
  checkedTime,
  checkedWeight,
  lineError,
  type Place,
  type RelationRow,
} from './rows.ts';

/** Column names by which other tools call ours. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  key: ['key', 'id', 'ci', 'ci_id', 'identifier', 'sys_id'],
  type: ['type', 'kind', 'class', 'ci_type', 'sys_class_name'],
  name: ['name', 'display_name', 'label', 'title'],
  status: ['status', 'state', 'operational_status', 'install_status'],
  from: ['from', 'source', 'from_id', 'source_id', 'parent'],
  relation: ['type', 'relation', 'relationship', 'kind', 'relation_type'],
  to: ['to', 'target', 'to_id', 'target_id', 'child'],
  group: ['redundancy_group', 'group'],
  minUp: ['min_up', 'minup', 'min'],
  minUpPercent: ['min_up_percent', 'min_percent'],
  weight: ['weight'],
  attributes: ['attributes_json'],
  relationSource: ['told_by'],
  confidence: ['confidence'],
  firstSeenAt: ['first_seen_at'],
  lastSeenAt: ['last_seen_at'],
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

  /** Whether the file is an export of ours, whose cells stand exactly as they were. */
  get exact(): boolean {
    return this.#columns.exact;
  }

  /** The value under one of our names, undefined when the column is missing or the cell empty. */
  get(name: string): string | undefined {
    const cell = this.#record[this.#columns.places.get(name) ?? -1];
    const value = this.exact && cell !== undefined ? unescapedCell(cell) : cell?.trim();
    return value === '' ? undefined : value;
  }

  /** Cells of columns that have none of our names; of an export of ours, the attributes as they were. */
  attributes(): Record<string, unknown> {
    if (this.exact) return this.#attributesOfExport();
    const attributes: Record<string, unknown> = {};
    for (const { index, name } of this.#columns.others) {
      const value = this.#record[index]!.trim();
      if (value !== '') attributes[name] = value;
    }
    return attributes;
  }

  /** When a source saw what the line tells; only exports of ours say so. */
  seen(): Pick<CiRow, 'firstSeenAt' | 'lastSeenAt'> {
    const first = this.get('firstSeenAt');
    const last = this.get('lastSeenAt');
    return {
      ...(first === undefined ? {} : { firstSeenAt: checkedTime(this, 'column first_seen_at', first) }),
      ...(last === undefined ? {} : { lastSeenAt: checkedTime(this, 'column last_seen_at', last) }),
    };
  }

  #attributesOfExport(): Record<string, unknown> {
    const text = this.get('attributes') ?? '{}';
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    } catch {
      // told below, with its line
    }
    throw lineError(this, 'column attributes_json', 'is no JSON object; leave it empty or write {"name": value}.');
  }
}

/** What the header of a file says. */
interface Columns {
  readonly file: string;
  readonly count: number;
  readonly exact: boolean;
  /** Where the columns of our names stand; those that are missing are left out. */
  readonly places: ReadonlyMap<string, number>;
  readonly others: readonly { index: number; name: string }[];
}

/** CIs from a text with a header line; columns that have no name of ours become attributes. */
export function ciRows(file: string, text: string): CiRow[] {
  return rows(file, text, CI_COLUMNS, (line) => {
    const name = line.get('name');
    const status = line.get('status');
    return {
      file,
      line: line.line,
      key: checkedKey(line, 'column id', line.get('key')),
      type: line.get('type') ?? missing(line, 'type'),
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status: line.exact ? status : status.toLowerCase() }),
      attributes: line.attributes(),
      ...line.seen(),
    };
  });
}

/** Relations from a text with a header line. */
export function relationRows(file: string, text: string): RelationRow[] {
  return rows(file, text, RELATION_COLUMNS, (line) => {
    const group = line.get('group');
    const minUp = line.get('minUp');
    const percent = line.get('minUpPercent');
    const weight = line.get('weight');
    const needsGroup = minUp !== undefined ? 'min_up' : percent !== undefined ? 'min_up_percent' : null;
    if (needsGroup !== null && group === undefined) {
      throw lineError(line, 'column redundancy_group', `is empty though ${needsGroup} is set; name the group.`);
    }
    return {
      file,
      line: line.line,
      from: checkedKey(line, 'column from', line.get('from')),
      type: line.get('relation') ?? missing(line, 'type'),
      to: checkedKey(line, 'column to', line.get('to')),
      ...(group !== undefined ? { group } : line.exact ? { group: '' } : {}),
      ...(minUp === undefined ? {} : { minUp: checkedMinUp(line, 'column min_up', minUp) }),
      ...(percent === undefined ? {} : { minUpPercent: checkedPercent(line, 'column min_up_percent', percent) }),
      ...(weight !== undefined && group !== undefined ? { weight: checkedWeight(line, 'column weight', weight) } : {}),
      // Without a group the weight is of something else: other tools have such a column too.
      attributes: { ...line.attributes(), ...(weight !== undefined && group === undefined ? { weight } : {}) },
      ...exportedTelling(line),
      ...line.seen(),
    };
  });
}

/** Who told of a relation and how surely; only exports of ours say so. */
function exportedTelling(line: Line): Pick<RelationRow, 'source' | 'confidence'> {
  const source = line.get('relationSource');
  const confidence = line.get('confidence');
  return {
    ...(source === undefined ? {} : { source }),
    ...(confidence === undefined ? {} : { confidence: checkedConfidence(line, 'column confidence', confidence) }),
  };
}

/** Contacts from a text with a header line: a person, and what they answer for. */
export function contactRows(file: string, text: string): ContactRow[] {
  return rows(file, text, CONTACT_COLUMNS, (line) => {
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

/** Columns that stand in the exports of ours alone. */
const EXPORTED = ['attributes', 'firstSeenAt', 'lastSeenAt'];
const CI_COLUMNS: Names = { required: ['key', 'type'], optional: ['name', 'status', ...EXPORTED] };
const RELATION_COLUMNS: Names = {
  required: ['from', 'relation', 'to'],
  optional: ['group', 'minUp', 'minUpPercent', 'weight', 'relationSource', 'confidence', ...EXPORTED],
};
const CONTACT_COLUMNS: Names = { required: ['contact', 'object'], optional: ['priority'] };

/** What the columns of a file make it, by the names that it must have; null for none of the three. */
export function tableKind(columns: readonly string[]): 'nodes' | 'edges' | 'contacts' | null {
  const has = (names: Names) => names.required.every((name) => ALIASES[name]!.some((one) => columns.includes(one)));
  if (has(RELATION_COLUMNS)) return 'edges';
  if (columns.includes('object') && has(CONTACT_COLUMNS)) return 'contacts';
  return has(CI_COLUMNS) ? 'nodes' : null;
}

/** Reads record by record, so that of each no more is kept than its row. */
function rows<Row>(file: string, text: string, names: Names, rowOf: (line: Line) => Row): Row[] {
  let columns: Columns | undefined;
  return csvRecords(file, text, (record, line) => {
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
  const columns = titles.map(plainColumn);
  const repeated = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (repeated !== undefined) throw lineError(place, `column ${repeated}`, 'stands twice in the header; keep one.');
  const places = new Map<string, number>();
  for (const name of [...required, ...optional]) {
    const column = ALIASES[name]!.find((one) => columns.includes(one));
    if (column !== undefined) places.set(name, columns.indexOf(column));
    else if (required.includes(name))
      throw lineError(place, 'header', `has no column ${ALIASES[name]!.slice(0, 3).join(' or ')}.`);
  }
  const exact = places.has('attributes');
  // Confidence and times have a meaning in an export of ours; elsewhere they are attributes like others.
  if (!exact) for (const name of ['relationSource', 'confidence', 'firstSeenAt', 'lastSeenAt']) places.delete(name);
  const ours = new Set(places.values());
  const others = titles
    .map((title, index) => ({ index, name: camelCased(title) }))
    .filter(({ index, name }) => !ours.has(index) && name !== '');
  return { file: place.file, count: titles.length, exact, places, others };
}

/**
 * A cell that a spreadsheet takes for text, whatever it begins with: one that would be a formula gets an apostrophe.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function escapedCell(value: string): string {
  return /^[=+\-@\t\r']/.test(value) ? `'${value}` : value;
}

function unescapedCell(cell: string): string {
  return /^'[=+\-@\t\r']/.test(cell) ? cell.slice(1) : cell;
}
