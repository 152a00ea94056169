import type { FailedState } from '../model/state.ts';
import type { Projection } from './projection.ts';
import { Propagator, type Seed } from './propagator.ts';
import { Questions } from './questions.ts';
import { type ImpactVerdict, VerdictWriter } from './verdict.ts';

/** A CI that failed, by id or key. */
export interface Failure {
  readonly ciId: string;
  readonly state: FailedState;
}

/** What is known of the CIs' health before the failure that is asked about. */
export interface Health {
  readonly version: string;
  readonly notOk: readonly Failure[];
}

export const ALL_WELL: Health = { version: '0', notOk: [] };

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
   * The verdict on a failure.
   * @param failed CIs of the graph
   * @param health their own entries are overruled by `failed`; CIs that are not in the graph are left out
   * @param affectedLimit how many affected CIs of any type to list
   */
  verdict(failed: readonly Failure[], health: Health = ALL_WELL, affectedLimit = 0): ImpactVerdict {
    const seeds = seedsOf(this.projection, failed);
    const failedNodes = new Set(seeds.map((seed) => seed.node));
    this.#propagator.run(
      seeds,
      seedsOf(this.projection, health.notOk).filter((seed) => !failedNodes.has(seed.node)),
    );
    const { reachedCount, failedCount } = this.#propagator;
    return {
      graphVersion: String(this.projection.version),
      healthVersion: health.version,
      affectedCount: reachedCount - failedCount,
      services: this.#writer.services(),
      affected: affectedLimit > 0 ? this.#writer.affected(affectedLimit) : [],
    };
  }
}

/** Failures as the propagator takes them; what is not in the graph is left out. */
export function seedsOf(projection: Projection, failures: readonly Failure[]): Seed[] {
  const seeds: Seed[] = [];
  for (const { ciId, state } of failures) {
    const node = projection.find(ciId);
    if (node !== undefined) seeds.push({ node, state });
  }
  return seeds;
}
