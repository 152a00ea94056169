import type { GraphNode } from '../graph/assetGraph.ts';

/** CI types whose loss is a loss of business. */
export const SERVICE_TYPES: ReadonlySet<string> = new Set(['business_service', 'business_capability']);

/** What a service's loss means. */
export interface ServiceFacts {
  readonly node: number;
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  /** 1 is the highest, 4 the lowest. */
  readonly criticality: number;
  readonly costPerHour: number;
  readonly users: number;
}

const LOWEST_CRITICALITY = 4;

/** The services of a graph in the order in which they are told: most critical first, then the dearest. */
export class ServiceTable {
  readonly #facts = new Map<number, ServiceFacts>();
  #ranked: ServiceFacts[] = [];
  #rankOf = new Int32Array(0);
  #stale = true;

  put(index: number, node: GraphNode): void {
    const attributes = node.attributes ?? {};
    this.#facts.set(index, {
      node: index,
      ciId: node.id,
      key: node.key,
      name: node.name,
      criticality: numberOr(attributes.criticality, LOWEST_CRITICALITY),
      costPerHour: numberOr(attributes.costPerHour, 0),
      users: numberOr(attributes.users, 0),
    });
    this.#stale = true;
  }

  remove(index: number): void {
    if (this.#facts.delete(index)) this.#stale = true;
  }

  get count(): number {
    return this.#facts.size;
  }

  /** Services by rank, and the rank of each CI (-1: no service). Sorted again only after services changed. */
  ranking(nodes: number): { byRank: readonly ServiceFacts[]; rankOf: Int32Array } {
    if (this.#stale || this.#rankOf.length < nodes) {
      this.#ranked = [...this.#facts.values()].sort(
        (a, b) =>
          a.criticality - b.criticality ||
          b.costPerHour - a.costPerHour ||
          b.users - a.users ||
          compareText(a.name, b.name) ||
          a.node - b.node,
      );
      this.#rankOf = new Int32Array(nodes + (nodes >> 3)).fill(-1);
      this.#ranked.forEach((facts, rank) => {
        this.#rankOf[facts.node] = rank;
      });
      this.#stale = false;
    }
    return { byRank: this.#ranked, rankOf: this.#rankOf };
  }
}

function numberOr(value: unknown, fallback: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : fallback;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
