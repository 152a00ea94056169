import type { Tx } from '../../platform/index.ts';
import type { ChangeOrigin } from '../graph/assetGraph.ts';

/**
 * Links a version to the ones before it, in the transaction that makes it and after all that it does. The caller holds
 * the tenant's row of cmdb_graph, so that links are made one after another.
 *
 * @remarks O(rows of the version): their text is hashed where they lie
 */
export async function addLink(tx: Tx, version: bigint, at: Date, origin: ChangeOrigin): Promise<void> {
  await tx.query(
    `insert into cmdb_chain (tenant_id, version, at, author, reason, source, hash)
     values ($1, $2, $3, $4, $5, $6, cmdb_link_hash(
       (select hash from cmdb_chain where tenant_id = $1 order by version desc limit 1), $1, $2, $3, $4, $5, $6))`,
    [tx.tenantId, version, at, origin.author, origin.reason ?? null, origin.source ?? null],
  );
}
