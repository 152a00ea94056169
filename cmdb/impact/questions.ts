import { nextLosses, type SingleLoss, type SinglePoint, singlePoints } from './losses.ts';
import type { Projection } from './projection.ts';
import type { Propagator, Seed } from './propagator.ts';
import { ProviderLists } from './providerLists.ts';
import { type Alarm, type Explanation, rootCauses } from './rootCauses.ts';
import { symptoms } from './symptoms.ts';

/** Questions that go against the direction of failure: what could take this down, what is behind these alarms. */
export class Questions {
  readonly #projection: Projection;
  readonly #propagator: Propagator;
  #providers: ProviderLists | null = null;

  /** @param propagator the projection's only one: what groups have lost is counted in the graph itself */
  constructor(projection: Projection, propagator: Propagator) {
    this.#projection = projection;
    this.#propagator = propagator;
  }

  /** To be called after the projection changed. */
  refreshed(): void {
    this.#providers = null;
  }

  nextLosses(target: number, health: readonly Seed[]): SingleLoss[] | null {
    return nextLosses(this.#projection, this.#propagator, this.#upstream(), target, health);
  }

  /** A search that is carried on part by part; other questions may come between the parts, changes of the graph may not. */
  singlePoints(health: readonly Seed[], most: number): Generator<{ done: number; total: number }, SinglePoint[]> {
    return singlePoints(this.#projection, this.#propagator, this.#upstream(), health, most);
  }

  rootCauses(alarms: readonly Alarm[], most: number): Explanation {
    return rootCauses(this.#projection, this.#propagator, this.#upstream(), alarms, most);
  }

  symptoms(failures: readonly Alarm[]): ReadonlyMap<number, number> {
    return symptoms(this.#propagator, failures);
  }

  #upstream(): ProviderLists {
    this.#providers ??= new ProviderLists(this.#projection.lists, this.#projection.nodeCount);
    return this.#providers;
  }
}
