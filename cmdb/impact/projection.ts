import type { GraphEdge, GraphNode, GraphStep } from '../graph/assetGraph.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { DependentLists, NEVER } from './dependentLists.ts';
import { type Declaration, GroupTable } from './groupTable.ts';
import { OwnerTable } from './ownerTable.ts';
import { SERVICE_TYPES, ServiceTable } from './serviceTable.ts';
import { SLA_TYPE, SlaTable, slaEnds } from './slaTable.ts';

/** Removed CIs and abandoned entries that are no reason to load a small graph anew. */
const WASTE_ALLOWED = 10_000;

export const DAY_MS = 24 * 3_600_000;

/** What a verdict says of each CI. */
export interface CiCard {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly type: string;
}

/** One tenant's dependency graph in memory, at one version of the CMDB. CIs are known by index; indices are stable. */
export class Projection {
  version: bigint;
  /** The types by which it was laid out; a graph whose model changed is loaded anew. */
  readonly model: CmdbModel;
  readonly cards: CiCard[] = [];
  lists = new DependentLists(0, 0);
  readonly groups = new GroupTable();
  readonly services = new ServiceTable();
  readonly owners = new OwnerTable();
  readonly slas = new SlaTable();
  /** Ids of the CIs that are withheld from those without cmdb:restricted. */
  readonly restricted = new Set<string>();
  readonly #indexById = new Map<string, number>();
  readonly #indexByKey = new Map<string, number>();
  /** Of group memberships that several relations stand for: what each tells; the heaviest and the latest count. */
  readonly #doubled = new Map<string, Membership[]>();
  edgeCount = 0;

  #removed = 0;

  /** An empty graph; `ProjectionBuilder` fills one at once. */
  constructor(version: bigint, model: CmdbModel) {
    this.version = version;
    this.model = model;
  }

  get nodeCount(): number {
    return this.cards.length;
  }

  /** The index of a CI by id or by key. */
  find(idOrKey: string): number | undefined {
    return this.#indexById.get(idOrKey) ?? this.#indexByKey.get(idOrKey);
  }

  /**
   * Follows the CMDB to a later version, in O(changes).
   * @returns false when the graph is better loaded anew: a change of type turned the direction of relations, or too much
   *   of the memory is abandoned; the projection must not be asked then
   */
  apply(version: bigint, steps: Iterable<GraphStep>): boolean {
    for (const step of steps) {
      if (step.kind === 'ci') {
        if (step.after === null) this.#removeNode(step.id);
        else if (this.#turnsRelations(step.after)) return false;
        else this.putNode(step.after);
        continue;
      }
      if (step.before !== null) this.#removeEdge(step.before);
      if (step.after !== null) this.#addEdge(step.after);
    }
    this.version = version;
    const live = this.nodeCount - this.#removed;
    return this.#removed <= WASTE_ALLOWED + live && this.lists.abandoned <= WASTE_ALLOWED + this.edgeCount * 2;
  }

  #turnsRelations(node: GraphNode): boolean {
    const known = this.#indexById.get(node.id);
    if (known === undefined) return false;
    const before = this.cards[known]!.type;
    if (before === node.type) return false;
    return [before, node.type].some((type) => type === SLA_TYPE || this.model.turnsDirection(type));
  }

  putNode(node: GraphNode): void {
    const card: CiCard = { ciId: node.id, key: node.key, name: node.name, type: node.type };
    const known = this.#indexById.get(node.id);
    const index = known ?? this.cards.length;
    if (known === undefined) {
      this.cards.push(card);
      this.#indexById.set(node.id, index);
      if (this.lists.rowCount < index + 1) this.lists.growRows(index + 64 + (index >> 2));
    } else {
      this.#indexByKey.delete(this.cards[index]!.key);
      this.cards[index] = card;
    }
    this.#indexByKey.set(node.key, index);
    if (this.model.isRestricted(node)) this.restricted.add(node.id);
    else this.restricted.delete(node.id);
    if (SERVICE_TYPES.has(node.type)) this.services.put(index, node);
    else this.services.remove(index);
    this.owners.putParty(index, node);
    if (node.type === SLA_TYPE || SERVICE_TYPES.has(node.type)) this.slas.put(index, node);
    else this.slas.remove(index);
  }

  #removeNode(id: string): void {
    const index = this.#indexById.get(id);
    if (index === undefined) return;
    this.#indexById.delete(id);
    this.#indexByKey.delete(this.cards[index]!.key);
    this.#removed += 1;
    this.restricted.delete(id);
    this.services.remove(index);
    this.owners.removeParty(index);
    this.slas.remove(index);
  }

  /** The dependency that a relation stands for, or undefined when it carries no impact. */
  #dependency(edge: GraphEdge): { provider: number; dependent: number } | undefined {
    const from = this.#indexById.get(edge.fromId);
    const to = this.#indexById.get(edge.toId);
    if (from === undefined || to === undefined || from === to) return undefined;
    switch (this.model.directionOf(edge.type, this.cards[from]!.type, this.cards[to]!.type)) {
      case 'to-fails':
        return { provider: to, dependent: from };
      case 'from-fails':
        return { provider: from, dependent: to };
      case 'none':
        return undefined;
    }
  }

  /** Keeps a relation that owns rather than carries impact; false for any other. */
  takeOwnership(edge: GraphEdge): boolean {
    if (edge.type !== 'OWNED_BY') return false;
    const owned = this.#indexById.get(edge.fromId);
    const party = this.#indexById.get(edge.toId);
    if (owned !== undefined && party !== undefined) this.owners.link(owned, party, edge.role);
    return true;
  }

  /** Notes that an SLA is tied to a service, or no longer; such a relation may carry impact as well. */
  noteSla(edge: GraphEdge, change: 'link' | 'unlink'): void {
    const ends = slaEnds(edge, (id) => this.cards[this.#indexById.get(id) ?? -1]?.type);
    if (ends === null) return;
    const service = this.#indexById.get(ends.serviceId);
    if (service !== undefined) this.slas[change](service, this.#indexById.get(ends.slaId)!);
  }

  /**
   * Notes that one more relation stands for a group membership that is there already.
   * @param known what counted up to now
   * @returns what counts from now on
   */
  repeat(provider: number, group: number, known: Membership, more: Membership): Membership {
    const key = `${provider} ${group}`;
    const told = this.#doubled.get(key);
    if (told === undefined) this.#doubled.set(key, [known, more]);
    else told.push(more);
    return together([known, more]);
  }

  #addEdge(edge: GraphEdge): void {
    if (this.takeOwnership(edge)) return;
    this.noteSla(edge, 'link');
    const dependency = this.#dependency(edge);
    if (dependency === undefined) return;
    const { provider, dependent } = dependency;
    this.edgeCount += 1;
    if (edge.group === null) {
      this.lists.addHard(provider, dependent, dayOf(edge));
      return;
    }
    const group = this.groups.offset(dependent, edge.group);
    const more = membershipOf(edge);
    const weight = this.lists.weightIn(provider, group);
    if (weight === 0) {
      this.lists.addToGroup(provider, dependent, group, more.weight, more.day);
      this.groups.declare(group, declarationOf(edge), 1, more.weight);
      return;
    }
    const counts = this.repeat(provider, group, { weight, day: this.lists.dayIn(provider, group) }, more);
    this.lists.reweigh(provider, group, counts.weight, counts.day);
    this.groups.declare(group, declarationOf(edge), 0, counts.weight - weight);
  }

  #removeEdge(edge: GraphEdge): void {
    if (edge.type === 'OWNED_BY') {
      const owned = this.#indexById.get(edge.fromId);
      const party = this.#indexById.get(edge.toId);
      if (owned !== undefined && party !== undefined) this.owners.unlink(owned, party);
      return;
    }
    this.noteSla(edge, 'unlink');
    const dependency = this.#dependency(edge);
    if (dependency === undefined) return;
    const { provider, dependent } = dependency;
    this.edgeCount -= 1;
    if (edge.group === null) {
      this.lists.removeHard(provider, dependent, dayOf(edge));
      return;
    }
    const group = this.groups.offset(dependent, edge.group);
    const key = `${provider} ${group}`;
    const told = this.#doubled.get(key);
    const known = this.lists.weightIn(provider, group);
    if (told === undefined) {
      if (this.lists.removeFromGroup(provider, group)) this.groups.withdraw(group, declarationOf(edge), 1, known);
      return;
    }
    const { weight, day } = membershipOf(edge);
    // The day may have moved on since, when the relation was only seen again.
    const same = told.findIndex((one) => one.weight === weight && one.day === day);
    const place = same >= 0 ? same : told.findIndex((one) => one.weight === weight);
    told.splice(place, 1);
    if (told.length === 1) this.#doubled.delete(key);
    const counts = together(told);
    this.lists.reweigh(provider, group, counts.weight, counts.day);
    this.groups.withdraw(group, declarationOf(edge), 0, known - counts.weight);
  }
}

/** What a relation declares of the group that it belongs to. */
export function declarationOf({ minUp, minUpPercent }: GraphEdge): Declaration {
  return { minUp: minUp ?? 1, minUpPercent: minUpPercent ?? null };
}

/** What one relation tells of a group membership. */
export interface Membership {
  readonly weight: number;
  readonly day: number;
}

export function membershipOf(edge: GraphEdge): Membership {
  return { weight: edge.weight ?? 1, day: dayOf(edge) };
}

/** The day on which a relation was last seen, from 1970-01-01 on. */
export function dayOf({ lastSeenAtMs }: GraphEdge): number {
  return lastSeenAtMs === undefined ? NEVER : Math.max(1, Math.floor(lastSeenAtMs / DAY_MS));
}

function together(told: readonly Membership[]): Membership {
  return { weight: Math.max(...told.map((one) => one.weight)), day: Math.max(...told.map((one) => one.day)) };
}
