import type { GraphEdge, GraphNode, GraphSink } from '../graph/assetGraph.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { STARTING_MODEL } from '../model/startingModel.ts';
import { DependentLists, grown, type Words } from './dependentLists.ts';
import { type Declaration, GROUP_WORDS } from './groupTable.ts';
import { dayOf, declarationOf, membershipOf, Projection } from './projection.ts';
import { readingOrder } from './readingOrder.ts';
import { SLA_TYPE } from './slaTable.ts';

/** Most redundancy groups of one graph; a membership's number stays below 2^53. */
const MAX_GROUPS = 2 ** 26;
const HARD = -1;

/** Collects a graph that arrives in pieces, nodes before their edges, then lays it out at once. */
export class ProjectionBuilder implements GraphSink {
  readonly #version: bigint;
  readonly #model: CmdbModel;
  readonly #nodes: GraphNode[] = [];
  readonly #arrival = new Map<string, number>();
  readonly #ownerships: GraphEdge[] = [];
  readonly #agreements: GraphEdge[] = [];
  #providers: Words = new Int32Array(1024);
  #dependents: Words = new Int32Array(1024);
  /** Number of the group's name, or `HARD`. */
  #names: Words = new Int32Array(1024);
  /** Place of what the relation declares of its group. */
  #declared: Words = new Int32Array(1024);
  #weights: Words = new Int32Array(1024);
  #days: Words = new Int32Array(1024);
  #count = 0;
  readonly #nameNumbers = new Map<string, number>();
  /** Each different declaration once: a graph has few. */
  readonly #declarations: Declaration[] = [];
  readonly #declarationPlaces = new Map<string, number>();

  constructor(version: bigint, model: CmdbModel) {
    this.#version = version;
    this.#model = model;
  }

  nodes(nodes: Iterable<GraphNode>): void {
    for (const node of nodes) {
      this.#arrival.set(node.id, this.#nodes.length);
      this.#nodes.push(node);
    }
  }

  edges(edges: Iterable<GraphEdge>): void {
    for (const edge of edges) {
      if (edge.type === 'OWNED_BY') {
        this.#ownerships.push(edge);
        continue;
      }
      const from = this.#arrival.get(edge.fromId);
      const to = this.#arrival.get(edge.toId);
      if (from === undefined || to === undefined || from === to) continue;
      if (this.#nodes[to]!.type === SLA_TYPE || this.#nodes[from]!.type === SLA_TYPE) this.#agreements.push(edge);
      const direction = this.#model.directionOf(edge.type, this.#nodes[from]!.type, this.#nodes[to]!.type);
      if (direction === 'to-fails') this.#push(to, from, edge);
      else if (direction === 'from-fails') this.#push(from, to, edge);
    }
  }

  /** The finished projection; the builder is used up. */
  finish(): Projection {
    const projection = new Projection(this.#version, this.#model);
    const place = readingOrder(this.#nodes.length, this.#count, this.#providers, this.#dependents);
    const ordered: GraphNode[] = new Array(this.#nodes.length);
    this.#nodes.forEach((node, arrival) => {
      ordered[place[arrival]!] = node;
    });
    for (const node of ordered) projection.putNode(node);
    for (const edge of this.#ownerships) projection.takeOwnership(edge);
    for (const edge of this.#agreements) projection.noteSla(edge, 'link');
    for (let e = 0; e < this.#count; e += 1) {
      this.#providers[e] = place[this.#providers[e]!]!;
      this.#dependents[e] = place[this.#dependents[e]!]!;
    }
    const kept = this.#layGroups(projection);
    projection.edgeCount = this.#count;
    const rows = projection.nodeCount + 64 + (projection.nodeCount >> 3);
    projection.lists = DependentLists.from(
      rows,
      kept,
      this.#providers,
      this.#dependents,
      this.#names,
      this.#weights,
      this.#days,
    );
    return projection;
  }

  /** Turns names into groups and drops memberships told twice; returns how many edges are left. */
  #layGroups(projection: Projection): number {
    const names = [...this.#nameNumbers.keys()];
    /** By provider and group, where the membership stands among what is kept. */
    const members = new Map<number, number>();
    let kept = 0;
    for (let e = 0; e < this.#count; e += 1) {
      const provider = this.#providers[e]!;
      const dependent = this.#dependents[e]!;
      let group = HARD;
      if (this.#names[e] !== HARD) {
        group = projection.groups.offset(dependent, names[this.#names[e]!]!);
        const membership = provider * MAX_GROUPS + group / GROUP_WORDS;
        const place = members.get(membership);
        const declaration = this.#declarations[this.#declared[e]!]!;
        const weight = this.#weights[e]!;
        if (place !== undefined) {
          const known = { weight: this.#weights[place]!, day: this.#days[place]! };
          const counts = projection.repeat(provider, group, known, { weight, day: this.#days[e]! });
          this.#weights[place] = counts.weight;
          this.#days[place] = counts.day;
          projection.groups.declare(group, declaration, 0, counts.weight - known.weight);
          continue;
        }
        projection.groups.declare(group, declaration, 1, weight);
        members.set(membership, kept);
        this.#weights[kept] = weight;
      }
      this.#providers[kept] = provider;
      this.#dependents[kept] = dependent;
      this.#names[kept] = group;
      this.#days[kept] = this.#days[e]!;
      kept += 1;
    }
    return kept;
  }

  #push(provider: number, dependent: number, edge: GraphEdge): void {
    if (this.#count === this.#providers.length) {
      const capacity = this.#count * 2;
      this.#providers = grown(this.#providers, capacity);
      this.#dependents = grown(this.#dependents, capacity);
      this.#names = grown(this.#names, capacity);
      this.#declared = grown(this.#declared, capacity);
      this.#weights = grown(this.#weights, capacity);
      this.#days = grown(this.#days, capacity);
    }
    this.#providers[this.#count] = provider;
    this.#dependents[this.#count] = dependent;
    this.#names[this.#count] = edge.group === null ? HARD : this.#nameNumber(edge.group);
    this.#days[this.#count] = dayOf(edge);
    if (edge.group !== null) {
      this.#declared[this.#count] = this.#declarationPlace(declarationOf(edge));
      this.#weights[this.#count] = membershipOf(edge).weight;
    }
    this.#count += 1;
  }

  #declarationPlace(declaration: Declaration): number {
    const key = `${declaration.minUp} ${declaration.minUpPercent}`;
    const known = this.#declarationPlaces.get(key);
    if (known !== undefined) return known;
    this.#declarationPlaces.set(key, this.#declarations.length);
    return this.#declarations.push(declaration) - 1;
  }

  #nameNumber(name: string): number {
    const known = this.#nameNumbers.get(name);
    if (known !== undefined) return known;
    this.#nameNumbers.set(name, this.#nameNumbers.size);
    return this.#nameNumbers.size - 1;
  }
}

/** A projection of a graph that is at hand as a whole. */
export function projectionOf(
  version: bigint,
  nodes: Iterable<GraphNode>,
  edges: Iterable<GraphEdge>,
  model: CmdbModel = STARTING_MODEL,
): Projection {
  const builder = new ProjectionBuilder(version, model);
  builder.nodes(nodes);
  builder.edges(edges);
  return builder.finish();
}
