import { Histogram } from 'prom-client';
import {
  type AnyConsumer,
  type App,
  type Clock,
  createEgress,
  createSealer,
  type Database,
  type Jobs,
  type Logger,
  type Metrics,
  type Outbox,
  type Service,
} from '../platform/index.ts';
import { askingRoutes } from './asking/routes.ts';
import type { AssetGraph } from './graph/assetGraph.ts';
import { type Neo4jMirror, openMirror, type Tied } from './graph/neo4j/openMirror.ts';
import type { Neo4jSettings } from './graph/neo4j/server.ts';
import { postgresAssetGraph } from './graph/postgres/assetGraph.ts';
import { presentHealth } from './health/presentHealth.ts';
import { recoveryConsumer } from './health/recovery.ts';
import { healthRoutes } from './health/routes.ts';
import { PastImpact } from './history/pastImpact.ts';
import { type Impact, type ImpactQuestions, inProcessImpact } from './impact/impact.ts';
import type { RemainingLife } from './impact/remainingLife.ts';
import { createGraphSources } from './import/neo4j/graphSources.ts';
import { workedOn } from './maintenance/workedOn.ts';
import { onCallRoutes } from './oncall/routes.ts';
import { recordedOutages } from './outages/pastOutages.ts';
import { outageConsumers } from './outages/record.ts';
import { outageRoutes } from './outages/routes.ts';
import { ciRoutes } from './routes/cis.ts';
import { cypherRoutes } from './routes/cypher.ts';
import type { CmdbRouteDeps } from './routes/deps.ts';
import { duplicateRoutes } from './routes/duplicates.ts';
import { graphRoutes } from './routes/graph.ts';
import { graphSourceRoutes } from './routes/graphSources.ts';
import { historyRoutes } from './routes/history.ts';
import { impactRoutes } from './routes/impact.ts';
import { importRoutes } from './routes/imports.ts';
import { maintenanceRoutes } from './routes/maintenance.ts';
import { mirrorRoutes } from './routes/mirror.ts';
import { modelRoutes } from './routes/model.ts';
import { neighbourhoodRoutes } from './routes/neighbourhood.ts';
import { questionRoutes } from './routes/questions.ts';
import { relationRoutes } from './routes/relations.ts';
import { sourceRoutes } from './routes/sources.ts';

export { CiMerged, GraphChanged, type MergedCi } from './events.ts';
export type {
  ApplyReport,
  AssetGraph,
  ChangeOrigin,
  CiPut,
  GraphChanges,
  GraphEdge,
  GraphNode,
  RelationPut,
} from './graph/assetGraph.ts';
export type { GraphComparison, GraphMirror } from './graph/neo4j/mirror.ts';
export { type Neo4jMirror, openMirror, type Tied } from './graph/neo4j/openMirror.ts';
export type { Neo4jSettings } from './graph/neo4j/server.ts';
export type { TieNews } from './graph/neo4j/ties/tieConsumer.ts';
export { applyChanges } from './graph/postgres/apply.ts';
export { postgresAssetGraph } from './graph/postgres/assetGraph.ts';
export type { Tie, TieKind, TieSource } from './graph/tie.ts';
export { CiFailed, type CiFailure, CiRecovered, CiWorsened } from './health/events.ts';
export { type IllCi, readHealth } from './health/illCis.ts';
export type { BrokenLink } from './history/verifyChain.ts';
export { type ChainVerdict, verifyWholeChain } from './history/verifyWhole.ts';
export type { Failure, Health, HealthSource } from './impact/health.ts';
export type { Impact, ImpactRequest } from './impact/impact.ts';
export type { Owner } from './impact/ownerTable.ts';
export { type Hidden, redactedVerdict, redactedWhatIf, shownCard } from './impact/redactedVerdict.ts';
export type { LifeEstimate, RemainingLife } from './impact/remainingLife.ts';
export type { AffectedService, ChainStep, FailedCi, HowBad, ImpactVerdict, RedundancyLeft } from './impact/verdict.ts';
export { type ImportReport, importGraph } from './import/importGraph.ts';
export { type AssetContext, assetContexts, type ContextParty } from './lookups/assetContexts.ts';
export { type BearingGeometry, type BearingOrders, bearingOrders } from './lookups/bearing.ts';
export { type Ci, findCi, listCis } from './lookups/ci.ts';
export { type MeasuringPointFacts, measuringPointFacts } from './lookups/measuringPointFacts.ts';
export type { CmdbModel } from './model/cmdbModel.ts';
export {
  limitSight,
  type Reader,
  readingAs,
  redactedAttributes,
  redactedCi,
  seesRestricted,
} from './model/redaction.ts';
export { STARTING_MODEL } from './model/startingModel.ts';
export type { CiState, FailedState } from './model/state.ts';
export { currentModel } from './model/store.ts';
export type { OnCallPerson } from './oncall/people.ts';
export { type Standing, whoIsOnCall } from './oncall/whoIsOnCall.ts';
export type { CmdbRouteDeps } from './routes/deps.ts';
export { migrations } from './schema.ts';

export interface Cmdb extends Service {
  readonly graph: AssetGraph;
  readonly impact: Impact & ImpactQuestions;
  readonly routes: (app: App) => void;
  /** What ends failures in time, and what follows the graph where there is a Neo4j. */
  readonly consumers: readonly AnyConsumer[];
  /** Registers the background work, in processes that do it. */
  serve(): void;
}

export interface CmdbDeps {
  db: Database;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** A Neo4j that follows the graph, and whether projections are loaded from it. */
  neo4j?: { readonly settings: Neo4jSettings; readonly loadFrom: boolean } | undefined;
  /** What stands in that Neo4j at its CIs, of other parts; nothing if not given. */
  tied?: Tied;
  /** For reading graphs of a site's own Neo4j; without it that is not offered. */
  graphSources?: { readonly jobs: Jobs; readonly secretKey: string; readonly webhookAllow: readonly string[] };
  /** How long assets have left; without it nothing is said of that. */
  remainingLife?: RemainingLife;
  /** Most tenants whose graph is kept in memory. */
  projections?: number;
}

/** The CMDB of this process: graph on PostgreSQL, impact in memory. Projections are loaded when first asked for. */
export function createCmdb(deps: CmdbDeps): Cmdb {
  const { db, outbox, clock, metrics, log } = deps;
  const verdictSeconds = new Histogram({
    name: 'faultline_cmdb_impact_seconds',
    help: 'Time from question to verdict, loading of the graph included',
    buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.1, 0.5, 1, 5],
    registers: [metrics],
  });
  const record = postgresAssetGraph({ db, outbox, clock });
  const { tied = { sources: [], news: [] } } = deps;
  const mirror: Neo4jMirror | null = deps.neo4j
    ? openMirror({ db, record, outbox, clock, log, tied, ...deps.neo4j })
    : null;
  const sources =
    deps.graphSources === undefined
      ? null
      : createGraphSources({
          ...{ db, clock, outbox, log, jobs: deps.graphSources.jobs },
          sealer: createSealer(deps.graphSources.secretKey, 'cmdb graph sources'),
          egress: createEgress(deps.graphSources.webhookAllow),
        });
  const graph = mirror?.graph ?? record;
  const { projections, remainingLife } = deps;
  const health = presentHealth({ db, clock });
  const impact = inProcessImpact({
    graph,
    clock,
    health,
    workedOn: (tenantId, ciIds) => {
      const sinceMs = clock.nowMs();
      const work = ciIds.map((ciId) => ({ ciId, sinceMs }));
      return db.tenant(tenantId, (tx) => workedOn(tx, work));
    },
    remainingLife,
    pastOutages: recordedOutages(db),
    projections,
    onVerdict: (seconds) => verdictSeconds.observe(seconds),
  });
  const routeDeps = {
    ...{ db, outbox, clock, graph, impact },
    ...{ mirrored: mirror !== null, cypher: mirror?.cypher ?? null },
  };
  return {
    graph,
    impact,
    routes: (app) => {
      cmdbRoutes(routeDeps)(app);
      if (sources) graphSourceRoutes(routeDeps, sources)(app);
    },
    serve: () => sources?.serve(),
    consumers: [
      recoveryConsumer({ clock, outbox }),
      ...outageConsumers({ clock, impact, health }),
      ...(mirror?.consumers ?? []),
      ...(sources ? [sources.consumer] : []),
    ],
    start: async () => undefined,
    stop: async () => mirror?.close(),
  };
}

/** Everything of the CMDB over HTTP, under /api/v1/cmdb. */
export function cmdbRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const past = new PastImpact(deps.db);
  return (app) => {
    ciRoutes(deps)(app);
    relationRoutes(deps)(app);
    graphRoutes(deps)(app);
    healthRoutes(deps)(app);
    impactRoutes(deps)(app);
    historyRoutes(deps, past)(app);
    importRoutes(deps)(app);
    sourceRoutes(deps)(app);
    duplicateRoutes(deps)(app);
    maintenanceRoutes(deps)(app);
    mirrorRoutes(deps)(app);
    cypherRoutes(deps)(app);
    outageRoutes(deps)(app);
    modelRoutes(deps)(app);
    onCallRoutes(deps)(app);
    neighbourhoodRoutes(deps)(app);
    questionRoutes(deps)(app);
    askingRoutes(deps, past)(app);
  };
}
