import { FaultlineError } from '../../platform/index.ts';
import type { CiPut, GraphChanges, RelationPut } from '../graph/assetGraph.ts';
import { RelationNumbers } from '../graph/relationNumbers.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { ciTypeOf, type RelationMeaning, relationMeaning } from '../model/foreignNames.ts';
import { GENERIC_TYPE } from '../model/startingModel.ts';
import {
  type CiRow,
  type ContactRow,
  type ImportRows,
  lineError,
  Notes,
  type Place,
  type RelationRow,
} from './rows.ts';

export interface Understood {
  readonly changes: GraphChanges & { cis: CiPut[]; relations: RelationPut[] };
  /** Where each relation of `changes` was told. */
  readonly relationPlaces: readonly Place[];
  /** What was taken otherwise than it was written, each with how often. */
  readonly warnings: readonly { message: string; count: number }[];
}

/**
 * Turns rows into a change of the graph: foreign types and relations by the table of names, contacts into people who
 * answer for CIs.
 *
 * @param model whose names are meant as they are written
 * @param existing types of the CIs that are in the graph already, by key, of those that the rows name
 */
export function understand(model: CmdbModel, rows: ImportRows, existing: ReadonlyMap<string, string>): Understood {
  const notes = new Notes();
  for (const { message, count } of rows.notes ?? []) notes.add(message, count);
  const warn = (message: string) => notes.add(message);
  const cis = new Map<string, CiPut & Place>();
  const types = new Map<string, ReturnType<typeof ciTypeOf>>();
  for (const row of rows.cis) addCi(model, cis, row, types, warn);
  const typeOf = (key: string) => cis.get(key)?.type ?? existing.get(key);
  const relations: Relations = { numbers: new RelationNumbers(), told: new Map(), meanings: new Map() };
  for (const row of rows.relations) addRelation(model, relations, row, typeOf, warn);
  for (const contact of rows.contacts) addContact(cis, relations, contact, typeOf, warn);
  const places = [...relations.told.values()];
  return {
    changes: { cis: [...cis.values()], relations: places, attributes: 'merge' },
    relationPlaces: places,
    warnings: notes.list(),
  };
}

/** Relations as they are understood, each once. */
interface Relations {
  readonly numbers: RelationNumbers;
  readonly told: Map<number, RelationPut & Place>;
  /** What the names that were met mean: a file has few of them and very many rows. */
  readonly meanings: Map<string, RelationMeaning>;
}

function addCi(
  model: CmdbModel,
  cis: Map<string, CiPut & Place>,
  row: CiRow,
  types: Map<string, ReturnType<typeof ciTypeOf>>,
  warn: (message: string) => void,
): void {
  const before = cis.get(row.key);
  if (before !== undefined) {
    throw lineError(row, 'key', `${row.key} stands already in ${before.file}, line ${before.line}; keep one of them.`);
  }
  const { type, known } = remembered(types, `${row.sourceType}\n${row.type}\n${row.attributes.role}`, () =>
    row.sourceType === undefined ? ciTypeOf(model, row.type, row.attributes.role) : { type: row.type, known: true },
  );
  if (!known) warn(`The CI type "${row.type}" is unknown here; taken as ${GENERIC_TYPE}, with sourceType telling it.`);
  const sourceType = row.sourceType ?? (type === row.type ? undefined : row.type);
  const attributes = sourceType === undefined ? row.attributes : { ...row.attributes, sourceType };
  const { sourceType: _told, ...plain } = row;
  const ci = { ...plain, type, attributes };
  cis.set(row.key, { ...ci, attributes: row.sourceType === undefined ? checked(model, ci) : fitted(model, ci, warn) });
}

function checked(model: CmdbModel, ci: CiPut & Place): Record<string, unknown> {
  try {
    return model.checkedAttributes(ci);
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    throw lineError(ci, error.field ?? 'attributes', error.message);
  }
}

/** Attributes of another tool that fall on a name of ours by chance keep their values under `source…`. */
function fitted(model: CmdbModel, ci: CiPut & Place, warn: (message: string) => void): Record<string, unknown> {
  let attributes = ci.attributes;
  for (;;) {
    try {
      return model.checkedAttributes({ ...ci, attributes });
    } catch (error) {
      const name = error instanceof FaultlineError ? error.field?.split('.')[1] : undefined;
      if (name === undefined || !(name in attributes)) throw error;
      const { [name]: value, ...rest } = attributes;
      const kept = `source${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      attributes = { ...rest, [kept]: value };
      warn(`The attribute ${name} of ${ci.type} has another form here; kept as ${kept}.`);
    }
  }
}

function addRelation(
  model: CmdbModel,
  relations: Relations,
  row: RelationRow,
  typeOf: (key: string) => string | undefined,
  warn: (message: string) => void,
): void {
  const fromType = typeOf(row.from);
  const missing = fromType === undefined ? 'from' : typeOf(row.to) === undefined ? 'to' : undefined;
  if (missing !== undefined && row.loose) {
    warn(`A relation "${row.sourceType ?? row.type}" ends at a CI that is neither told nor known; left out.`);
    return;
  }
  if (missing !== undefined) throw noCi(row, missing, row[missing]);
  if (row.from === row.to) throw lineError(row, 'to', `${row.to} is related to itself; name another CI.`);
  const meaning = remembered(relations.meanings, `${row.sourceType}\n${row.type}\n${fromType}`, () =>
    row.sourceType === undefined
      ? relationMeaning(model, row.type, fromType)
      : { type: row.type, reversed: false, group: null, known: true },
  );
  if (!meaning.known) warn(`The relation "${row.type}" is unknown here; taken as RELATED_TO, which carries no impact.`);
  const { type } = meaning;
  const [from, to] = meaning.reversed ? [row.to, row.from] : [row.from, row.to];
  const number = relations.numbers.of({ from, type, to });
  const before = relations.told.get(number);
  const group = row.group ?? meaning.group;
  const { minUp = null, minUpPercent = null, weight = null } = row;
  const redundancy = { group, minUp, minUpPercent, weight };
  const names = Object.keys(redundancy) as (keyof typeof redundancy)[];
  if (before !== undefined && names.some((name) => before[name] !== redundancy[name])) {
    throw lineError(
      row,
      'redundancy_group',
      `${from} ${type} ${to} stands otherwise in ${before.file}, line ${before.line}; keep one of them.`,
    );
  }
  if (before !== undefined) {
    warn('A relation stood more than once; taken once.');
    return;
  }
  const sourceType = row.sourceType ?? (meaning.known && type === row.type ? undefined : row.type);
  const attributes = sourceType === undefined ? row.attributes : { ...row.attributes, sourceType };
  const { loose: _loose, sourceType: _told, ...plain } = row;
  relations.told.set(number, { ...plain, from, type, to, ...redundancy, attributes });
}

function noCi(place: Place, field: 'from' | 'to', key: string): Error {
  return lineError(place, field, `no CI has the key ${key}; add it, or correct the key.`);
}

function remembered<Value>(known: Map<string, Value>, key: string, find: () => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = find();
  known.set(key, found);
  return found;
}

function addContact(
  cis: Map<string, CiPut & Place>,
  relations: Relations,
  row: ContactRow,
  typeOf: (key: string) => string | undefined,
  warn: (message: string) => void,
): void {
  const { file, line } = row;
  const email = row.attributes.email;
  const key = `person:${typeof email === 'string' ? email.toLowerCase() : row.name}`;
  cis.set(key, { file, line, key, type: 'person', name: row.name, attributes: row.attributes });
  const owned = objectKeys(row.object).find((candidate) => typeOf(candidate) !== undefined);
  if (owned === undefined) {
    warn(`The contact's object "${row.object}" is no CI; the person is kept, and answers for nothing there.`);
    return;
  }
  const attributes = { role: row.deputy ? 'deputy' : 'accountable' };
  const owning = { file, line, from: owned, type: 'OWNED_BY', to: key, group: null, minUp: null, attributes };
  const number = relations.numbers.of(owning);
  // The same person may stand in several roles; the accountable one counts.
  if (relations.told.get(number)?.attributes.role !== 'accountable') relations.told.set(number, owning);
}

/** Keys that an object's name may stand for: NetBox writes `dcim.site:10` where the nodes have `site:10`. */
function objectKeys(object: string): string[] {
  const plain = object.replace(/^[a-z_]+\./i, '');
  const [model = '', ...rest] = plain.split(':');
  const short = { virtualmachine: 'vm', powerfeed: 'power_feed', powerpanel: 'power_panel' }[model.toLowerCase()];
  return [object, plain, ...(short === undefined ? [] : [[short, ...rest].join(':')])];
}
