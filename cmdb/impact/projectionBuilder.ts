import type { GraphEdge, GraphNode } from '../graph/assetGraph.ts';
import { DependentLists, grown } from './dependentLists.ts';
import { GROUP_WORDS } from './groupTable.ts';
import { Projection } from './projection.ts';

/** Most redundancy groups of one graph; a membership's number stays below 2^53. */
const MAX_GROUPS = 2 ** 26;

/** Collects a graph that arrives in pieces, nodes before their edges, then lays it out at once. */
export class ProjectionBuilder {
  readonly #projection: Projection;
  #providers = new Int32Array(1024);
  #targets = new Int32Array(1024);
  #groups = new Int32Array(1024);
  #count = 0;
  readonly #members = new Set<number>();

  constructor(version: bigint) {
    this.#projection = new Projection(version);
  }

  addNodes(nodes: Iterable<GraphNode>): void {
    for (const node of nodes) this.#projection.putNode(node);
  }

  addEdges(edges: Iterable<GraphEdge>): void {
    const projection = this.#projection;
    for (const edge of edges) {
      if (projection.takeOwnership(edge)) continue;
      const dependency = projection.dependency(edge);
      if (dependency === undefined) continue;
      projection.edgeCount += 1;
      const { provider, dependent } = dependency;
      if (edge.group === null) this.#push(provider, dependent, -1);
      else this.#join(provider, dependent, edge.group, edge.minUp ?? 1);
    }
  }

  /** The finished projection; the builder is used up. */
  finish(): Projection {
    const projection = this.#projection;
    const rows = projection.nodeCount + 64 + (projection.nodeCount >> 3);
    projection.lists = DependentLists.from(rows, this.#count, this.#providers, this.#targets, this.#groups);
    return projection;
  }

  #join(provider: number, dependent: number, name: string, minUp: number): void {
    const { groups } = this.#projection;
    const group = groups.offset(dependent, name);
    const membership = provider * MAX_GROUPS + group / GROUP_WORDS;
    const known = this.#members.has(membership);
    groups.declare(group, minUp, !known);
    if (known) {
      this.#projection.repeat(provider, dependent, group);
      return;
    }
    this.#members.add(membership);
    this.#push(provider, dependent, group);
  }

  #push(provider: number, dependent: number, group: number): void {
    if (this.#count === this.#providers.length) {
      const capacity = this.#count * 2;
      this.#providers = grown(this.#providers, capacity);
      this.#targets = grown(this.#targets, capacity);
      this.#groups = grown(this.#groups, capacity);
    }
    this.#providers[this.#count] = provider;
    this.#targets[this.#count] = dependent;
    this.#groups[this.#count] = group;
    this.#count += 1;
  }
}

/** A projection of a graph that is at hand as a whole. */
export function projectionOf(version: bigint, nodes: Iterable<GraphNode>, edges: Iterable<GraphEdge>): Projection {
  const builder = new ProjectionBuilder(version);
  builder.addNodes(nodes);
  builder.addEdges(edges);
  return builder.finish();
}
