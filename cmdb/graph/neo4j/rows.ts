import type { CmdbModel } from '../../model/cmdbModel.ts';
import { keptAttributes } from '../../model/keptAttributes.ts';
import type { GraphEdge, GraphNode, GraphStep, Sighted } from '../assetGraph.ts';

/** A CI as one row of a batched write. */
export interface NodeRow {
  readonly id: string;
  /** Second label beside `CI`: the type in Neo4j's spelling. */
  readonly label: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly seen: SeenRow;
}

/** Times of a row, written as Neo4j's own. */
interface SeenRow {
  readonly first: number | null;
  readonly last: number | null;
}

/** A relation as one row of a batched write; known by its ends and type. */
export interface EdgeRow {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly seen: SeenRow;
}

export type EdgeEnds = Pick<EdgeRow, 'from' | 'to' | 'type'>;

/** What a change comes to, whatever it went through on the way. */
export interface NetChange {
  readonly nodes: NodeRow[];
  readonly edges: EdgeRow[];
  readonly goneNodes: string[];
  readonly goneEdges: EdgeEnds[];
}

/** `business_service` is `BusinessService` in Neo4j, whose labels are written so. */
export function labelOf(type: string): string {
  return type
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Property names that are ours; an attribute of such a name stands in `attributes` alone. */
const OWN = new Set(['id', 'tenant', 'key', 'type', 'name', 'status', 'attributes', 'firstSeenAt', 'lastSeenAt']);

/** A CI's row, without what its model keeps as sensitive. */
export function nodeRow(tenantId: string, node: GraphNode, model: CmdbModel): NodeRow {
  const { id, key, type, name, status } = node;
  const attributes = keptAttributes(model, node);
  const plain = Object.entries(attributes).filter(([name, value]) => !OWN.has(name) && isPlain(value));
  return {
    id,
    label: labelOf(type),
    props: {
      // Plain attributes are properties, so that people can ask by them; all of them, as written, are in `attributes`.
      ...Object.fromEntries(plain),
      ...{ id, tenant: tenantId, key, type, name, status: status ?? null },
      attributes: JSON.stringify(attributes),
    },
    seen: seenRow(node),
  };
}

function isPlain(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

export function edgeRow(edge: GraphEdge): EdgeRow {
  const { fromId, type, toId, group, minUp, minUpPercent = null, weight = null, role, source = null } = edge;
  const props = { group, minUp, minUpPercent, weight, role, source, confidence: edge.confidence ?? 1 };
  return { from: fromId, to: toId, type, props, seen: seenRow(edge) };
}

function seenRow({ firstSeenAtMs, lastSeenAtMs }: Sighted): SeenRow {
  return { first: firstSeenAtMs ?? null, last: lastSeenAtMs ?? null };
}

/** The end states of what the steps touch: the last word on each CI and each relation. O(steps). */
export function netChange(tenantId: string, steps: readonly GraphStep[], model: CmdbModel): NetChange {
  const nodes = new Map<string, GraphNode | null>();
  const edges = new Map<string, { ends: EdgeEnds; after: GraphEdge | null }>();
  for (const step of steps) {
    if (step.kind === 'ci') {
      nodes.set(step.id, step.after);
      continue;
    }
    const { fromId, type, toId } = (step.after ?? step.before)!;
    edges.set(`${fromId} ${type} ${toId}`, { ends: { from: fromId, type, to: toId }, after: step.after });
  }
  const net: NetChange = { nodes: [], edges: [], goneNodes: [], goneEdges: [] };
  for (const [id, node] of nodes) {
    if (node) net.nodes.push(nodeRow(tenantId, node, model));
    else net.goneNodes.push(id);
  }
  for (const { ends, after } of edges.values()) {
    if (after) net.edges.push(edgeRow(after));
    else net.goneEdges.push(ends);
  }
  return net;
}
