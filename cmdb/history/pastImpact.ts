import type { Database } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { BlastRadius, type Failure } from '../impact/blastRadius.ts';
import { ProjectionBuilder } from '../impact/projectionBuilder.ts';
import { redactedVerdict } from '../impact/redactedVerdict.ts';
import type { ImpactVerdict } from '../impact/verdict.ts';
import { type Reader, restrictedIds, seesRestricted } from '../model/redaction.ts';
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
   * @param reader to whom it is told: what is withheld now was so then
   * @throws {FaultlineError} CMDB_VERSION_UNKNOWN, CMDB_CI_UNKNOWN_THEN
   * @remarks O(graph + changes since) for the first question about a version
   */
  async verdict(
    reader: Reader & { readonly tenantId: string },
    moment: Moment,
    failed: readonly Failure[],
  ): Promise<ImpactVerdict> {
    const { tenantId } = reader;
    const { version, modelVersion, withheld } = await this.#db.tenant(tenantId, async (tx) => ({
      ...(await pastVersion(tx, moment)),
      withheld: seesRestricted(reader) ? null : await restrictedIds(tx),
    }));
    const radius = await this.#radius(tenantId, version, modelVersion);
    const { projection } = radius;
    const hidden = withheld === null ? null : withheld.union(projection.restricted);
    const isUnknown = (node: number | undefined) =>
      node === undefined || hidden?.has(projection.cards[node]!.ciId) === true;
    const unknown = failed.find(({ ciId }) => isUnknown(projection.find(ciId)));
    if (unknown !== undefined) {
      throw cmdbErrors.CMDB_CI_UNKNOWN_THEN({ ci: unknown.ciId, version: String(version) }, { field: 'failed' });
    }
    return redactedVerdict(hidden, radius.verdict(failed));
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
