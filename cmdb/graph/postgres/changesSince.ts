import type { Tx } from '../../../platform/index.ts';
import type { GraphEdge, GraphNode, GraphStep } from '../assetGraph.ts';
import { ciState, epochMs, relationState } from './states.ts';

/** More changes than this are slower to follow than the graph is to load. */
const MOST_STEPS = 50_000;

interface StepRow {
  kind: 'ci' | 'relation';
  ci_id: string;
  other_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  source: string | null;
  first_ms: number;
  last_ms: number;
}

/** When the CI or relation of a step was seen, by the row as it stands now; at its change when it is gone since. */
const SEEN = `${epochMs('coalesce(c.first_seen_at, r.first_seen_at, h.at)')} as first_ms,
  ${epochMs('coalesce(c.last_seen_at, r.last_seen_at, h.at)')} as last_ms`;

/**
 * What changed after a version, or null when it is too much to follow or the model changed. What was only seen again comes last, as a step
 * from a state to the same.
 */
export async function changesSince(tx: Tx, since: bigint): Promise<{ version: bigint; steps: GraphStep[] } | null> {
  const { version, model } = await readVersions(tx);
  if (version === since) return { version, steps: [] };
  // Directions of impact may have turned: everything is read anew.
  if (model > since) return null;
  const range = [tx.tenantId, since, version, MOST_STEPS + 1];
  const changed = await tx.query<StepRow>(
    `select h.kind, h.ci_id, h.other_id, h.before, h.after, h.source, ${SEEN}
     from (select * from cmdb_change where tenant_id = $1 and version > $2 and version <= $3
           order by version, seq limit $4) h
     left join cmdb_ci c on h.kind = 'ci' and c.tenant_id = $1 and c.id = h.ci_id
     left join cmdb_relation r on h.kind = 'relation' and r.tenant_id = $1 and r.from_id = h.ci_id
       and r.to_id = h.other_id and r.type = coalesce(h.after, h.before)->>'type'
     order by h.version, h.seq`,
    range,
  );
  const seen = await tx.query<StepRow>(
    `select 'ci' as kind, c.id as ci_id, null::uuid as other_id, null::jsonb as before, ${ciState('c')} as after,
            null as source, ${epochMs('c.first_seen_at')} as first_ms, ${epochMs('c.last_seen_at')} as last_ms
     from cmdb_ci c
     where c.tenant_id = $1 and c.seen_version > c.version and c.seen_version > $2 and c.seen_version <= $3
     union all
     select 'relation', r.from_id, r.to_id, ${relationState('r')}, ${relationState('r')}, r.source,
            ${epochMs('r.first_seen_at')}, ${epochMs('r.last_seen_at')}
     from cmdb_relation r
     where r.tenant_id = $1 and r.seen_version > r.version and r.seen_version > $2 and r.seen_version <= $3
     limit $4`,
    range,
  );
  const rows = [...changed.rows, ...seen.rows];
  return rows.length > MOST_STEPS ? null : { version, steps: rows.map(stepOf) };
}

async function readVersions(tx: Tx): Promise<{ version: bigint; model: bigint }> {
  const { rows } = await tx.query<{ version: bigint; model: bigint }>(
    'select version, model_graph_version as model from cmdb_graph where tenant_id = $1',
    [tx.tenantId],
  );
  return rows[0] ?? { version: 0n, model: 0n };
}

function stepOf(row: StepRow): GraphStep {
  if (row.kind === 'ci') {
    const after = row.after && ({ ...row.after, ...seenOf(row), id: row.ci_id } as unknown as GraphNode);
    return { kind: 'ci', id: row.ci_id, after };
  }
  return { kind: 'relation', before: edgeOf(row, row.before), after: edgeOf(row, row.after) };
}

function edgeOf(row: StepRow, state: Record<string, unknown> | null): GraphEdge | null {
  if (state === null) return null;
  const { type, redundancyGroup, minUp, minUpPercent, weight, attributes, confidence } = state as {
    type: string;
    redundancyGroup: string | null;
    minUp: number | null;
    minUpPercent?: number;
    weight?: number;
    attributes: { role?: unknown };
    confidence?: number;
  };
  const role = typeof attributes.role === 'string' ? attributes.role : null;
  return {
    ...{ fromId: row.ci_id, type, toId: row.other_id!, group: redundancyGroup, minUp, role },
    ...{ minUpPercent: minUpPercent ?? null, weight: weight ?? null },
    ...{ source: row.source, confidence: confidence ?? 1 },
    ...seenOf(row),
  };
}

function seenOf({ first_ms: firstSeenAtMs, last_ms: lastSeenAtMs }: StepRow) {
  return { firstSeenAtMs, lastSeenAtMs };
}
