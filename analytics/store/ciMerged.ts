import type { Tx } from '../../platform/index.ts';

/** Two CIs that have turned out to be one, as the CMDB tells it. */
export interface MergedAsset {
  readonly goneId: string;
  readonly keptId: string;
  readonly keptName: string;
}

/**
 * Lets anomalies, thresholds and stages of models that name a CI which was merged into another name that one. Where both
 * have the like, an open anomaly of the same fault or a value of the same scope, the kept one's stays as it is.
 *
 * @returns the anomalies that are about another CI now
 */
export async function followMerge(tx: Tx, { goneId, keptId, keptName }: MergedAsset): Promise<string[]> {
  const ids = [goneId, keptId];
  const { rows: moved } = await tx.query<{ id: string }>(
    `update anomaly set
       asset_name = case when asset_id = $1 then $3 else asset_name end,
       asset_id = case when asset_id = $1 then $2 else asset_id end,
       machine_id = case when machine_id = $1 then $2 else machine_id end,
       point_id = case when point_id = $1 then $2 else point_id end
     where tenant_id = current_tenant() and $1::uuid in (asset_id, machine_id, point_id) returning id`,
    [...ids, keptName],
  );
  // A fault's key holds the id of what fails.
  await tx.query(
    `update anomaly a set fault_key = replace(a.fault_key, $1, $2)
     where a.tenant_id = current_tenant() and a.status <> 'closed' and strpos(a.fault_key, $1) > 0 and not exists (
       select from anomaly k where k.tenant_id = current_tenant() and k.status <> 'closed'
         and k.fault_key = replace(a.fault_key, $1, $2))`,
    ids,
  );
  const { rowCount } = await tx.query(
    `update threshold t set machine_id = $2::uuid
     where t.tenant_id = current_tenant() and t.machine_id = $1::uuid and not exists (
       select from threshold k where k.tenant_id = current_tenant() and k.machine_id = $2::uuid
         and k.setting = t.setting and k.feature is not distinct from t.feature
         and k.regime is not distinct from t.regime)`,
    ids,
  );
  if (rowCount) await tx.query('update threshold_set set version = version + 1 where tenant_id = current_tenant()');
  await tx.query(
    `update analytics_model_stage s set scope_key = $2
     where s.tenant_id = current_tenant() and s.scope_kind = 'machine' and s.scope_key = $1 and not exists (
       select from analytics_model_stage k where k.tenant_id = current_tenant() and k.model_id = s.model_id
         and k.scope_kind = 'machine' and k.scope_key = $2)`,
    ids,
  );
  return moved.map(({ id }) => id);
}
