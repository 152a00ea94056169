import type { Tx } from '../../../platform/index.ts';

/** Takes the row on which all changes of a tenant's graph and model queue, and tells the versions that stand. */
export async function lockVersion(tx: Tx): Promise<{ version: bigint; modelVersion: number }> {
  await tx.query('insert into cmdb_graph (tenant_id, version) values ($1, 0) on conflict do nothing', [tx.tenantId]);
  const { rows } = await tx.query<{ version: bigint; modelVersion: number }>(
    'select version, model_version as "modelVersion" from cmdb_graph where tenant_id = $1 for update',
    [tx.tenantId],
  );
  return rows[0]!;
}
