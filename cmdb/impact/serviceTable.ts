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

/** Services by rank. */
export interface Ranking {
  readonly byRank: readonly ServiceFacts[];
  /** By CI: its rank, meaningless for one that is no service. */
  readonly rankOf: Int32Array;
  /** One bit per CI. */
  readonly isService: Int32Array;
}

const LOWEST_CRITICALITY = 4;

/** The services of a graph in the order in which they are told: most critical first, then the dearest. */
export class ServiceTable {
  readonly #facts = new Map<number, ServiceFacts>();
  #ranking: Ranking = { byRank: [], rankOf: new Int32Array(0), isService: new Int32Array(0) };
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

  /** Sorted again only after services changed. */
  ranking(nodes: number): Ranking {
    if (!this.#stale && this.#ranking.rankOf.length >= nodes) return this.#ranking;
    const byRank = [...this.#facts.values()].sort(
      (a, b) =>
        a.criticality - b.criticality ||
        b.costPerHour - a.costPerHour ||
        b.users - a.users ||
        compareText(a.name, b.name) ||
        a.node - b.node,
    );
    const room = nodes + (nodes >> 3);
    const rankOf = new Int32Array(room);
    const isService = new Int32Array((room + 31) >>> 5);
    byRank.forEach(({ node }, rank) => {
      rankOf[node] = rank;
      isService[node >>> 5]! |= 1 << node;
    });
    this.#ranking = { byRank, rankOf, isService };
    this.#stale = false;
    return this.#ranking;
  }
}

/** A number, or the text of one; anything else is the fallback. */
export function numberOr(value: unknown, fallback: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : fallback;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
