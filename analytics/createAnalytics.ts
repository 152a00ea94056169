import { availableParallelism } from 'node:os';
import type { Registry } from 'prom-client';
import { analyticsPartition } from '../ingest/index.ts';
import type { App, Clock, Database, Jobs, Logger, Outbox, Service, Tx } from '../platform/index.ts';
import { createLabelAnomaly, type LabelAnomaly } from './anomalies/label.ts';
import type { ProofKeeper } from './anomalies/proofKeeper.ts';
import { AnomalyClosed, AnomalyMoved } from './events.ts';
import { cachedFacts } from './facts/cachedFacts.ts';
import type { MachineFacts } from './facts/machineFacts.ts';
import { driftMetrics } from './models/drift/metrics.ts';
import { createDriftMonitor } from './models/drift/monitor.ts';
import { fitPoint, fitPointJob } from './models/fit/fitPoint.ts';
import { fitRoutes } from './models/fit/routes.ts';
import { modelRoutes } from './models/registry/routes.ts';
import { createShelf } from './models/registry/shelf.ts';
import { createPrognosisSource, type PrognosisSource } from './prognosis/prognosisSource.ts';
import { anomalyRoutes } from './routes/anomalies.ts';
import { pointRoutes } from './routes/points.ts';
import { systemRoutes } from './routes/system.ts';
import { followMerge, type MergedAsset } from './store/ciMerged.ts';
import { createPool } from './threads/pool.ts';
import { type ClosedOrders, createReadInForce, createThresholds } from './thresholds/index.ts';
import { analyticsMetrics } from './worker/metrics.ts';
import { workPartition } from './worker/partitionJob.ts';

export interface AnalyticsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly outbox: Outbox;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Asked as it is; analytics keeps the answers for a few seconds by itself. */
  readonly facts: MachineFacts;
  /** The orders that people have closed: what detectors are judged by. */
  readonly orders: ClosedOrders;
  /** The waveform store, for the blocks that prove an anomaly. */
  readonly proof: ProofKeeper;
  /** Threads for the numeric work; one less than the machine's cores, at least one. */
  readonly threads?: number;
  /** Days for which observations are kept, so that thresholds can be tried on them. */
  readonly historyDays: number;
}

export interface Analytics extends Service {
  /** All routes of the part; they work without `start`. */
  routes(app: App): void;
  readonly labelAnomaly: LabelAnomaly;
  /** Says, in the caller's transaction, that the CMDB has made one CI of two. */
  ciMerged(tx: Tx, merged: MergedAsset): Promise<void>;
  /** For the CMDB: when a component or machine is expected to fail. Serves in any process. */
  readonly prognosis: PrognosisSource;
}

/** Partitions worked on at the same time in one process: while one waits for PostgreSQL another computes. */
const PARTITIONS_AT_ONCE = 4;

/**
 * Puts analytics together. Inert until `start`, which is for processes with the analytics role only; routes and
 * `labelAnomaly` serve in any process. Start it before the jobs registry, so that its handler is registered.
 */
export function createAnalytics(deps: AnalyticsDeps): Analytics {
  const { db, clock, jobs, outbox, log, proof } = deps;
  const facts = cachedFacts(deps.facts, clock);
  const routeDeps = { db, clock, facts };
  const pool = createPool({ clock, threads: deps.threads ?? Math.max(1, availableParallelism() - 1) });
  const inForce = createReadInForce();
  const thresholds = createThresholds({ db, clock, jobs, log, facts, orders: deps.orders, inForce });
  const shelf = createShelf(log);
  const drift = createDriftMonitor({ db, clock, log });
  const announceClosed = async (tx: Tx, anomalyId: string): Promise<void> => {
    await outbox.publish(tx, AnomalyClosed, { anomalyId });
  };
  const stopping = new AbortController();
  const busy = new Set<Promise<void>>();

  return {
    routes: (app) => {
      anomalyRoutes({ ...routeDeps, closed: announceClosed })(app);
      pointRoutes(routeDeps)(app);
      systemRoutes(routeDeps)(app);
      thresholds.routes(app);
      modelRoutes({ db, clock })(app);
      fitRoutes({ db, clock, jobs })(app);
    },
    prognosis: createPrognosisSource(db),
    labelAnomaly: createLabelAnomaly(clock, async (tx, anomalyId) => {
      await thresholds.labelled(tx);
      await announceClosed(tx, anomalyId);
    }),
    ciMerged: async (tx, merged) => {
      const moved = await followMerge(tx, merged);
      const news = moved.map((anomalyId) => ({ anomalyId }));
      await outbox.publishAll(tx, AnomalyMoved, news);
    },
    start: async () => {
      const metrics = analyticsMetrics(deps.metrics);
      driftMetrics(deps.metrics, drift);
      thresholds.measure(deps.metrics);
      await pool.start();
      const partitionDeps = {
        db,
        clock,
        outbox,
        log,
        metrics,
        facts,
        proof,
        pool,
        shelf,
        drift,
        thresholds: inForce,
        historyDays: deps.historyDays,
      };
      thresholds.serve();
      jobs.work(
        analyticsPartition,
        async ({ tenantId, partition }, signal) => {
          const work = workPartition(partitionDeps, tenantId, partition, AbortSignal.any([signal, stopping.signal]));
          busy.add(work);
          await work.finally(() => busy.delete(work));
        },
        { concurrency: PARTITIONS_AT_ONCE },
      );
      jobs.work(fitPointJob, (order) => fitPoint({ db, clock }, order));
    },
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(busy);
      await pool.stop();
      await drift.flush();
      await shelf.close();
    },
  };
}
