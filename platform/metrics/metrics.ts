import { collectDefaultMetrics, Registry } from 'prom-client';

/** The registry of this process; parts add their metrics to it under `faultline_<part>_…`. */
export function createMetrics(): Registry {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics, prefix: 'faultline_process_' });
  return metrics;
}

export type { Registry as Metrics } from 'prom-client';
