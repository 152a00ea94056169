import { type CiRow, Notes, type Place, type RelationRow } from '../rows.ts';
import { ancestorOf, CLASSES, KEYS, LEFT_OUT, LINK_ENDS, LINKS } from './iTopNames.ts';
import type { FormatReader } from './reader.ts';
import { isRecord, textOf } from './sourceFile.ts';

/** One object of iTop. */
interface Instance extends Place {
  readonly className: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** iTop: XML as its bulk export and its data files write it, `<Set><Server id="2">…`. */
export const iTop: FormatReader = {
  format: 'iTop',
  recognises: (content) =>
    content.notation === 'documents' &&
    content.written === 'xml' &&
    content.documents.some((document) => isRecord(document) && 'Set' in document),
  rows: (contents) => {
    const notes = new Notes();
    const instances = new Map<string, Instance>();
    for (const content of contents) {
      if (content.notation !== 'documents') continue;
      for (const document of content.documents) {
        for (const one of instancesOf(content.file, (document as { Set: unknown }).Set)) {
          const name = `${one.className} ${one.id}`;
          if (!instances.has(name)) instances.set(name, one);
        }
      }
    }
    return { ...rowsOf([...instances.values()], notes), contacts: [], notes: notes.list() };
  },
};

/** The objects of a set: of one class after the other, in rows of several classes, and in the lists of other objects. */
function instancesOf(file: string, set: unknown): Instance[] {
  const found: Instance[] = [];
  const take = (className: string, value: unknown) => {
    for (const item of [value].flat()) {
      if (!isRecord(item)) continue;
      if (className === 'Row') {
        for (const [inner, of] of Object.entries(item)) take(inner, of);
        continue;
      }
      const id = textOf(item['@id']);
      if (id === undefined || id === 'null') continue;
      found.push({ file, line: found.length + 1, className, id, fields: item });
      for (const field of Object.values(item)) {
        if (isRecord(field) && isRecord(field.Set))
          for (const [inner, of] of Object.entries(field.Set)) take(inner, of);
      }
    }
  };
  if (isRecord(set)) for (const [className, value] of Object.entries(set)) take(className, value);
  return found;
}

function rowsOf(instances: readonly Instance[], notes: Notes): { cis: CiRow[]; relations: RelationRow[] } {
  const named = new Named(instances);
  const cis: CiRow[] = [];
  const relations = new Map<string, RelationRow>();
  const relate = (row: RelationRow | null) => {
    if (row !== null && row.from !== row.to) relations.set(`${row.from}\n${row.type}\n${row.to}`, row);
  };
  for (const one of instances) {
    if (one.className.startsWith('lnk')) relate(linkRow(one, named, notes));
    else if (LEFT_OUT.test(one.className)) notes.add(`iTop: ${one.className}: kept as names at most.`);
    else {
      cis.push(ciRow(one, named));
      for (const row of keyRows(one, named)) relate(row);
    }
  }
  return { cis, relations: withRedundancy([...relations.values()], instances) };
}

/** Objects by the class that a field is named after and by the ancestor that it refers to. */
class Named {
  readonly #of = new Map<string, Instance>();

  constructor(instances: readonly Instance[]) {
    for (const one of instances) {
      this.#of.set(`${one.className.toLowerCase()} ${one.id}`, one);
      this.#of.set(`ancestor ${ancestorOf(one.className)} ${one.id}`, one);
    }
  }

  /** @param field  `dbserver_id` is a DBServer's, whatever other classes are counted with it */
  find(field: string, ancestor: string, id: string | undefined): Instance | undefined {
    const className = field.slice(0, -'_id'.length);
    return this.#of.get(`${className} ${id}`) ?? this.#of.get(`ancestor ${ancestor} ${id}`);
  }
}

function keyOf({ className, id }: Instance): string {
  return `itop:${className}:${id}`;
}

const STATED = new Set(['name', 'status', 'friendlyname', 'finalclass', 'first_name', 'picture', 'icon']);
const RENAMED: Readonly<Record<string, string>> = {
  serialnumber: 'serialNumber',
  asset_number: 'assetTag',
  managementip: 'managementIp',
  mobile_phone: 'mobilePhone',
  business_criticity: 'businessCriticity',
};
/** iTop's three levels on our four. */
const CRITICALITY: Readonly<Record<string, number>> = { high: 1, medium: 2, low: 3 };

function ciRow(one: Instance, named: Named): CiRow {
  const { file, line, className, fields } = one;
  const type = CLASSES[className];
  const status = textOf(fields.status)?.toLowerCase();
  return {
    file,
    line,
    key: keyOf(one),
    type: type ?? className,
    ...(type === undefined ? {} : { sourceType: className }),
    name: nameOf(one) ?? keyOf(one),
    ...(status === undefined ? {} : { status }),
    attributes: attributesOf(one, type, named),
  };
}

function nameOf({ className, fields }: Instance): string | undefined {
  const name = textOf(fields.name) ?? textOf(fields.friendlyname);
  const first = className === 'Person' ? textOf(fields.first_name) : undefined;
  return first === undefined ? name : `${first} ${name ?? ''}`.trim();
}

function attributesOf({ fields }: Instance, type: string | undefined, named: Named): Record<string, unknown> {
  const attributes: [string, unknown][] = [];
  for (const [field, value] of Object.entries(fields)) {
    const text = textOf(value);
    if (field.startsWith('@') || field === '#text' || STATED.has(field) || text === undefined) continue;
    if (!field.endsWith('_id')) attributes.push([RENAMED[field] ?? field, text]);
    else {
      const key = KEYS[field];
      const name = key === undefined ? undefined : named.find(field, key.to, text);
      if (key !== undefined && key.type === undefined && name !== undefined) {
        attributes.push([field.slice(0, -'_id'.length), nameOf(name)]);
      }
    }
  }
  const criticality = CRITICALITY[textOf(fields.business_criticity)?.toLowerCase() ?? ''];
  if (criticality !== undefined && type?.startsWith('business_')) attributes.push(['criticality', criticality]);
  return Object.fromEntries(attributes);
}

/** Relations that the external keys of an object are; `0` is none. */
function keyRows(one: Instance, named: Named): (RelationRow | null)[] {
  return Object.entries(KEYS).map(([field, { to, type, reversed, group, role, unless }]) => {
    const value = textOf(one.fields[field]);
    if (type === undefined || value === undefined || value === '0') return null;
    const set = unless === undefined ? undefined : textOf(one.fields[unless]);
    // People belong to organizations and sit somewhere, which no failure cares about.
    if ((set !== undefined && set !== '0') || ancestorOf(one.className) === 'Contact') return null;
    if (field === 'org_id' && (to === ancestorOf(one.className) || one.className === 'Location')) return null;
    const other = named.find(field, to, value);
    if (other === undefined) return null;
    const [from, end] = reversed ? [other, one] : [one, other];
    return relationRow(one, from, type, end, `${one.className}.${field}`, group, role);
  });
}

function linkRow(one: Instance, named: Named, notes: Notes): RelationRow | null {
  const link = LINKS[one.className];
  const keys = Object.keys(one.fields).filter((field) => /^\w+_id$/.test(field) && KEYS[field]?.type === undefined);
  const [from, to] = link === undefined ? keys : [link.from, link.to];
  const ends = [from, to].map((field) => {
    const value = field === undefined ? undefined : textOf(one.fields[field]);
    return field === undefined ? undefined : named.find(field, LINK_ENDS[field] ?? 'FunctionalCI', value);
  });
  if (ends[0] === undefined || ends[1] === undefined) {
    notes.add(`iTop: ${one.className}: an end is not among the files; left out.`);
    return null;
  }
  if (link === undefined) {
    notes.add(`iTop: ${one.className} is unknown here; taken as RELATED_TO, which carries no impact.`);
    return relationRow(one, ends[0], 'RELATED_TO', ends[1], one.className);
  }
  // An uplink is told from the other side as a downlink.
  if (textOf(one.fields.connection_type)?.toLowerCase() === 'uplink') ends.reverse();
  return relationRow(one, ends[0]!, link.type, ends[1]!, one.className, link.group, link.role);
}

/** Relations of the classes whose redundancy iTop keeps, and the field that a group stands for. */
const REDUNDANT = /^lnkApplicationSolutionToFunctionalCI$|\.(powerA_id|powerB_id|farm_id)$/;

/** `redundancy` of an object: `disabled` when it needs all, else how many must be up, as a number or a percentage. */
function withRedundancy(rows: readonly RelationRow[], instances: readonly Instance[]): RelationRow[] {
  const settings = new Map(instances.map((one) => [keyOf(one), textOf(one.fields.redundancy)]));
  const members = new Map<string, number>();
  const counted = rows.filter((row) => REDUNDANT.test(row.sourceType ?? ''));
  for (const { from } of counted) members.set(from, (members.get(from) ?? 0) + 1);
  return rows.map((row) => {
    const told = settings.get(row.from);
    if (told === undefined || !REDUNDANT.test(row.sourceType ?? '')) return row;
    const { group = 'redundancy', minUp: _minUp, ...plain } = row;
    const [, amount, percent] = /^(\d{1,3})(%?)$/.exec(told) ?? [];
    if (amount === undefined) return plain;
    const share = percent === '%' ? Math.ceil((Number(amount) / 100) * members.get(row.from)!) : Number(amount);
    return { ...plain, group, minUp: Math.max(1, share) };
  });
}

function relationRow(
  { file, line }: Place,
  from: Instance,
  type: string,
  to: Instance,
  sourceType: string,
  group?: string,
  role?: string,
): RelationRow {
  const attributes = role === undefined ? {} : { role };
  const grouped = group === undefined ? {} : { group };
  return { file, line, from: keyOf(from), type, sourceType, to: keyOf(to), ...grouped, attributes, loose: true };
}
