import type { Database, Tx } from '../../../platform/index.ts';
import { PARTY_TYPES } from '../../impact/ownerTable.ts';
import { SERVICE_TYPES } from '../../impact/serviceTable.ts';
import { SLA_TYPE } from '../../impact/slaTable.ts';
import { type CmdbModel, RESTRICTED } from '../../model/cmdbModel.ts';
import { currentModel } from '../../model/store.ts';
import type { GraphEdge, GraphNode, GraphSink, LoadDepth } from '../assetGraph.ts';
import { declareAtOneVersion, drain } from './cursors.ts';
import { epochMs } from './states.ts';

const FETCH_ROWS = 20_000;

/** Streams one consistent version of the graph. */
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
    await drain<GraphNode>(tx, 'cmdb_nodes', FETCH_ROWS, (batch) => sink.nodes(batch));
    await drain<GraphEdge>(tx, 'cmdb_edges', FETCH_ROWS, (batch) => sink.edges(batch));
    return { version, sink };
  });
}

function declareCursors(tx: Tx, depth: LoadDepth): Promise<bigint> {
  const whole = depth === 'whole';
  const columns = whole
    ? `status, attributes, ${epochMs('first_seen_at')} as "firstSeenAtMs", ${epochMs('last_seen_at')} as "lastSeenAtMs"`
    : `case when type = any ($2::text[]) or attributes ? '${RESTRICTED}' then attributes end as attributes`;
  const provenance = whole ? `, source, ${epochMs('first_seen_at')} as "firstSeenAtMs"` : '';
  return declareAtOneVersion(tx, {
    cmdb_nodes: {
      query: `select id, key, type, name, ${columns} from cmdb_ci where tenant_id = $1`,
      values: whole ? [tx.tenantId] : [tx.tenantId, [...SERVICE_TYPES, ...PARTY_TYPES, SLA_TYPE]],
    },
    cmdb_edges: {
      query: `
        select from_id as "fromId", type, to_id as "toId", redundancy_group as "group", min_up as "minUp",
               min_up_percent as "minUpPercent", weight,
               attributes->>'role' as role, confidence, ${epochMs('last_seen_at')} as "lastSeenAtMs"${provenance}
        from cmdb_relation where tenant_id = $1`,
      values: [tx.tenantId],
    },
  });
}
