import type { FailedState } from '../model/state.ts';
import { OWNER } from './groupTable.ts';
import type { Loss } from './loss.ts';
import type { Owner } from './ownerTable.ts';
import type { CiCard, Projection } from './projection.ts';
import { NOBODY, type Propagator } from './propagator.ts';
import type { LifeEstimate } from './remainingLife.ts';
import type { Ranking, ServiceFacts } from './serviceTable.ts';
import type { UnseenStep } from './unseen.ts';

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
  /** Members that must be up; of a weighted group, how much weight. */
  readonly minUp: number;
  /** Of a group whose members count differently: how much of their weight is up, of all. */
  readonly weight: { readonly up: number; readonly all: number } | null;
}

export interface AffectedService {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly state: FailedState;
  readonly criticality: number;
  readonly costPerHour: number;
  readonly users: number;
  /** Whether work that was announced would have done as much: nothing to be alarmed about. */
  readonly planned: boolean;
  /** How much longer the outage may last by what was agreed on; null: nothing was. Below 0: broken already. */
  readonly slaMinutesLeft: number | null;
  readonly owners: readonly Owner[];
  /** From a failed CI to the service: each state explains the next, and no such chain is shorter. */
  readonly causeChain: readonly ChainStep[];
  /** What still carries the service, in words; null when nothing of the chain is redundant. */
  readonly redundancyLeft: string | null;
  readonly redundancy: RedundancyLeft | null;
  /** Why the chain may no longer be true, in words; null when all of it was seen of late. */
  readonly uncertainty: string | null;
  readonly unseen: UnseenStep | null;
}

export interface AffectedCi extends ChainStep {
  readonly owners: readonly Owner[];
}

/** A CI that the verdict takes as failed. */
export interface FailedCi extends ChainStep {
  /** Whether it was to be expected: it is being worked on. */
  readonly planned: boolean;
  /** What is left of its life, where a prognosis was made. */
  readonly remainingLife: LifeEstimate | null;
}

/** What all of it comes to. */
export interface HowBad extends Loss {
  /** The service that is down whose SLA is broken first. */
  readonly sla: {
    readonly ciId: string;
    readonly key: string;
    readonly name: string;
    readonly minutesLeft: number;
  } | null;
  /** The end that is nearest among the failed CIs of which a prognosis was made. */
  readonly nearestEnd: ({ readonly ciId: string; readonly name: string } & LifeEstimate) | null;
}

/** How much of a verdict its reader may not see; its counts, sums and states are of the whole graph all the same. */
export interface Withheld {
  readonly services: number;
  readonly affected: number;
  readonly owners: number;
}

export const NOTHING_WITHHELD: Withheld = { services: 0, affected: 0, owners: 0 };

export interface ImpactVerdict {
  readonly graphVersion: string;
  readonly healthVersion: string;
  readonly failed: readonly FailedCi[];
  readonly howBad: HowBad;
  /** CIs that are worse off than without the failure, the failed ones not counted. */
  readonly affectedCount: number;
  readonly services: readonly AffectedService[];
  /** The nearest affected CIs of every type, down before degraded; as many as were asked for. */
  readonly affected: readonly AffectedCi[];
  readonly withheld: Withheld;
}

/** The states into which planned work alone would have brought services; null: there is none, `all`: it is all there is. */
export type PlannedOutages = ReadonlyMap<number, FailedState> | 'all' | null;

interface Carried {
  readonly words: string;
  readonly facts: RedundancyLeft;
}

/** Turns a finished run of the propagator into what people and other parts read. */
export class VerdictWriter {
  readonly #projection: Projection;
  readonly #propagator: Propagator;
  /** Ready chain steps by CI, in either state: verdicts share them. */
  readonly #downSteps: (ChainStep | undefined)[] = [];
  readonly #degradedSteps: (ChainStep | undefined)[] = [];
  /**
   * By place, of the run that is being told: the way to a CI that others were hit by, with one step free for the one that
   * was hit; many services share it.
   */
  readonly #ways: (ChainStep[] | undefined)[] = [];
  #waysMade: number[] = [];
  /** By place of a way: the last degraded place on it, when it begins with what is down. */
  #turns = new Int32Array(0);
  /** Ready owners by rank. */
  #owners: (readonly Owner[] | undefined)[] = [];
  /** By rank, of services that were reached: their place. */
  #placeOf = new Int32Array(0);
  #downRanks = new Int32Array(0);
  #degradedRanks = new Int32Array(0);
  #carried = new Map<number, Carried>();
  #planned: PlannedOutages = null;
  #places: number[] = [];

  constructor(projection: Projection, propagator: Propagator) {
    this.#projection = projection;
    this.#propagator = propagator;
  }

  /** Forgets ready chain steps after CIs changed. */
  forget(): void {
    this.#downSteps.length = 0;
    this.#degradedSteps.length = 0;
    this.#owners = [];
  }

  /** Places of the services that were told last, in their order. */
  get places(): readonly number[] {
    return this.#places;
  }

  /** Services that the run reached: those down before those degraded, by rank. */
  services(planned: PlannedOutages = null): AffectedService[] {
    this.#planned = planned;
    this.#places = [];
    const ranking = this.#projection.services.ranking(this.#projection.nodeCount);
    const { byRank } = ranking;
    const words = (byRank.length + 31) >>> 5;
    if (this.#downRanks.length < words) {
      this.#downRanks = new Int32Array(words * 2);
      this.#degradedRanks = new Int32Array(words * 2);
      this.#placeOf = new Int32Array(words * 64);
    }
    const { downCount, reachedCount, queue } = this.#propagator;
    if (this.#turns.length < queue.length) this.#turns = new Int32Array(queue.length);
    this.#collect(ranking, this.#downRanks, 0, downCount);
    this.#collect(ranking, this.#degradedRanks, downCount, reachedCount);
    const services: AffectedService[] = [];
    this.#drain(this.#downRanks, words, byRank, 'down', services);
    this.#drain(this.#degradedRanks, words, byRank, 'degraded', services);
    this.#carried = new Map();
    for (const place of this.#waysMade) this.#ways[place] = undefined;
    this.#waysMade = [];
    return services;
  }

  /** The nearest `limit` CIs that the run reached, those that failed by themselves left out. */
  affected(limit: number): AffectedCi[] {
    const { queue, cause, downCount, reachedCount } = this.#propagator;
    const affected: AffectedCi[] = [];
    for (let place = 0; place < reachedCount && affected.length < limit; place += 1) {
      if (cause[place] === NOBODY) continue;
      const node = queue[place]!;
      affected.push({ ...this.step(node, place < downCount), owners: this.#projection.owners.of(node) });
    }
    return affected;
  }

  /** Notes the rank and the place of every service among the places from `first` up to `end`. */
  #collect({ isService, rankOf }: Ranking, ranks: Int32Array, first: number, end: number): void {
    const { queue } = this.#propagator;
    const placeOf = this.#placeOf;
    for (let place = first; place < end; place += 1) {
      const node = queue[place]!;
      if (((isService[node >>> 5]! >>> node) & 1) === 0) continue;
      const rank = rankOf[node]!;
      ranks[rank >>> 5]! |= 1 << rank;
      placeOf[rank] = place;
    }
  }

  /** Reads ranks in order and clears them on the way. */
  #drain(
    ranks: Int32Array,
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
        const rank = (w << 5) + 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        into.push(this.#service(byRank[rank]!, rank, state));
      }
    }
  }

  #service(facts: ServiceFacts, rank: number, state: FailedState): AffectedService {
    const { cause, carrier, downCount } = this.#propagator;
    const place = this.#placeOf[rank]!;
    this.#places.push(place);
    const hitBy = cause[place]!;
    const step = this.step(facts.node, place < downCount);
    let causeChain = [step];
    let turn = NOBODY;
    if (hitBy !== NOBODY) {
      causeChain = (this.#ways[hitBy] ?? this.#way(hitBy)).slice();
      causeChain[causeChain.length - 1] = step;
      turn = place >= downCount && hitBy < downCount ? place : this.#turns[hitBy]!;
    }
    const carried = turn === NOBODY ? undefined : this.#carriedBy(carrier[turn]!);
    return {
      ciId: facts.ciId,
      key: facts.key,
      name: facts.name,
      state,
      criticality: facts.criticality,
      costPerHour: facts.costPerHour,
      users: facts.users,
      planned: this.#isPlanned(facts.node, state),
      slaMinutesLeft: this.#projection.slas.minutes(facts.node),
      owners: this.#owners[rank] ?? this.#ownersOf(facts.node, rank),
      causeChain,
      redundancyLeft: carried === undefined ? null : carried.words,
      redundancy: carried === undefined ? null : carried.facts,
      uncertainty: null,
      unseen: null,
    };
  }

  #isPlanned(node: number, state: FailedState): boolean {
    if (this.#planned === null) return false;
    return this.#planned === 'all' || this.#planned.get(node) === state;
  }

  #ownersOf(node: number, rank: number): readonly Owner[] {
    const owners = this.#projection.owners.of(node);
    this.#owners[rank] = owners;
    return owners;
  }

  /** Backwards from a place: those that are degraded first, then, for good, those that are down. */
  #way(last: number): ChainStep[] {
    const { queue, cause, downCount } = this.#propagator;
    let length = 1;
    for (let place = last; place !== NOBODY; place = cause[place]!) length += 1;
    const way: ChainStep[] = new Array(length);
    length -= 1;
    way[length] = this.step(queue[last]!, last < downCount);
    let turn = NOBODY;
    let place = last;
    for (; place >= downCount; place = cause[place]!) {
      const node = queue[place]!;
      length -= 1;
      way[length] = this.#degradedSteps[node] ?? this.step(node, false);
      turn = place;
    }
    this.#turns[last] = place === NOBODY ? NOBODY : turn;
    for (; place !== NOBODY; place = cause[place]!) {
      const node = queue[place]!;
      length -= 1;
      way[length] = this.#downSteps[node] ?? this.step(node, true);
    }
    this.#ways[last] = way;
    this.#waysMade.push(last);
    return way;
  }

  step(node: number, isDown: boolean): ChainStep {
    const known = isDown ? this.#downSteps : this.#degradedSteps;
    const ready = known[node];
    if (ready !== undefined) return ready;
    const { ciId, key, name, type } = this.#projection.cards[node]!;
    const step: ChainStep = Object.freeze({ ciId, key, name, type, state: isDown ? 'down' : 'degraded' });
    known[node] = step;
    return step;
  }

  #carriedBy(group: number): Carried {
    const known = this.#carried.get(group);
    if (known !== undefined) return known;
    const { groups, cards } = this.#projection;
    const card = cards[groups.words[group + OWNER]!]!;
    const members = groups.members(group);
    const all = groups.weight(group);
    const lost = this.#propagator.lostWeight(group);
    const isWeighted = all !== members;
    const facts: RedundancyLeft = {
      ...{ ciId: card.ciId, ciName: card.name, group: groups.name(group) },
      ...{ up: members - (isWeighted ? this.#propagator.lostMembers(group) : lost), members },
      minUp: groups.minUp(group),
      weight: isWeighted ? { up: all - lost, all } : null,
    };
    const carried = { words: redundancyInWords(facts), facts };
    this.#carried.set(group, carried);
    return carried;
  }
}

/** What is left of a redundancy group, for people. */
export function redundancyInWords({ group, ciName, up, members, minUp, weight }: RedundancyLeft): string {
  const spare = (weight?.up ?? up) - minUp;
  const left = spare === 0 ? 'none to spare' : `${spare} to spare`;
  const byWeight = weight === null ? '' : `, by weight ${weight.up} of ${weight.all}`;
  return `${group} of ${ciName}: ${up} of ${members} up${byWeight}, ${minUp} needed, ${left}`;
}
