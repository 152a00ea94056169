import type { FailedState } from '../model/state.ts';
import { ALL_WELL, type Failure, type Health } from './health.ts';
import { type Loss, lossOf } from './loss.ts';
import { type Overlay, overlayOf } from './overlay.ts';
import type { Projection } from './projection.ts';
import { NOBODY, Propagator, type Seed } from './propagator.ts';
import { Questions } from './questions.ts';
import type { ServiceFacts } from './serviceTable.ts';
import { longestUnseen, unseenInWords } from './unseen.ts';
import {
  type AffectedService,
  type HowBad,
  type ImpactVerdict,
  NOTHING_WITHHELD,
  type PlannedOutages,
  VerdictWriter,
} from './verdict.ts';

export { ALL_WELL, type Failure, type Health } from './health.ts';

export interface VerdictOptions {
  /** How many affected CIs of any type to list; none by default. */
  readonly affectedLimit?: number;
  /** Now, ms since 1970; without it times that have passed are not reckoned with. */
  readonly nowMs?: number;
}

/** What all services are in at once, and what that comes to. */
export interface ServiceStates {
  readonly states: ReadonlyMap<ServiceFacts, FailedState>;
  readonly loss: Loss;
}

/** Answers "what breaks, who cares" on one projection. */
export class BlastRadius {
  readonly projection: Projection;
  readonly questions: Questions;
  readonly #propagator: Propagator;
  readonly #writer: VerdictWriter;

  constructor(projection: Projection) {
    this.projection = projection;
    this.#propagator = new Propagator(projection.lists, projection.groups);
    this.questions = new Questions(projection, this.#propagator);
    this.#writer = new VerdictWriter(projection, this.#propagator);
  }

  /** To be called after the projection changed. */
  refreshed(): void {
    this.#writer.forget();
    this.questions.refreshed();
  }

  /**
   * The verdict on a failure. A failed CI that is worked on according to `health` failed as planned.
   * @param failed CIs of the graph
   * @param health their own entries are overruled by `failed`; CIs that are not in the graph are left out
   */
  verdict(failed: readonly Failure[], health: Health = ALL_WELL, options: VerdictOptions = {}): ImpactVerdict {
    const { projection } = this;
    const seeds = this.#withPlans(seedsOf(projection, failed), health);
    const background = without(seedsOf(projection, health.notOk), seeds);
    const planned = this.#plannedOutages(seeds, background);
    this.#propagator.run(seeds, background);
    const { reachedCount, failedCount, queue } = this.#propagator;
    const told = this.#writer.services(planned);
    const services = options.nowMs === undefined ? told : this.#inTime(told, seeds, options.nowMs);
    const nodes = this.#writer.places.map((place) => queue[place]!);
    return {
      graphVersion: String(projection.version),
      healthVersion: health.version,
      failed: seeds.map(({ node, state, planned = false }) => ({
        ...this.#writer.step(node, state === 'down'),
        ...{ planned, remainingLife: null },
      })),
      howBad: { ...lossOf(projection, services, nodes), sla: soonestBreach(services), nearestEnd: null },
      affectedCount: reachedCount - failedCount,
      services,
      affected: options.affectedLimit ? this.#writer.affected(options.affectedLimit) : [],
      withheld: NOTHING_WITHHELD,
    };
  }

  /** The states of all services that are not ok while these CIs are so. */
  serviceStates(seeds: readonly Seed[]): ServiceStates {
    const { byRank, rankOf, isService } = this.projection.services.ranking(this.projection.nodeCount);
    this.#propagator.run(seeds);
    const { queue, downCount, reachedCount } = this.#propagator;
    const hit: { facts: ServiceFacts; state: FailedState }[] = [];
    for (let place = 0; place < reachedCount; place += 1) {
      const node = queue[place]!;
      if (((isService[node >>> 5]! >>> node) & 1) === 0) continue;
      hit.push({ facts: byRank[rankOf[node]!]!, state: place < downCount ? 'down' : 'degraded' });
    }
    hit.sort((a, b) => rankOf[a.facts.node]! - rankOf[b.facts.node]!);
    const services = hit.map(({ facts, state }) => ({ ...facts, state }));
    const nodes = hit.map(({ facts }) => facts.node);
    return {
      states: new Map(hit.map(({ facts, state }) => [facts, state])),
      loss: lossOf(this.projection, services, nodes),
    };
  }

  /** The states of all CIs while these are so. */
  overlay(seeds: readonly FailedSeed[], healthVersion: string): Overlay {
    return overlayOf(this.projection, this.#propagator, seeds, healthVersion);
  }

  /** A CI that failed while it is worked on failed as planned, and at the latest since then. */
  #withPlans(seeds: readonly FailedSeed[], health: Health): FailedSeed[] {
    const known = new Map(seedsOf(this.projection, health.notOk).map((seed) => [seed.node, seed]));
    return seeds.map((seed) => {
      const before = known.get(seed.node);
      if (before === undefined) return seed;
      return {
        ...seed,
        planned: seed.planned ?? before.planned,
        sinceMs: seed.sinceMs ?? (before.state === seed.state ? before.sinceMs : undefined),
      };
    });
  }

  #plannedOutages(seeds: readonly FailedSeed[], background: readonly Seed[]): PlannedOutages {
    const planned = seeds.filter((seed) => seed.planned === true);
    if (planned.length === 0) return null;
    if (planned.length === seeds.length) return 'all';
    this.#propagator.run(planned, background);
    const { queue, downCount, reachedCount } = this.#propagator;
    const states = new Map<number, FailedState>();
    for (let place = 0; place < reachedCount; place += 1) {
      states.set(queue[place]!, place < downCount ? 'down' : 'degraded');
    }
    return states;
  }

  /** Says of services what time has done: to the trust in their chains, and to what their SLAs allow. */
  #inTime(services: AffectedService[], seeds: readonly FailedSeed[], nowMs: number): AffectedService[] {
    const unseen = longestUnseen(this.projection, this.#propagator, this.#writer.places, nowMs);
    const doubted = services.map((service, index) => {
      const step = unseen[index] ?? null;
      return step === null ? service : { ...service, unseen: step, uncertainty: unseenInWords(step) };
    });
    return this.#sinceThen(doubted, seeds, nowMs);
  }

  /** Takes the time that has passed since the failure off what the SLAs allow. */
  #sinceThen(services: AffectedService[], seeds: readonly FailedSeed[], nowMs: number): AffectedService[] {
    const since = new Map(seeds.flatMap(({ node, sinceMs }) => (sinceMs === undefined ? [] : [[node, sinceMs]])));
    if (since.size === 0) return services;
    const { cause, queue } = this.#propagator;
    return services.map((service, index) => {
      if (service.slaMinutesLeft === null) return service;
      let place = this.#writer.places[index]!;
      while (cause[place] !== NOBODY) place = cause[place]!;
      const sinceMs = since.get(queue[place]!);
      if (sinceMs === undefined) return service;
      return { ...service, slaMinutesLeft: service.slaMinutesLeft - Math.floor((nowMs - sinceMs) / 60_000) };
    });
  }
}

interface FailedSeed extends Seed {
  readonly planned?: boolean | undefined;
  readonly sinceMs?: number | undefined;
}

/** Failures as the propagator takes them; what is not in the graph is left out. */
export function seedsOf(projection: Projection, failures: readonly Failure[]): FailedSeed[] {
  const seeds: FailedSeed[] = [];
  for (const { ciId, state, planned, sinceMs } of failures) {
    const node = projection.find(ciId);
    if (node !== undefined) seeds.push({ node, state, planned, sinceMs });
  }
  return seeds;
}

/** Of what was not ok before, what is not told of anew. */
export function without<S extends Seed>(seeds: readonly S[], told: readonly { node: number }[]): S[] {
  if (seeds.length === 0) return [];
  const nodes = new Set(told.map(({ node }) => node));
  return seeds.filter(({ node }) => !nodes.has(node));
}

/** The service that is down whose SLA is broken first. */
export function soonestBreach(services: readonly AffectedService[]): HowBad['sla'] {
  let soonest: HowBad['sla'] = null;
  for (const { ciId, key, name, state, slaMinutesLeft } of services) {
    if (state !== 'down' || slaMinutesLeft === null) continue;
    if (soonest === null || slaMinutesLeft < soonest.minutesLeft)
      soonest = { ciId, key, name, minutesLeft: slaMinutesLeft };
  }
  return soonest;
}
