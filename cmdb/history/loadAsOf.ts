import type { Tx } from '../../platform/index.ts';
import type { GraphEdge, GraphNode, GraphSink } from '../graph/assetGraph.ts';
import { drain } from '../graph/postgres/cursors.ts';
import { ciState } from '../graph/postgres/states.ts';
import { type PastCi, type PastRelationRow, pastRelations } from './asOf.ts';

const FETCH_ROWS = 20_000;

/**
 * Streams the whole graph as it stood in a version: what was not changed since, and of the rest what its first change
 * since says was there before. A version that has been never changes, so that no lock is needed.
 *
 * @remarks O(graph + changes since the version)
 */
export async function loadAsOf(tx: Tx, version: bigint, sink: GraphSink): Promise<void> {
  await tx.query(
    `declare cmdb_past_nodes no scroll cursor for
     with later as (
       select distinct on (h.ci_id) h.ci_id, h.before from cmdb_change h
       where h.tenant_id = $1 and h.kind = 'ci' and h.version > $2 order by h.ci_id, h.version, h.seq)
     select ci_id as id, before as state from later where before is not null
     union all
     select c.id, ${ciState('c')} from cmdb_ci c
     where c.tenant_id = $1 and not exists (select 1 from later where later.ci_id = c.id)`,
    [tx.tenantId, version],
  );
  await tx.query(`declare cmdb_past_edges no scroll cursor for ${pastRelations()}`, [tx.tenantId, version]);
  await drain<{ id: string; state: Omit<PastCi, 'id'> }>(tx, 'cmdb_past_nodes', FETCH_ROWS, (rows) =>
    sink.nodes(rows.map(({ id, state }): GraphNode => ({ id, ...state }))),
  );
  await drain<PastRelationRow>(tx, 'cmdb_past_edges', FETCH_ROWS, (rows) => sink.edges(rows.map(edgeOf)));
}

function edgeOf({ fromId, toId, state }: PastRelationRow): GraphEdge {
  const { redundancyGroup: group, attributes, ...more } = state;
  const role = typeof attributes.role === 'string' ? attributes.role : null;
  return { ...more, fromId, toId, group, role };
}
