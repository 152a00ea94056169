import type { Clock } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import { ALL_WELL, type BlastRadius, type Failure, type Health, seedsOf } from './blastRadius.ts';
import type { SingleLoss } from './losses.ts';
import { ProjectionCache } from './projectionCache.ts';
import type { Explanation } from './rootCauses.ts';
import { type SinglePointSearch, SinglePointSearches } from './singlePointSearches.ts';
import type { ImpactVerdict } from './verdict.ts';

export interface ImpactRequest {
  /** CIs by id or key, and what became of them. */
  readonly failed: readonly Failure[];
  /** What was not well before it, in place of the present health. */
  readonly before?: readonly Failure[] | undefined;
  /** A version of the graph that the verdict must know; waits for it at most a second. */
  readonly minVersion?: bigint | undefined;
  /** How many affected CIs to list besides the services; none by default. */
  readonly affectedLimit?: number | undefined;
}

/** What breaks, who cares, how bad. Leaves out: finding the failure, and doing anything about it. */
export interface Impact {
  /** @throws {FaultlineError} CMDB_CI_UNKNOWN, CMDB_VERSION_AHEAD */
  impact(tenantId: string, request: ImpactRequest): Promise<ImpactVerdict>;
}

/** Single losses that would take a CI down, on the graph and the health named. */
export interface NextLosses {
  readonly graphVersion: string;
  readonly healthVersion: string;
  /** It is down already: nothing more can take it down. */
  readonly alreadyDown: boolean;
  readonly losses: readonly SingleLoss[];
}

export interface RankedCauses extends Explanation {
  readonly graphVersion: string;
}

/** Questions against the direction of failure. Leaves out: what is failing now, which `HealthSource` tells. */
export interface ImpactQuestions {
  /**
   * @param ci id or key
   * @param failed taken as failed on top of the present health
   * @throws {FaultlineError} CMDB_CI_UNKNOWN
   */
  nextLosses(tenantId: string, ci: string, failed: readonly Failure[]): Promise<NextLosses>;
  /** The CIs whose loss alone takes services down, worst first; a long search is carried on and told of. */
  singlePoints(tenantId: string): Promise<SinglePointSearch>;
  /** @throws {FaultlineError} CMDB_CI_UNKNOWN */
  rootCauses(tenantId: string, alarms: readonly Failure[], limit: number): Promise<RankedCauses>;
  /**
   * Which of these failures follow from others of them.
   * @param failures by id, those first that would be believed first; CIs that are not in the graph are left out
   * @returns the id of its cause for each CI that is a symptom
   */
  symptoms(tenantId: string, failures: readonly Failure[]): Promise<ReadonlyMap<string, string>>;
}

/** Where the CIs' present health comes from; without one, all is taken to be well. */
export interface HealthSource {
  health(tenantId: string): Promise<Health>;
}

export interface ImpactOptions {
  graph: AssetGraph;
  clock: Clock;
  health?: HealthSource | undefined;
  /** Most tenants whose graph is kept in memory. */
  projections?: number | undefined;
  /** Told how long each verdict took, loading included. */
  onVerdict?: (seconds: number) => void;
}

const PROJECTIONS_KEPT = 16;

/** Impact computed in this process. */
export function inProcessImpact(options: ImpactOptions): Impact & ImpactQuestions {
  const { graph, clock } = options;
  const cache = new ProjectionCache({ graph, clock, capacity: options.projections ?? PROJECTIONS_KEPT });
  const healthOf = async (tenantId: string): Promise<Health> => (await options.health?.health(tenantId)) ?? ALL_WELL;
  const searches = new SinglePointSearches(clock);
  /** A projection that knows every CI named; one created a moment ago is waited for. */
  const knowing = async (tenantId: string, cis: readonly string[], field: string, minVersion?: bigint) => {
    const isUnknown = (radius: BlastRadius) => cis.find((ci) => radius.projection.find(ci) === undefined);
    let radius = await cache.current(tenantId, minVersion);
    if (isUnknown(radius) !== undefined) {
      await cache.refresh(tenantId);
      radius = await cache.current(tenantId, minVersion);
    }
    const unknown = isUnknown(radius);
    if (unknown !== undefined) throw cmdbErrors.CMDB_CI_UNKNOWN({ ci: unknown }, { field });
    return radius;
  };
  return {
    impact: async (tenantId, request) => {
      const startedNs = clock.nowNs();
      const present = await healthOf(tenantId);
      const health = request.before ? { ...present, notOk: request.before } : present;
      const failed = request.failed.map((failure) => failure.ciId);
      const radius = await knowing(tenantId, failed, 'failed', request.minVersion);
      const verdict = radius.verdict(request.failed, health, request.affectedLimit ?? 0);
      options.onVerdict?.(Number(clock.nowNs() - startedNs) / 1e9);
      return verdict;
    },
    nextLosses: async (tenantId, ci, failed) => {
      const health = await healthOf(tenantId);
      const radius = await knowing(tenantId, [ci, ...failed.map((failure) => failure.ciId)], 'ci');
      const { projection, questions } = radius;
      const named = new Set(failed.map((failure) => projection.find(failure.ciId)));
      const given = seedsOf(projection, health.notOk).filter((seed) => !named.has(seed.node));
      const losses = questions.nextLosses(projection.find(ci)!, [...given, ...seedsOf(projection, failed)]);
      return {
        graphVersion: String(projection.version),
        healthVersion: health.version,
        alreadyDown: losses === null,
        losses: losses ?? [],
      };
    },
    singlePoints: async (tenantId) => {
      const health = await healthOf(tenantId);
      return searches.ask(tenantId, await cache.current(tenantId), health, () => cache.current(tenantId));
    },
    rootCauses: async (tenantId, alarms, limit) => {
      const { projection, questions } = await knowing(
        tenantId,
        alarms.map((alarm) => alarm.ciId),
        'alarms',
      );
      const graphVersion = String(projection.version);
      return { graphVersion, ...questions.rootCauses(seedsOf(projection, alarms), limit) };
    },
    symptoms: async (tenantId, failures) => {
      const { projection, questions } = await cache.current(tenantId);
      const known = failures.filter(({ ciId }) => projection.find(ciId) !== undefined);
      const causes = questions.symptoms(seedsOf(projection, known));
      return new Map([...causes].map(([symptom, cause]) => [known[symptom]!.ciId, known[cause]!.ciId]));
    },
  };
}
