import type { Tx } from '../../platform/index.ts';
import type { CmdbModel } from './cmdbModel.ts';
import { isMissing } from './problems.ts';
import type { StoredCi } from './uniqueValues.ts';

/** References of these CIs that name no CI of the type they must. One query for all. */
export async function lostReferences(
  tx: Tx,
  model: CmdbModel,
  cis: readonly StoredCi[],
): Promise<{ ci: StoredCi; attribute: string }[]> {
  const references = cis.flatMap((ci) =>
    (model.typeOf(ci.type)?.references ?? [])
      .filter(({ name }) => !isMissing(ci.attributes[name]))
      .map(({ name, refersTo }) => ({ ci, attribute: name, refersTo: refersTo!, key: String(ci.attributes[name]) })),
  );
  if (references.length === 0) return [];
  const { rows } = await tx.query<{ key: string; type: string }>(
    'select key, type from cmdb_ci where tenant_id = $1 and key = any($2::text[])',
    [tx.tenantId, [...new Set(references.map((one) => one.key))]],
  );
  const types = new Map(rows.map((row) => [row.key, row.type]));
  return references.filter(({ key, refersTo }) => !model.isA(types.get(key) ?? '', refersTo));
}
