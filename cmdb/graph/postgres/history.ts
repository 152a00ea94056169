import type { Tx } from '../../../platform/index.ts';
import type { GraphEdge, GraphNode, GraphStep, HistoryEntry } from '../assetGraph.ts';
import { readVersion } from './load.ts';

/** More changes than this are slower to follow than the graph is to load. */
const MOST_STEPS = 50_000;

interface StepRow {
  kind: 'ci' | 'relation';
  ci_id: string;
  other_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** What changed after a version, or null when it is too much to follow. */
export async function changesSince(tx: Tx, since: bigint): Promise<{ version: bigint; steps: GraphStep[] } | null> {
  const version = await readVersion(tx);
  const { rows } = await tx.query<StepRow>(
    `select kind, ci_id, other_id, before, after from cmdb_change
     where tenant_id = $1 and version > $2 and version <= $3 order by version, seq limit $4`,
    [tx.tenantId, since, version, MOST_STEPS + 1],
  );
  return rows.length > MOST_STEPS ? null : { version, steps: rows.map(stepOf) };
}

function stepOf(row: StepRow): GraphStep {
  if (row.kind === 'ci') {
    const after = row.after === null ? null : ({ ...row.after, id: row.ci_id } as unknown as GraphNode);
    return { kind: 'ci', id: row.ci_id, after };
  }
  return { kind: 'relation', before: edgeOf(row, row.before), after: edgeOf(row, row.after) };
}

function edgeOf(row: StepRow, state: Record<string, unknown> | null): GraphEdge | null {
  if (state === null) return null;
  const { type, redundancyGroup, minUp, attributes } = state as {
    type: string;
    redundancyGroup: string | null;
    minUp: number | null;
    attributes: { role?: unknown };
  };
  const role = typeof attributes.role === 'string' ? attributes.role : null;
  return { fromId: row.ci_id, type, toId: row.other_id!, group: redundancyGroup, minUp, role };
}

/** Changes of a CI and of its relations, newest first. */
export async function historyOf(
  tx: Tx,
  ciId: string,
  page: { limit: number; before?: { version: bigint; seq: number } | undefined },
): Promise<HistoryEntry[]> {
  const { rows } = await tx.query<HistoryEntry>(
    `select version, seq, kind, ci_id as "ciId", other_id as "otherId", before, after, author, reason, source, at
     from cmdb_change
     where tenant_id = $1 and (ci_id = $2 or other_id = $2)
       and ($3::bigint is null or (version, seq) < ($3, $4::int))
     order by version desc, seq desc limit $5`,
    [tx.tenantId, ciId, page.before?.version ?? null, page.before?.seq ?? null, page.limit],
  );
  return rows;
}
