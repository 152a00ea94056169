import type { Tx } from '../../../platform/index.ts';

/** What stands when a change begins. */
export interface Standing {
  readonly version: bigint;
  readonly modelVersion: number;
  /** Whether any CI is restricted. */
  readonly restricts: boolean;
}

/** Takes the row on which all changes of a tenant's graph and model queue, and tells what stands. */
export async function lockVersion(tx: Tx): Promise<Standing> {
  await tx.query('insert into cmdb_graph (tenant_id, version) values ($1, 0) on conflict do nothing', [tx.tenantId]);
  const { rows } = await tx.query<Standing>(
    `select version, model_version as "modelVersion",
            exists (select from cmdb_restricted where tenant_id = $1) as restricts
     from cmdb_graph where tenant_id = $1 for update`,
    [tx.tenantId],
  );
  return rows[0]!;
}
