import type { Clock } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import { BlastRadius } from './blastRadius.ts';
import { FreshByTenant, type Held } from './freshByTenant.ts';
import { ProjectionBuilder } from './projectionBuilder.ts';

/** How long a caller waits for a version that is not there yet. */
const LONGEST_WAIT_MS = 1000;
const WAIT_STEP_MS = 50;

/** One projection per tenant in memory, followed by version; the least recently asked goes when there are too many. */
export class ProjectionCache {
  readonly #graph: AssetGraph;
  readonly #clock: Clock;
  readonly #held: FreshByTenant<BlastRadius>;

  constructor({ graph, clock, capacity }: { graph: AssetGraph; clock: Clock; capacity: number }) {
    this.#graph = graph;
    this.#clock = clock;
    this.#held = new FreshByTenant({ clock, capacity, renew: (tenantId, held) => this.#follow(tenantId, held) });
  }

  get size(): number {
    return this.#held.size;
  }

  /**
   * A projection that is current, and at least at `minVersion`.
   * @throws {FaultlineError} CMDB_VERSION_AHEAD when that version does not arrive within a second
   */
  async current(tenantId: string, minVersion = 0n): Promise<BlastRadius> {
    const askedAtMs = this.#clock.nowMs();
    let radius = await this.#held.recent(tenantId);
    while (radius.projection.version < minVersion) {
      if (this.#clock.nowMs() - askedAtMs >= LONGEST_WAIT_MS) {
        const have = String(radius.projection.version);
        throw cmdbErrors.CMDB_VERSION_AHEAD({ wanted: String(minVersion), have }, { field: 'minVersion' });
      }
      radius = await this.#held.now(tenantId);
      if (radius.projection.version >= minVersion) break;
      await this.#clock.sleep(WAIT_STEP_MS);
    }
    return radius;
  }

  /** Brings a tenant's projection to the newest version: to all that was committed before the call. */
  async refresh(tenantId: string): Promise<void> {
    await this.#held.now(tenantId);
  }

  async #follow(tenantId: string, held: Held<BlastRadius>): Promise<void> {
    const radius = held.value;
    if (radius !== null) {
      const since = await this.#graph.changesSince(tenantId, radius.projection.version);
      if (since !== null && radius.projection.apply(since.version, since.steps)) {
        if (since.steps.length > 0) radius.refreshed();
        return;
      }
      // Applied in part, perhaps: no longer to be asked.
      held.value = null;
    }
    const { sink } = await this.#graph.load(tenantId, (version, model) => new ProjectionBuilder(version, model));
    held.value = new BlastRadius(sink.finish());
  }
}
