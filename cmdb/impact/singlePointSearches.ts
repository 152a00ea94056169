import type { Clock } from '../../platform/index.ts';
import { type BlastRadius, type Health, seedsOf } from './blastRadius.ts';
import type { SinglePoint } from './losses.ts';

/** How many points are kept of a search. */
const MOST_POINTS = 1_000;
/** How long a part of a search may hold up everything else. */
const PART_MS = 10;
/** How long a question waits for the end of a search before it is told how far it is. */
const WAIT_MS = 5_000;
/** A search that a changing graph made begin again this often gives up until it is asked again. */
const MOST_RESTARTS = 3;
/** Searches remembered, one for each tenant that asked last. */
const MOST_TENANTS = 16;

/** What a search for single points of failure has found, or how far it is. */
export interface SinglePointSearch {
  readonly graphVersion: string;
  readonly healthVersion: string;
  /** Candidates tried, of all. */
  readonly done: number;
  readonly total: number;
  /** Worst first; null while it is going on. */
  readonly points: readonly SinglePoint[] | null;
}

interface Running {
  state: SinglePointSearch;
  ended: Promise<void>;
}

/** One search per tenant at a time, carried on in parts, its outcome kept until the graph or the health change. */
export class SinglePointSearches {
  readonly #clock: Clock;
  readonly #byTenant = new Map<string, Running>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param current gives the projection anew, after the graph changed under the search */
  async ask(
    tenantId: string,
    radius: BlastRadius,
    health: Health,
    current: () => Promise<BlastRadius>,
  ): Promise<SinglePointSearch> {
    const known = this.#byTenant.get(tenantId);
    const running = known && isOf(known.state, radius, health) ? known : this.#begin(tenantId, radius, health, current);
    const waiting = new AbortController();
    await Promise.race([running.ended, this.#clock.sleep(WAIT_MS, waiting.signal).catch(() => undefined)]);
    waiting.abort();
    return running.state;
  }

  #begin(tenantId: string, radius: BlastRadius, health: Health, current: () => Promise<BlastRadius>): Running {
    const state = { graphVersion: String(radius.projection.version), healthVersion: health.version };
    const running: Running = { state: { ...state, done: 0, total: 0, points: null }, ended: Promise.resolve() };
    running.ended = this.#search(running, radius, health, current).finally(() => {
      // What ended without an outcome is to be asked for again.
      if (running.state.points === null && this.#byTenant.get(tenantId) === running) this.#byTenant.delete(tenantId);
    });
    running.ended.catch(() => undefined); // told to whoever waits; nobody may be
    this.#byTenant.delete(tenantId);
    this.#byTenant.set(tenantId, running);
    if (this.#byTenant.size > MOST_TENANTS) this.#byTenant.delete(this.#byTenant.keys().next().value!);
    return running;
  }

  async #search(
    running: Running,
    first: BlastRadius,
    health: Health,
    current: () => Promise<BlastRadius>,
  ): Promise<void> {
    let radius = first;
    for (let restarts = 0; restarts <= MOST_RESTARTS; restarts++) {
      const { version } = radius.projection;
      const base = { graphVersion: String(version), healthVersion: health.version };
      const search = radius.questions.singlePoints(seedsOf(radius.projection, health.notOk), MOST_POINTS);
      let total = 0;
      while (radius.projection.version === version) {
        const untilMs = performance.now() + PART_MS;
        let step = search.next();
        while (!step.done && performance.now() < untilMs) {
          total = step.value.total;
          step = search.next();
        }
        if (step.done) {
          running.state = { ...base, done: total, total, points: step.value };
          return;
        }
        total = step.value.total;
        running.state = { ...base, ...step.value, points: null };
        await new Promise((next) => setImmediate(next));
      }
      radius = await current();
    }
  }
}

/** Whether an outcome is of this graph and health; a search that goes on follows the graph by itself. */
function isOf(state: SinglePointSearch, radius: BlastRadius, health: Health): boolean {
  if (state.healthVersion !== health.version) return false;
  return state.points === null || state.graphVersion === String(radius.projection.version);
}
