import type { Clock } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import { ALL_WELL, type BlastRadius, type Failure, type Health } from './blastRadius.ts';
import { ProjectionCache } from './projectionCache.ts';
import type { ImpactVerdict } from './verdict.ts';

export interface ImpactRequest {
  /** CIs by id or key, and what became of them. */
  readonly failed: readonly Failure[];
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
export function inProcessImpact(options: ImpactOptions): Impact {
  const { graph, clock } = options;
  const cache = new ProjectionCache({ graph, clock, capacity: options.projections ?? PROJECTIONS_KEPT });
  return {
    impact: async (tenantId, request) => {
      const startedNs = clock.nowNs();
      const health = (await options.health?.health(tenantId)) ?? ALL_WELL;
      let radius = await cache.current(tenantId, request.minVersion);
      if (unknownOf(radius, request.failed) !== undefined) {
        // Created a moment ago, perhaps.
        await cache.refresh(tenantId);
        radius = await cache.current(tenantId, request.minVersion);
      }
      const unknown = unknownOf(radius, request.failed);
      if (unknown !== undefined) throw cmdbErrors.CMDB_CI_UNKNOWN({ ci: unknown.ciId }, { field: 'failed' });
      const verdict = radius.verdict(request.failed, health, request.affectedLimit ?? 0);
      options.onVerdict?.(Number(clock.nowNs() - startedNs) / 1e9);
      return verdict;
    },
  };
}

function unknownOf(radius: BlastRadius, failed: readonly Failure[]): Failure | undefined {
  return failed.find((failure) => radius.projection.find(failure.ciId) === undefined);
}
