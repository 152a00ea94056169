import type { Database } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { BlastRadius, type Failure } from '../impact/blastRadius.ts';
import { ProjectionBuilder } from '../impact/projectionBuilder.ts';
import type { ImpactVerdict } from '../impact/verdict.ts';
import { modelAt } from '../model/store.ts';
import { loadAsOf } from './loadAsOf.ts';
import { type Moment, pastVersion } from './moment.ts';

/** Past graphs kept in memory: one is mostly asked about several times. */
const KEPT = 2;

/** What would have broken: verdicts on graphs as they stood, by the model that held then and with nothing else failing. */
export class PastImpact {
  readonly #db: Database;
  /** In the order of the last question; a version that has been never changes. */
  readonly #kept = new Map<string, Promise<BlastRadius>>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * @throws {FaultlineError} CMDB_VERSION_UNKNOWN, CMDB_CI_UNKNOWN_THEN
   * @remarks O(graph + changes since) for the first question about a version
   */
  async verdict(tenantId: string, moment: Moment, failed: readonly Failure[]): Promise<ImpactVerdict> {
    const { version, modelVersion } = await this.#db.tenant(tenantId, (tx) => pastVersion(tx, moment));
    const radius = await this.#radius(tenantId, version, modelVersion);
    const unknown = failed.find(({ ciId }) => radius.projection.find(ciId) === undefined);
    if (unknown !== undefined) {
      throw cmdbErrors.CMDB_CI_UNKNOWN_THEN({ ci: unknown.ciId, version: String(version) }, { field: 'failed' });
    }
    return radius.verdict(failed);
  }

  #radius(tenantId: string, version: bigint, modelVersion: number): Promise<BlastRadius> {
    const key = `${tenantId} ${version}`;
    const known = this.#kept.get(key);
    const radius = known ?? this.#load(tenantId, version, modelVersion);
    this.#kept.delete(key);
    this.#kept.set(key, radius);
    // One that could not be loaded is tried again.
    if (known === undefined) radius.catch(() => this.#kept.delete(key));
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return radius;
  }

  #load(tenantId: string, version: bigint, modelVersion: number): Promise<BlastRadius> {
    return this.#db.tenant(tenantId, async (tx) => {
      const builder = new ProjectionBuilder(version, await modelAt(tx, modelVersion));
      await loadAsOf(tx, version, builder);
      return new BlastRadius(builder.finish());
    });
  }
}
