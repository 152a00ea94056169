import { camelCased, type TableRecord } from '../csvRecords.ts';
import { type CiRow, checkedKey, Notes, type RelationRow } from '../rows.ts';
import type { FormatReader } from './reader.ts';
import { listsOf, type ServiceNowList } from './serviceNowLists.ts';
import { classOf, relationOf } from './serviceNowNames.ts';

/**
 * ServiceNow: lists of cmdb_ci tables and of cmdb_rel_ci, as CSV with field names or labels as their header (dot-walked ones
 * too: `parent.name`), or as JSON of an export or of the Table API.
 */
export const serviceNow: FormatReader = {
  format: 'ServiceNow',
  recognises: (content) => listsOf(content).some((list) => sortOf(list) !== null),
  rows: (contents) => {
    const lists = contents.flatMap(listsOf);
    const of = (sort: ReturnType<typeof sortOf>) => lists.filter((one) => sortOf(one) === sort);
    const notes = new Notes();
    const cis = new Cis(notes);
    for (const { file, records } of of('cis')) for (const record of records()) cis.add(file, record);
    const types = relationTypes(of('relationTypes'));
    const relations: RelationRow[] = [];
    for (const { file, records } of of('relations')) {
      for (const record of records()) {
        const row = relationRow(file, record, cis, types, notes);
        if (row !== null) relations.push(row);
      }
    }
    const rows = once([...cis.relations, ...relations]);
    return { cis: cis.rows, relations: rows, contacts: [], notes: notes.list() };
  },
};

const ABOUT_CIS = [
  'operational_status',
  'install_status',
  'support_group',
  'discovery_source',
  'most_recent_discovery',
  'first_discovered',
  'asset_tag',
  'owned_by',
];

/** What a list holds, by its columns; of relations, also by how their types are written. */
function sortOf({ columns, start }: ServiceNowList): 'cis' | 'relations' | 'relationTypes' | null {
  const has = (...names: string[]) => names.every((name) => columns.includes(name));
  if (has('parent_descriptor', 'child_descriptor')) return 'relationTypes';
  const walked = (field: string) => columns.some((name) => name === field || name.startsWith(`${field}.`));
  if (walked('parent') && walked('child') && walked('type')) {
    return has('sys_id') || has('connection_strength') || start.includes('::') ? 'relations' : null;
  }
  if (has('sys_class_name') || has('sys_id', 'name')) return 'cis';
  return has('class', 'name') && ABOUT_CIS.some((name) => columns.includes(name)) ? 'cis' : null;
}

/** Columns that become something else than an attribute of the same name. */
const RENAMED: Readonly<Record<string, string>> = {
  serial_number: 'serialNumber',
  asset_tag: 'assetTag',
  model_id: 'model',
  model_number: 'modelNumber',
  busines_criticality: 'businessCriticality',
};
const NO_ATTRIBUTE = new Set(['name', 'sys_class_name', 'class', 'sys_id', 'install_status', 'operational_status']);
/** Operational status by number, as lists without display values write it. */
const STATUSES = ['', 'operational', 'non-operational', 'repair in progress', 'dr standby', 'ready', 'retired'];

/** People and places that columns of a CI name. */
const PARTIES = [
  { column: 'owned_by', type: 'person', relation: 'OWNED_BY', role: 'accountable' },
  { column: 'managed_by', type: 'person', relation: 'OWNED_BY', role: 'deputy' },
  { column: 'support_group', type: 'team', relation: 'SUPPORTED_BY', role: undefined },
  { column: 'location', type: 'building', relation: 'LOCATED_IN', role: undefined },
  { column: 'vendor', type: 'supplier', relation: 'SUPPLIED_BY', role: undefined },
] as const;

/** CIs as they are read, found by sys_id and by name: lists show names where they refer. */
class Cis {
  readonly rows: CiRow[] = [];
  readonly relations: RelationRow[] = [];
  readonly #keys = new Set<string>();
  readonly #byName = new Map<string, Set<string>>();
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  add(file: string, { line, cells }: TableRecord): void {
    const name = cells.get('name');
    const className = cells.get('sys_class_name') ?? cells.get('class');
    const key = checkedKey({ file, line }, 'sys_id', cells.get('sys_id') ?? name);
    if (this.#keys.has(key)) {
      this.#notes.add(`ServiceNow: ${key} stands in more than one list; the first counts.`);
      return;
    }
    const type = className === undefined ? undefined : classOf(className);
    if (className === undefined)
      this.#notes.add('ServiceNow: a list without the column sys_class_name; types unknown.');
    this.#put({
      file,
      line,
      key,
      type: type ?? className ?? 'configuration_item',
      ...(type === undefined ? {} : { sourceType: className! }),
      name: name ?? key,
      ...status(cells),
      attributes: attributesOf(cells, type),
    });
    for (const { column, type: of, relation, role } of PARTIES) {
      const other = cells.get(column);
      if (other === undefined) continue;
      if (isSysId(other)) {
        this.#notes.add(`ServiceNow: ${column} told by its id alone; left out. Export display values.`);
        continue;
      }
      const to = this.#party(file, line, of, other);
      const attributes = role === undefined ? {} : { role };
      this.relations.push({ file, line, from: key, type: relation, sourceType: column, to, attributes, loose: true });
    }
  }

  /** One end of a relation whose class was exported with it, where no list tells of it. */
  addEnd(file: string, line: number, name: string, key: string, className: string): void {
    if (this.keyOf(key) !== key || this.#keys.has(key)) return;
    const type = classOf(className);
    const told = type === undefined ? { type: className } : { type, sourceType: className };
    this.#put({ file, line, key: checkedKey({ file, line }, 'sys_id', key), ...told, name, attributes: {} });
  }

  /** The key of what a list refers to; null for a name that several CIs have. What is not listed may be in the graph. */
  keyOf(reference: string): string | null {
    if (this.#keys.has(reference)) return reference;
    const named = this.#byName.get(reference.toLowerCase());
    if (named === undefined) return reference;
    return named.size === 1 ? [...named][0]! : null;
  }

  #put(row: CiRow): void {
    this.rows.push(row);
    this.#keys.add(row.key);
    const name = row.name!.toLowerCase();
    this.#byName.set(name, (this.#byName.get(name) ?? new Set()).add(row.key));
  }

  #party(file: string, line: number, type: string, name: string): string {
    const key = `${type}:${name}`;
    if (!this.#keys.has(key)) this.rows.push({ file, line, key, type, name, attributes: {} });
    this.#keys.add(key);
    return key;
  }
}

function status(cells: ReadonlyMap<string, string>): { status?: string } {
  const told = cells.get('operational_status') ?? cells.get('install_status');
  if (told === undefined) return {};
  return { status: (cells.has('operational_status') && STATUSES[Number(told)]) || told.toLowerCase() };
}

function attributesOf(cells: ReadonlyMap<string, string>, type: string | undefined): Record<string, unknown> {
  const attributes: [string, unknown][] = [];
  for (const [column, value] of cells) {
    if (NO_ATTRIBUTE.has(column) || column.startsWith('sys_')) continue;
    attributes.push([RENAMED[column] ?? camelCased(column), value]);
  }
  const told = cells.get('busines_criticality') ?? cells.get('business_criticality');
  const criticality = /^[1-4]\b/.exec(told ?? '')?.[0];
  if (criticality !== undefined && type?.startsWith('business_')) attributes.push(['criticality', Number(criticality)]);
  return Object.fromEntries(attributes);
}

/** Types of relations that are told by their id, where the list of types lies beside. */
function relationTypes(lists: readonly ServiceNowList[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { records } of lists) {
    for (const { cells } of records()) {
      const id = cells.get('sys_id');
      if (id !== undefined) names.set(id, `${cells.get('parent_descriptor')}::${cells.get('child_descriptor')}`);
    }
  }
  return names;
}

function relationRow(
  file: string,
  { line, cells }: TableRecord,
  cis: Cis,
  types: ReadonlyMap<string, string>,
  notes: Notes,
): RelationRow | null {
  const [parent, child] = [endOf(file, line, cells, 'parent', cis), endOf(file, line, cells, 'child', cis)];
  const told = cells.get('type') ?? cells.get('type.name') ?? cells.get('type.sys_id');
  if (parent === undefined || child === undefined || told === undefined) {
    notes.add('ServiceNow: relations without parent, child or type; left out.');
    return null;
  }
  const [parentKey, childKey] = [cis.keyOf(parent), cis.keyOf(child)];
  if (parentKey === null || childKey === null) {
    notes.add('ServiceNow: relations of a name that several CIs have; left out. Export sys_id with both lists.');
    return null;
  }
  const name = types.get(told) ?? told;
  const known = relationOf(name);
  const [from, to] = known?.reversed ? [childKey, parentKey] : [parentKey, childKey];
  if (from === to) {
    notes.add('ServiceNow: relations of a CI to itself; left out.');
    return null;
  }
  const type = known === undefined ? { type: name } : { type: known.type, sourceType: name };
  const group = known?.group === undefined ? {} : { group: known.group };
  return { file, line, from, ...type, to, ...group, attributes: {}, loose: true };
}

/** How an end of a relation is named: by its id where that was exported, else by its name. */
function endOf(
  file: string,
  line: number,
  cells: ReadonlyMap<string, string>,
  field: 'parent' | 'child',
  cis: Cis,
): string | undefined {
  const name = cells.get(`${field}.name`) ?? cells.get(field);
  const told = cells.get(`${field}.sys_id`) ?? cells.get(field) ?? name;
  const className = cells.get(`${field}.sys_class_name`);
  if (told !== undefined && className !== undefined) cis.addEnd(file, line, name ?? told, told, className);
  return told;
}

const SYS_ID = /^[0-9a-f]{32}$/;

function isSysId(text: string): boolean {
  return SYS_ID.test(text);
}

function once(rows: readonly RelationRow[]): RelationRow[] {
  return [...new Map(rows.toReversed().map((row) => [`${row.from}\n${row.type}\n${row.to}`, row])).values()].reverse();
}
