import type { Tx } from '../../../platform/index.ts';
import { type CmdbModel, RESTRICTED } from '../../model/cmdbModel.ts';
import type { CiPut } from '../assetGraph.ts';

/** Brings the list to what the CIs of a condition on `c` say; $2 is the condition's, $3 the types that say so of all. */
const listed = (which: string) => `
  with told as (
    select c.id, (c.type = any($3::text[]) or c.attributes->'${RESTRICTED}' = 'true') is true as restricted
    from cmdb_ci c where c.tenant_id = $1 and ${which} = any($2::text[])),
  opened as (
    delete from cmdb_restricted r using told t where r.tenant_id = $1 and r.ci_id = t.id and not t.restricted)
  insert into cmdb_restricted (tenant_id, ci_id) select $1, id from told where restricted on conflict do nothing`;

/**
 * Brings the list of restricted CIs to what these CIs say now that they are written.
 * @param anyBefore whether the list holds any: then one of these may have been opened
 */
export async function putRestricted(
  tx: Tx,
  model: CmdbModel,
  cis: readonly CiPut[],
  anyBefore: boolean,
): Promise<void> {
  const told = anyBefore || cis.some((ci) => RESTRICTED in ci.attributes || model.restricts(ci.type));
  if (!told) return;
  const keys = cis.map((ci) => ci.key);
  await tx.query(listed('c.key'), [tx.tenantId, keys, model.restrictedTypes]);
}

/** The same for all CIs of types of which a change of the model says something else. */
export async function restrictTypes(tx: Tx, before: CmdbModel, after: CmdbModel): Promise<void> {
  const either = new Set([...before.restrictedTypes, ...after.restrictedTypes]);
  const turned = [...either].filter((type) => before.restricts(type) !== after.restricts(type));
  if (turned.length > 0) await tx.query(listed('c.type'), [tx.tenantId, turned, after.restrictedTypes]);
}
