import type { Database, Tx } from '../../../platform/index.ts';
import { PARTY_TYPES } from '../../impact/ownerTable.ts';
import { SERVICE_TYPES } from '../../impact/serviceTable.ts';
import { SLA_TYPE } from '../../impact/slaTable.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { currentModel } from '../../model/store.ts';
import type { GraphEdge, GraphNode, GraphSink, LoadDepth } from '../assetGraph.ts';
import { epochMs } from './states.ts';

const FETCH_ROWS = 20_000;

/** Reads the version of a graph; 0 for one that was never changed. */
export async function readVersion(tx: Tx): Promise<bigint> {
  const { rows } = await tx.query<{ version: bigint }>('select version from cmdb_graph where tenant_id = $1', [
    tx.tenantId,
  ]);
  return rows[0]?.version ?? 0n;
}

/**
 * Streams one consistent version of the graph. A cursor shows the data as of its declaration: when the version is the
 * same before and after both are declared, both show that version.
 */
export function loadGraph<Sink extends GraphSink>(
  db: Database,
  tenantId: string,
  begin: (version: bigint, model: CmdbModel) => Sink,
  depth: LoadDepth = 'projection',
): Promise<{ version: bigint; sink: Sink }> {
  return db.tenant(tenantId, async (tx) => {
    const version = await declareCursors(tx, depth);
    // Newer than the graph, perhaps; following the change that brought it, a projection is loaded anew.
    const sink = begin(version, await currentModel(tx));
    await drain<GraphNode>(tx, 'cmdb_nodes', (batch) => sink.nodes(batch));
    await drain<GraphEdge>(tx, 'cmdb_edges', (batch) => sink.edges(batch));
    return { version, sink };
  });
}

async function declareCursors(tx: Tx, depth: LoadDepth): Promise<bigint> {
  const whole = depth === 'whole';
  const columns = whole
    ? `status, attributes, ${epochMs('first_seen_at')} as "firstSeenAtMs", ${epochMs('last_seen_at')} as "lastSeenAtMs"`
    : 'case when type = any ($2::text[]) then attributes end as attributes';
  const provenance = whole ? `, source, ${epochMs('first_seen_at')} as "firstSeenAtMs"` : '';
  for (;;) {
    const before = await readVersion(tx);
    await tx.query(
      `declare cmdb_nodes no scroll cursor for
       select id, key, type, name, ${columns} from cmdb_ci where tenant_id = $1`,
      whole ? [tx.tenantId] : [tx.tenantId, [...SERVICE_TYPES, ...PARTY_TYPES, SLA_TYPE]],
    );
    await tx.query(
      `declare cmdb_edges no scroll cursor for
       select from_id as "fromId", type, to_id as "toId", redundancy_group as "group", min_up as "minUp",
              min_up_percent as "minUpPercent", weight,
              attributes->>'role' as role, confidence, ${epochMs('last_seen_at')} as "lastSeenAtMs"${provenance}
       from cmdb_relation where tenant_id = $1`,
      [tx.tenantId],
    );
    if ((await readVersion(tx)) === before) return before;
    await tx.query('close cmdb_nodes');
    await tx.query('close cmdb_edges');
  }
}

async function drain<Row>(
  tx: Tx,
  cursor: 'cmdb_nodes' | 'cmdb_edges',
  take: (batch: Row[]) => void | Promise<void>,
): Promise<void> {
  for (;;) {
    const { rows } = await tx.query<Row>(`fetch ${FETCH_ROWS} from ${cursor}`);
    if (rows.length === 0) return;
    await take(rows);
  }
}
