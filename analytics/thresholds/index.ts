import type { Registry } from 'prom-client';
import type { App, Jobs, Logger, Tx } from '../../platform/index.ts';
import type { ThresholdDeps } from './deps.ts';
import { noteLabel } from './labels/noteLabel.ts';
import { thresholdMetrics } from './metrics/thresholdMetrics.ts';
import { changeRoutes } from './routes/changes.ts';
import { labelRoutes } from './routes/labels.ts';
import { runRoutes } from './routes/runs.ts';
import { valueRoutes } from './routes/values.ts';
import { serveRuns } from './runs.ts';

export { createReadInForce } from './inForce.ts';
export type { ClosedOrder, ClosedOrders } from './ports.ts';

/** Thresholds as the rest of analytics uses them. */
export interface Thresholds {
  routes(app: App): void;
  /** For processes with the analytics role: works on simulations and proposals. */
  serve(): void;
  /** What dashboards show of them. */
  measure(metrics: Registry): void;
  /** To be told, in its transaction, that an anomaly was labelled. */
  labelled(tx: Tx): Promise<void>;
}

export function createThresholds(deps: ThresholdDeps & { jobs: Jobs; log: Logger }): Thresholds {
  return {
    routes: (app) => {
      for (const routes of [valueRoutes, changeRoutes, runRoutes, labelRoutes]) routes(deps)(app);
    },
    serve: () => serveRuns(deps),
    measure: (metrics) => thresholdMetrics(metrics, deps),
    labelled: (tx) => noteLabel(deps, tx),
  };
}
