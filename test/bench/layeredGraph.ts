import type { GraphEdge, GraphNode } from '../../cmdb/graph/assetGraph.ts';
import type { Failure } from '../../cmdb/impact/blastRadius.ts';

/** A plant from its sensors up to its services; the share of all CIs that each layer holds. */
const LAYERS = [
  { type: 'sensor', share: 0.3 },
  { type: 'measuring_point', share: 0.22 },
  { type: 'component', share: 0.16 },
  { type: 'equipment', share: 0.12 },
  { type: 'server', share: 0.08 },
  { type: 'application', share: 0.06 },
  { type: 'line', share: 0.04 },
  { type: 'business_service', share: 0.02 },
] as const;
const GROUPED_SHARE = 0.2;
const BACK_EDGE_SHARE = 0.001;
const ZIPF_EXPONENT = 1;
const PEOPLE = 500;
const HUBS_PER_LAYER = 20;

export interface LayeredGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Failures to ask about: every other one a hub, the rest drawn from all CIs. */
  starts(count: number, seed: number): Failure[];
}

/**
 * A seeded layered graph: each CI depends on CIs of the layer below, chosen by Zipf's law, so that a few are hubs; a
 * thousandth of the relations lead back; a fifth of the CIs hold their relations as one n-of-m group.
 */
export function layeredGraph(size: { seed: number; nodes: number; edges: number }): LayeredGraph {
  const random = generator(size.seed);
  const nodes: GraphNode[] = [];
  const layers = LAYERS.map(({ type, share }) => {
    const first = nodes.length;
    for (let i = 0; i < Math.round(share * size.nodes); i += 1) nodes.push(ci(nodes.length, type, random));
    return { first, count: nodes.length - first, pick: zipf(nodes.length - first) };
  });
  const dependents = nodes.length - layers[0]!.count;
  const perNode = (size.edges * (1 - BACK_EDGE_SHARE)) / dependents;
  const edges: GraphEdge[] = [];
  let owed = 0;
  for (let layer = 1; layer < layers.length; layer += 1) {
    const here = layers[layer]!;
    const below = layers[layer - 1]!;
    for (let index = here.first; index < here.first + here.count; index += 1) {
      owed += perNode;
      const wanted = Math.floor(owed);
      owed -= wanted;
      const providers = new Set<number>();
      while (providers.size < wanted) providers.add(below.first + below.pick(random()));
      const grouped = random() < GROUPED_SHARE;
      const minUp = grouped ? 1 + Math.floor(random() * (wanted - 1)) : null;
      for (const provider of providers) edges.push(dependsOn(index, provider, grouped ? 'pool' : null, minUp));
    }
  }
  while (edges.length < size.edges) {
    const high = 1 + Math.floor(random() * (layers.length - 1));
    const provider = layers[high]!.first + Math.floor(random() * layers[high]!.count);
    const low = layers[Math.floor(random() * high)]!;
    edges.push(dependsOn(low.first + Math.floor(random() * low.count), provider, null, null));
  }
  const services = layers.at(-1)!;
  for (let person = 0; person < PEOPLE; person += 1) nodes.push(ci(nodes.length, 'person', random));
  const owned: GraphEdge[] = [];
  for (let index = services.first; index < services.first + services.count; index += 1) {
    const someone = () => `ci-${nodes.length - PEOPLE + Math.floor(random() * PEOPLE)}`;
    owned.push({ ...dependsOn(index, 0, null, null), type: 'OWNED_BY', toId: someone(), role: 'accountable' });
    owned.push({ ...dependsOn(index, 0, null, null), type: 'OWNED_BY', toId: someone(), role: 'deputy' });
  }
  return {
    nodes: shuffled(nodes, random),
    edges: shuffled([...edges, ...owned], random),
    starts: (count, seed) => {
      const draw = generator(seed);
      return Array.from({ length: count }, (_, index): Failure => {
        if (index % 2 === 1) return { ciId: `ci-${Math.floor(draw() * (nodes.length - PEOPLE))}`, state: 'down' };
        const layer = layers[Math.floor(draw() * (layers.length - 1))]!;
        return { ciId: `ci-${layer.first + Math.floor(draw() * HUBS_PER_LAYER)}`, state: 'down' };
      });
    },
  };
}

function ci(index: number, type: string, random: () => number): GraphNode {
  const attributes =
    type === 'business_service'
      ? { criticality: 1 + Math.floor(random() * 4), costPerHour: Math.floor(random() * 50_000), users: 100 }
      : type === 'person'
        ? { email: `person-${index}@example.org`, phone: null, locale: 'en' }
        : {};
  return { id: `ci-${index}`, key: `key-${index}`, type, name: `${type} ${index}`, attributes };
}

function dependsOn(from: number, to: number, group: string | null, minUp: number | null): GraphEdge {
  return { fromId: `ci-${from}`, type: 'DEPENDS_ON', toId: `ci-${to}`, group, minUp, role: null };
}

/** Draws a rank below `count` with probability in proportion to 1 / (rank + 1). */
function zipf(count: number): (uniform: number) => number {
  const upTo = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) {
    total += 1 / (rank + 1) ** ZIPF_EXPONENT;
    upTo[rank] = total;
  }
  return (uniform) => {
    const wanted = uniform * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}

/** Mulberry32: 32 bits of state are plenty for a test graph, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
