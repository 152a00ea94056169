import type { Tx } from '../../../platform/index.ts';

/** Reads the version of a graph; 0 for one that was never changed. */
export async function readVersion(tx: Tx): Promise<bigint> {
  const { rows } = await tx.query<{ version: bigint }>('select version from cmdb_graph where tenant_id = $1', [
    tx.tenantId,
  ]);
  return rows[0]?.version ?? 0n;
}
