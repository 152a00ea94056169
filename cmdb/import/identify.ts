import type { Tx } from '../../platform/index.ts';
import type { CiPut } from '../graph/assetGraph.ts';
import { textArray } from '../graph/postgres/arrayText.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { GENERIC_TYPE } from '../model/startingModel.ts';
import {
  evidenceOf,
  type IdentificationRules,
  type Identifier,
  identityOf,
  identitySql,
} from './identificationRules.ts';

/** Two CIs that seem to be one. */
export interface DuplicatePair {
  readonly key: string;
  readonly other: string;
  readonly evidence: string;
}

/** Something about who is who that a person should look at. */
export interface Conflict {
  readonly key: string;
  readonly message: string;
}

export interface Identified {
  /** The key here, by the key of the file, of all CIs that the file tells. */
  readonly keys: ReadonlyMap<string, string>;
  readonly conflicts: readonly Conflict[];
  readonly duplicates: readonly DuplicatePair[];
}

interface Found {
  readonly key: string;
  readonly type: string;
}

/**
 * Tells which CIs of a file are there already. What a source has listed before is known by the source's own record;
 * else the rules of the CI's type are asked in their order, and the first that names exactly one CI counts.
 *
 * @param known  keys here by keys of the file, of what the source has listed before
 */
export async function identify(
  tx: Tx,
  model: CmdbModel,
  cis: readonly CiPut[],
  rules: IdentificationRules,
  known: ReadonlyMap<string, string>,
): Promise<Identified> {
  const candidates = await findCandidates(tx, cis, rules);
  const there = candidates.get('key')!;
  const keys = new Map<string, string>();
  const taken = new Map<string, string>();
  const conflicts: Conflict[] = [];
  const duplicates: DuplicatePair[] = [];
  for (const ci of cis) {
    const own = known.get(ci.key);
    const match = matchOf(model, ci, rules.of(ci.type), candidates, conflicts, duplicates);
    const key = own ?? match?.key ?? ci.key;
    const second = secondOf(ci, own, match, there);
    if (second !== undefined && second !== key) {
      duplicates.push({ key, other: second, evidence: match!.evidence });
      conflicts.push({ key: ci.key, message: `${key} and ${second} seem to be one CI (${match!.evidence}).` });
    }
    const before = taken.get(key);
    if (before === undefined) {
      taken.set(key, ci.key);
      keys.set(ci.key, key);
      continue;
    }
    conflicts.push({ key: ci.key, message: `${before} and ${ci.key} of the file are both ${key}; kept apart.` });
    duplicates.push({ key, other: ci.key, evidence: match?.evidence ?? 'key' });
    taken.set(ci.key, ci.key);
    keys.set(ci.key, ci.key);
  }
  return { keys, conflicts, duplicates };
}

interface Match extends Found {
  readonly identifier: string;
  readonly evidence: string;
}

/** Another CI that is there already and that the same row names. */
function secondOf(
  ci: CiPut,
  own: string | undefined,
  match: Match | undefined,
  there: ReadonlyMap<string, readonly Found[]>,
): string | undefined {
  if (match === undefined || match.identifier === 'key') return undefined;
  if (own !== undefined) return match.key;
  const standing = there.get(identityOf(ci, ['key']) ?? '') ?? [];
  return standing.some(({ key }) => key === ci.key) ? ci.key : undefined;
}

function matchOf(
  model: CmdbModel,
  ci: CiPut,
  identifiers: readonly Identifier[],
  candidates: ReadonlyMap<string, ReadonlyMap<string, readonly Found[]>>,
  conflicts: Conflict[],
  duplicates: DuplicatePair[],
): Match | undefined {
  for (const identifier of identifiers) {
    const name = identifier.join(' + ');
    const identity = identityOf(ci, identifier);
    const all = identity === undefined ? [] : (candidates.get(name)?.get(identity) ?? []);
    const found =
      name === 'key' ? all.filter(({ key }) => key === ci.key) : all.filter((one) => fits(model, one.type, ci.type));
    const evidence = evidenceOf(model, ci.type, identifier, identity ?? '');
    if (found.length === 1) return { ...found[0]!, identifier: name, evidence };
    if (found.length === 0) continue;
    const others = found.slice(1).map(({ key }) => key);
    conflicts.push({ key: ci.key, message: `${evidence} is that of ${found[0]!.key} and of ${others.join(', ')}.` });
    for (const other of others) duplicates.push({ key: found[0]!.key, other, evidence });
  }
  return undefined;
}

/** A file may tell a type more or less closely than the graph, or not at all. */
function fits(model: CmdbModel, type: string, told: string): boolean {
  return model.isA(type, told) || model.isA(told, type) || type === GENERIC_TYPE || told === GENERIC_TYPE;
}

/** CIs of the graph by identifier and identity, of all identities that the file tells: one statement per identifier. */
async function findCandidates(
  tx: Tx,
  cis: readonly CiPut[],
  rules: IdentificationRules,
): Promise<Map<string, Map<string, Found[]>>> {
  const wanted = new Map<string, { identifier: Identifier; identities: Set<string> }>();
  wanted.set('key', { identifier: ['key'], identities: new Set() });
  const types = new Map<string, readonly Identifier[]>();
  for (const ci of cis) {
    const identifiers = types.get(ci.type) ?? rules.of(ci.type);
    types.set(ci.type, identifiers);
    for (const identifier of identifiers) {
      const identity = identityOf(ci, identifier);
      if (identity === undefined) continue;
      const name = identifier.join(' + ');
      const of = wanted.get(name);
      if (of === undefined) wanted.set(name, { identifier, identities: new Set([identity]) });
      else of.identities.add(identity);
    }
  }
  const found = new Map<string, Map<string, Found[]>>();
  for (const [name, { identifier, identities }] of wanted) {
    const exact = name === 'key' ? cis.map(({ key }) => key) : [...identities];
    found.set(name, await lookUp(tx, identifier, exact));
  }
  return found;
}

async function lookUp(tx: Tx, identifier: Identifier, identities: readonly string[]): Promise<Map<string, Found[]>> {
  const found = new Map<string, Found[]>();
  if (identities.length === 0) return found;
  const values: unknown[] = [tx.tenantId, textArray(identities)];
  // Keys are indexed as they stand; other identities are compared in lower case, by one pass over the tenant's CIs.
  const byKey = identifier.length === 1 && identifier[0] === 'key';
  const identity = identitySql(identifier, (name) => `$${values.push(name)}`);
  const { rows } = await tx.query<Found & { identity: string }>(
    `select c.key, c.type, ${identity} as identity from cmdb_ci c
     where c.tenant_id = $1 and ${byKey ? 'c.key' : identity} = any ($2::text[]) order by c.id`,
    values,
  );
  for (const { identity: of, ...row } of rows) {
    const alike = found.get(of);
    if (alike === undefined) found.set(of, [row]);
    else alike.push(row);
  }
  return found;
}
