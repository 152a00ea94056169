import type { Tx } from '../../platform/index.ts';
import type { CiPut, GraphChanges, RelationPut } from '../graph/assetGraph.ts';
import { textArray } from '../graph/postgres/arrayText.ts';
import { RelationNumbers } from '../graph/relationNumbers.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { absentFrom, listedAgain } from './absent.ts';
import { type Proposal, withoutOverruled } from './authority.ts';
import { readRules } from './identificationRules.ts';
import { type Conflict, type DuplicatePair, identify } from './identify.ts';
import type { ImportRows, Note, Place } from './rows.ts';
import { type AbsentCi, type Alias, aliasesOf } from './sourceRecords.ts';
import { understand } from './understand.ts';

/** What an import will do, and what a person should know of it. */
export interface ImportPlan {
  readonly changes: GraphChanges;
  /** Where each relation of `changes` was told. */
  readonly relationPlaces: readonly Place[];
  readonly warnings: readonly Note[];
  readonly conflicts: readonly Conflict[];
  readonly duplicates: readonly DuplicatePair[];
  readonly proposals: readonly Proposal[];
  readonly absent: readonly AbsentCi[];
  /** Keys of the file with the keys here. */
  readonly listed: readonly { readonly foreignKey: string; readonly key: string }[];
}

export interface Teller {
  /** A source that is remembered by CI. */
  readonly source: string | undefined;
  /** Who the values are said to come from, for authority. */
  readonly teller: string;
  readonly complete: boolean;
  readonly at: Date;
}

/**
 * Plans an import in its transaction: reads rows as a change of the graph, tells which CIs are there already, takes out
 * what the source may not overwrite, and adds what follows from what it leaves out.
 *
 * @param empty  the graph was never changed: nothing can be there already
 */
export async function planImport(
  tx: Tx,
  model: CmdbModel,
  rows: ImportRows,
  empty: boolean,
  told: Teller,
): Promise<ImportPlan> {
  const named = empty ? [] : namedKeys(rows);
  const aliases =
    empty || told.source === undefined ? new Map<string, Alias>() : await aliasesOf(tx, told.source, named);
  const { changes, relationPlaces, warnings } = understand(
    model,
    rows,
    empty ? new Map() : await typesOf(tx, rows, named, aliases),
  );
  const listed = (keys: ReadonlyMap<string, string>) =>
    changes.cis.map(({ key }) => ({ foreignKey: key, key: keys.get(key) ?? key }));
  if (empty) {
    const nothing = { conflicts: [], duplicates: [], proposals: [], absent: [] };
    return { changes, relationPlaces, warnings, ...nothing, listed: listed(new Map()) };
  }
  const known = new Map([...aliases].map(([foreignKey, { key }]) => [foreignKey, key]));
  const { keys, conflicts, duplicates } = await identify(tx, model, changes.cis, await readRules(tx), known);
  const keyOf = (key: string) => keys.get(key) ?? known.get(key) ?? key;
  const renamed = changes.cis.map((ci) => (keyOf(ci.key) === ci.key ? ci : { ...ci, key: keyOf(ci.key) }));
  const { cis, proposals } = await withoutOverruled(tx, renamed, told.teller);
  const { relations, places } = renamedRelations(changes.relations, relationPlaces, keyOf);
  const again = await returned(tx, cis, aliases, keyOf);
  const absent =
    told.source === undefined || !told.complete
      ? { cis: [], puts: [], removeRelations: [] }
      : await absentFrom(
          tx,
          told.source,
          changes.cis.map(({ key }) => key),
          relations,
          told.at,
        );
  const listedHere = new Set(again.map(({ key }) => key));
  return {
    changes: {
      cis: [...again, ...absent.puts.filter(({ key }) => !listedHere.has(key))],
      relations,
      removeRelations: absent.removeRelations,
      attributes: 'merge',
    },
    relationPlaces: places,
    warnings,
    conflicts,
    duplicates,
    proposals,
    absent: absent.cis,
    listed: listed(keys),
  };
}

/** Keys that the rows tell or name. */
function namedKeys(rows: ImportRows): string[] {
  const named = new Set(rows.cis.map(({ key }) => key));
  for (const { from, to } of rows.relations) named.add(from).add(to);
  for (const { object } of rows.contacts) named.add(object).add(object.replace(/^[a-z_]+\./i, ''));
  return [...named];
}

/** Types of the CIs that relations and contacts name without telling them, by the key that the file uses. */
async function typesOf(
  tx: Tx,
  rows: ImportRows,
  named: readonly string[],
  aliases: ReadonlyMap<string, Alias>,
): Promise<Map<string, string>> {
  const told = new Set(rows.cis.map((row) => row.key));
  const untold = named.filter((key) => !told.has(key));
  if (untold.length === 0) return new Map();
  const { rows: found } = await tx.query<{ key: string; type: string }>(
    'select key, type from cmdb_ci where tenant_id = $1 and key = any ($2::text[])',
    [tx.tenantId, textArray(untold)],
  );
  const types = new Map(found.map(({ key, type }) => [key, type]));
  for (const key of untold) {
    const alias = aliases.get(key);
    if (alias !== undefined) types.set(key, alias.type);
  }
  return types;
}

/** Relations under the keys that their ends have here; two that became one, or none, are left out. */
function renamedRelations(relations: readonly RelationPut[], places: readonly Place[], keyOf: (key: string) => string) {
  const numbers = new RelationNumbers();
  const seen = new Set<number>();
  const kept: RelationPut[] = [];
  const keptPlaces: Place[] = [];
  for (const [at, relation] of relations.entries()) {
    const [from, to] = [keyOf(relation.from), keyOf(relation.to)];
    const same = from === relation.from && to === relation.to;
    const number = numbers.of(same ? relation : { ...relation, from, to });
    if (from === to || seen.has(number)) continue;
    seen.add(number);
    kept.push(same ? relation : { ...relation, from, to });
    keptPlaces.push(places[at]!);
  }
  return { relations: kept, places: keptPlaces };
}

/** CIs that the source had left out and lists again are in use again. */
async function returned(
  tx: Tx,
  cis: readonly CiPut[],
  aliases: ReadonlyMap<string, Alias>,
  keyOf: (key: string) => string,
): Promise<CiPut[]> {
  const missing = [...aliases.values()].filter((one) => one.missing).map((one) => keyOf(one.foreignKey));
  if (missing.length === 0) return [...cis];
  const { rows } = await tx.query<{ key: string; status: string }>(
    'select key, status from cmdb_ci where tenant_id = $1 and key = any ($2::text[])',
    [tx.tenantId, textArray(missing)],
  );
  const statuses = new Map(rows.map(({ key, status }) => [key, status]));
  return cis.map((ci) => listedAgain(ci, statuses.get(ci.key)));
}
