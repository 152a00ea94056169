import type { Clock } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import { BlastRadius } from './blastRadius.ts';
import { ProjectionBuilder } from './projectionBuilder.ts';
import { RECHECK_AFTER_MS, RENEW_AFTER_MS, Renewal } from './renewal.ts';

/** How long a caller waits for a version that is not there yet. */
const LONGEST_WAIT_MS = 1000;
const WAIT_STEP_MS = 50;

interface Entry {
  radius: BlastRadius | null;
  checkedAtMs: number;
  readonly renewal: Renewal;
}

/** One projection per tenant in memory, followed by version; the least recently asked goes when there are too many. */
export class ProjectionCache {
  readonly #graph: AssetGraph;
  readonly #clock: Clock;
  readonly #capacity: number;
  /** In the order of the last question: the first is the longest ago. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: { graph: AssetGraph; clock: Clock; capacity: number }) {
    this.#graph = options.graph;
    this.#clock = options.clock;
    this.#capacity = options.capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * A projection that is current, and at least at `minVersion`.
   * @throws {FaultlineError} CMDB_VERSION_AHEAD when that version does not arrive within a second
   */
  async current(tenantId: string, minVersion = 0n): Promise<BlastRadius> {
    const entry = this.#touch(tenantId);
    const askedAtMs = this.#clock.nowMs();
    while (entry.radius === null || askedAtMs - entry.checkedAtMs >= RECHECK_AFTER_MS) await entry.renewal.shared();
    if (askedAtMs - entry.checkedAtMs >= RENEW_AFTER_MS) entry.renewal.shared().catch(() => undefined); // tried again
    while (entry.radius === null || entry.radius.projection.version < minVersion) {
      const have = String(entry.radius?.projection.version ?? 0n);
      if (this.#clock.nowMs() - askedAtMs >= LONGEST_WAIT_MS) {
        throw cmdbErrors.CMDB_VERSION_AHEAD({ wanted: String(minVersion), have }, { field: 'minVersion' });
      }
      await entry.renewal.anew();
      if (entry.radius !== null && entry.radius.projection.version >= minVersion) break;
      await this.#clock.sleep(WAIT_STEP_MS);
    }
    return entry.radius;
  }

  /** Brings a tenant's projection to the newest version: to all that was committed before the call. */
  async refresh(tenantId: string): Promise<void> {
    await this.#touch(tenantId).renewal.anew();
  }

  async #follow(tenantId: string, entry: Entry): Promise<void> {
    const startedAtMs = this.#clock.nowMs();
    const { radius } = entry;
    if (radius !== null) {
      const since = await this.#graph.changesSince(tenantId, radius.projection.version);
      if (since !== null && radius.projection.apply(since.version, since.steps)) {
        if (since.steps.length > 0) radius.refreshed();
        entry.checkedAtMs = startedAtMs;
        return;
      }
      // Applied in part, perhaps: no longer to be asked.
      entry.radius = null;
    }
    const { sink } = await this.#graph.load(tenantId, (version, model) => new ProjectionBuilder(version, model));
    entry.radius = new BlastRadius(sink.finish());
    entry.checkedAtMs = startedAtMs;
  }

  #touch(tenantId: string): Entry {
    const entry = this.#entries.get(tenantId) ?? this.#entry(tenantId);
    this.#entries.delete(tenantId);
    this.#entries.set(tenantId, entry);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }

  #entry(tenantId: string): Entry {
    const entry: Entry = {
      radius: null,
      checkedAtMs: 0,
      renewal: new Renewal(() => this.#follow(tenantId, entry)),
    };
    return entry;
  }
}
