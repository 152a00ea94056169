import type { FailedState } from '../model/state.ts';
import { OWNER } from './groupTable.ts';
import type { Owner } from './ownerTable.ts';
import type { CiCard, Projection } from './projection.ts';
import { NOBODY, type Propagator } from './propagator.ts';
import type { ServiceFacts } from './serviceTable.ts';

/** One step of a cause chain: a CI and the state that it is in. */
export interface ChainStep extends CiCard {
  readonly state: FailedState;
}

/** The redundancy group that still carries a service, and how much of it is left. */
export interface RedundancyLeft {
  readonly ciId: string;
  readonly ciName: string;
  readonly group: string;
  readonly up: number;
  readonly members: number;
  readonly minUp: number;
}

export interface AffectedService {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly state: FailedState;
  readonly criticality: number;
  readonly costPerHour: number;
  readonly users: number;
  readonly owners: readonly Owner[];
  /** From a failed CI to the service: each state explains the next, and no such chain is shorter. */
  readonly causeChain: readonly ChainStep[];
  /** What still carries the service, in words; null when nothing of the chain is redundant. */
  readonly redundancyLeft: string | null;
  readonly redundancy: RedundancyLeft | null;
}

export interface AffectedCi extends ChainStep {
  readonly owners: readonly Owner[];
}

export interface ImpactVerdict {
  readonly graphVersion: string;
  readonly healthVersion: string;
  /** CIs that are worse off than without the failure, the failed ones not counted. */
  readonly affectedCount: number;
  readonly services: readonly AffectedService[];
  /** The nearest affected CIs of every type, down before degraded; as many as were asked for. */
  readonly affected: readonly AffectedCi[];
}

interface Carried {
  readonly words: string;
  readonly facts: RedundancyLeft;
}

/** Turns a finished run of the propagator into what people and other parts read. */
export class VerdictWriter {
  readonly #projection: Projection;
  readonly #propagator: Propagator;
  /** Ready chain steps, [2 × node + (down ? 1 : 0)]: verdicts share them. */
  readonly #steps: (ChainStep | undefined)[] = [];
  readonly #chain: number[] = [];
  #downRanks = new Uint32Array(0);
  #degradedRanks = new Uint32Array(0);
  #carried = new Map<number, Carried>();

  constructor(projection: Projection, propagator: Propagator) {
    this.#projection = projection;
    this.#propagator = propagator;
  }

  /** Forgets ready chain steps after CIs changed. */
  forget(): void {
    this.#steps.length = 0;
  }

  /** Services that the run reached: those down before those degraded, by rank. */
  services(): AffectedService[] {
    const { byRank, rankOf } = this.#projection.services.ranking(this.#projection.nodeCount);
    const words = (byRank.length + 31) >>> 5;
    if (this.#downRanks.length < words) {
      this.#downRanks = new Uint32Array(words * 2);
      this.#degradedRanks = new Uint32Array(words * 2);
    }
    const { down, downCount, degraded, degradedCount } = this.#propagator;
    setRanks(this.#downRanks, rankOf, down, downCount);
    setRanks(this.#degradedRanks, rankOf, degraded, degradedCount);
    this.#carried = new Map();
    const services: AffectedService[] = [];
    this.#drain(this.#downRanks, words, byRank, 'down', services);
    this.#drain(this.#degradedRanks, words, byRank, 'degraded', services);
    return services;
  }

  /** The nearest `limit` CIs that the run reached, those that failed by themselves left out. */
  affected(limit: number): AffectedCi[] {
    const { down, downCount, degraded, degradedCount } = this.#propagator;
    const affected: AffectedCi[] = [];
    const take = (nodes: Int32Array, count: number, isDown: boolean) => {
      for (let i = 0; i < count && affected.length < limit; i += 1) {
        const node = nodes[i]!;
        if (this.#propagator.cause[node] === NOBODY) continue;
        affected.push({ ...this.#step(node, isDown), owners: this.#projection.owners.of(node) });
      }
    };
    take(down, downCount, true);
    take(degraded, degradedCount, false);
    return affected;
  }

  /** Reads ranks in order and clears them on the way. */
  #drain(
    ranks: Uint32Array,
    words: number,
    byRank: readonly ServiceFacts[],
    state: FailedState,
    into: AffectedService[],
  ): void {
    for (let w = 0; w < words; w += 1) {
      let bits = ranks[w]!;
      if (bits === 0) continue;
      ranks[w] = 0;
      while (bits !== 0) {
        const lowest = 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        into.push(this.#service(byRank[(w << 5) + lowest]!, state));
      }
    }
  }

  #service(facts: ServiceFacts, state: FailedState): AffectedService {
    const propagator = this.#propagator;
    const cause = propagator.cause;
    const chain = this.#chain;
    let length = 0;
    let carrier = NOBODY;
    let degradedSoFar = state === 'degraded';
    // Backwards from the service: degraded CIs first, then, for good, those that are down.
    for (let node = facts.node; node !== NOBODY; node = cause[node]!) {
      if (degradedSoFar && propagator.isDown(node)) {
        degradedSoFar = false;
        carrier = propagator.carryingGroup(chain[length - 1]! >> 1);
      }
      chain[length++] = node * 2 + (degradedSoFar ? 0 : 1);
    }
    const causeChain: ChainStep[] = new Array(length);
    for (let i = 0; i < length; i += 1) {
      const step = chain[length - 1 - i]!;
      causeChain[i] = this.#steps[step] ?? this.#step(step >> 1, (step & 1) === 1);
    }
    const carried = carrier === NOBODY ? undefined : this.#carriedBy(carrier);
    return {
      ciId: facts.ciId,
      key: facts.key,
      name: facts.name,
      state,
      criticality: facts.criticality,
      costPerHour: facts.costPerHour,
      users: facts.users,
      owners: this.#projection.owners.of(facts.node),
      causeChain,
      redundancyLeft: carried?.words ?? null,
      redundancy: carried?.facts ?? null,
    };
  }

  #step(node: number, isDown: boolean): ChainStep {
    const place = node * 2 + (isDown ? 1 : 0);
    const ready = this.#steps[place];
    if (ready !== undefined) return ready;
    const { ciId, key, name, type } = this.#projection.cards[node]!;
    const step: ChainStep = Object.freeze({ ciId, key, name, type, state: isDown ? 'down' : 'degraded' });
    this.#steps[place] = step;
    return step;
  }

  #carriedBy(group: number): Carried {
    const known = this.#carried.get(group);
    if (known !== undefined) return known;
    const { groups, cards } = this.#projection;
    const card = cards[groups.words[group + OWNER]!]!;
    const members = groups.members(group);
    const minUp = groups.minUp(group);
    const up = members - this.#propagator.lostMembers(group);
    const spare = up - minUp;
    const name = groups.name(group);
    const left = spare === 0 ? 'none to spare' : `${spare} to spare`;
    const carried = {
      words: `${name} of ${card.name}: ${up} of ${members} up, ${minUp} needed, ${left}`,
      facts: Object.freeze({ ciId: card.ciId, ciName: card.name, group: name, up, members, minUp }),
    };
    this.#carried.set(group, carried);
    return carried;
  }
}

/** Sets the bit of every ranked CI among the first `count` of `nodes`. */
function setRanks(ranks: Uint32Array, rankOf: Int32Array, nodes: Int32Array, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const rank = rankOf[nodes[i]!]!;
    if (rank >= 0) ranks[rank >>> 5]! |= 1 << (rank & 31);
  }
}
