import type { Tx } from '../../platform/index.ts';
import type { CmdbModel } from './cmdbModel.ts';
import type { BothLanguages } from './definitions.ts';
import { isMissing, NO_SUCH_CI, type Problem, problemsOf } from './problems.ts';
import { lostReferences } from './references.ts';
import { keepUniqueValues, type StoredCi } from './uniqueValues.ts';

/** A CI that does not fit a model, and why. */
export interface Misfit extends Problem {
  readonly ciId: string;
  readonly key: string;
  readonly type: string;
}

/** A relation that a model does not allow. */
export interface MisfitRelation {
  readonly from: string;
  readonly type: string;
  readonly to: string;
  readonly problem: BothLanguages;
}

/** A CI that gets a required attribute's default. */
export interface Filled {
  readonly key: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Fit {
  /** CIs that were looked at. */
  readonly checked: number;
  readonly misfits: Misfit[];
  readonly filled: Filled[];
}

const PAGE_ROWS = 5_000;

/** CI types that a CI may have and whose CIs another model checks otherwise. */
export function typesCheckedAnew(before: CmdbModel, after: CmdbModel): string[] {
  const rules = (model: CmdbModel, name: string) => {
    const type = model.typeOf(name);
    return type && JSON.stringify([type.abstract, type.lineage, [...type.attributes.values()]]);
  };
  const names = new Set([...before.definition.ciTypes, ...after.definition.ciTypes].map((type) => type.name));
  return [...names].filter((name) => rules(before, name) !== rules(after, name));
}

/**
 * Checks all CIs of some types with a model, in the order of their keys, and keeps the values that it wants unique.
 * O(CIs of these types); memory O(what does not fit).
 */
export async function misfitCis(tx: Tx, model: CmdbModel, types: readonly string[]): Promise<Fit> {
  const fit = { checked: 0, misfits: [] as Misfit[], filled: [] as Filled[] };
  for (let after = ''; types.length > 0; ) {
    const { rows } = await tx.query<StoredCi>(
      `select id, key, type, attributes from cmdb_ci
       where tenant_id = $1 and type = any($2::text[]) and key > $3 order by key limit ${PAGE_ROWS}`,
      [tx.tenantId, types, after],
    );
    if (rows.length === 0) break;
    after = rows.at(-1)!.key;
    fit.checked += rows.length;
    const told = (ci: StoredCi, { attribute, problem }: Problem) =>
      void fit.misfits.push({ ciId: ci.id, key: ci.key, type: ci.type, attribute, problem });
    const whole = rows.map((ci) => withDefaults(model, ci, fit.filled));
    for (const ci of whole) for (const problem of problemsOf(model, ci)) told(ci, problem);
    for (const { ci, attribute } of await lostReferences(tx, model, whole))
      told(ci, { attribute, problem: NO_SUCH_CI });
    for (const { ci, attribute, other } of await keepUniqueValues(tx, model, whole)) {
      // The value itself is not told: it may be sensitive.
      told(ci, {
        attribute,
        problem: { en: `has the value of ${other}, and is unique`, zh: `与 ${other} 的值重复，而该值必须唯一` },
      });
    }
  }
  return fit;
}

/** A CI with the defaults of what is required and missing; these are noted. */
function withDefaults(model: CmdbModel, ci: StoredCi, filled: Filled[]): StoredCi {
  const missing = (model.typeOf(ci.type)?.required ?? []).filter(
    (one) => one.default !== undefined && isMissing(ci.attributes[one.name]),
  );
  if (missing.length === 0) return ci;
  const attributes = Object.fromEntries(missing.map((one) => [one.name, one.default]));
  filled.push({ key: ci.key, type: ci.type, attributes });
  return { ...ci, attributes: { ...ci.attributes, ...attributes } };
}

/** Relations that a model does not allow, the first of them. O(relations of the types that may not tie any CIs). */
export async function misfitRelations(
  tx: Tx,
  model: CmdbModel,
  most: number,
): Promise<{ count: number; listed: MisfitRelation[] }> {
  const types = model.definition.relationTypes.filter((type) => type.allowed.length > 0).map((type) => type.name);
  if (types.length === 0) return { count: 0, listed: [] };
  const { rows: pairs } = await tx.query<{ type: string; fromType: string; toType: string; count: number }>(
    `select r.type, f.type as "fromType", t.type as "toType", count(*)::int as count
     from cmdb_relation r join cmdb_ci f on f.tenant_id = $1 and f.id = r.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = r.to_id
     where r.tenant_id = $1 and r.type = any($2::text[]) group by r.type, f.type, t.type`,
    [tx.tenantId, types],
  );
  const refused = pairs.filter(({ type, fromType, toType }) => !model.mayRelate(type, fromType, toType));
  if (refused.length === 0) return { count: 0, listed: [] };
  const { rows } = await tx.query<{ from: string; type: string; to: string; fromType: string; toType: string }>(
    `select f.key as "from", r.type, t.key as "to", f.type as "fromType", t.type as "toType"
     from cmdb_relation r join cmdb_ci f on f.tenant_id = $1 and f.id = r.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = r.to_id
     join unnest($2::text[], $3::text[], $4::text[]) as x (type, from_type, to_type)
       on x.type = r.type and x.from_type = f.type and x.to_type = t.type
     where r.tenant_id = $1 order by f.key, r.type, t.key limit $5`,
    [
      tx.tenantId,
      refused.map((one) => one.type),
      refused.map((one) => one.fromType),
      refused.map((one) => one.toType),
      most,
    ],
  );
  return {
    count: refused.reduce((sum, one) => sum + one.count, 0),
    listed: rows.map(({ from, type, to, fromType, toType }) => ({
      ...{ from, type, to },
      problem: { en: `may not tie ${fromType} to ${toType}`, zh: `不允许从 ${fromType} 指向 ${toType}` },
    })),
  };
}
