import { Counter, Histogram, type Registry } from 'prom-client';

export type AnalyticsMetrics = ReturnType<typeof analyticsMetrics>;

/** What analytics counts for /metrics. */
export function analyticsMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name: `faultline_analytics_${name}`, help, registers });
  return {
    blocks: counter('blocks_total', 'Waveform blocks analysed'),
    readings: counter('readings_total', 'Plain readings judged'),
    repeated: counter('repeated_batches_total', 'Batches that had been analysed before'),
    skipped: counter('skipped_total', 'Units or batches set aside with a reason'),
    roundSeconds: new Histogram({
      name: 'faultline_analytics_round_seconds',
      help: 'Time from taking batches to their commit',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
  };
}
