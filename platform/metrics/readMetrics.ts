import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock/clock.ts';

/** One line of a metric with labels. */
export type LabelledValue = readonly [labels: Record<string, string>, value: number];
type Lines = Iterable<LabelledValue> | Promise<Iterable<LabelledValue>>;

/** Declares metrics whose values are kept elsewhere, as plain numbers, and read when somebody asks for `/metrics`. */
export interface ReadMetrics {
  gauge(name: string, help: string, read: () => number): void;
  counter(name: string, help: string, read: () => number): void;
  gaugeBy(name: string, help: string, labels: readonly string[], read: () => Lines): void;
  counterBy(name: string, help: string, labels: readonly string[], read: () => Lines): void;
}

/** @param prefix begins every name, such as `faultline_ingest_` */
export function readMetrics(registry: Registry, prefix: string): ReadMetrics {
  const registers = [registry];
  return {
    gauge: (name, help, read) =>
      void new Gauge({
        ...{ name: `${prefix}${name}`, help, registers },
        collect() {
          this.set(read());
        },
      }),
    counter: (name, help, read) =>
      void new Counter({
        ...{ name: `${prefix}${name}`, help, registers },
        collect() {
          this.reset();
          this.inc(read());
        },
      }),
    gaugeBy: (name, help, labels, read) =>
      void new Gauge({
        ...{ name: `${prefix}${name}`, help, registers, labelNames: [...labels] },
        async collect() {
          const lines = await read();
          this.reset();
          for (const [label, value] of lines) this.set(label, value);
        },
      }),
    counterBy: (name, help, labels, read) =>
      void new Counter({
        ...{ name: `${prefix}${name}`, help, registers, labelNames: [...labels] },
        async collect() {
          const lines = await read();
          this.reset();
          for (const [label, value] of lines) this.inc(label, value);
        },
      }),
  };
}

/**
 * Reads something of an engine for `/metrics`: while the engine is away the last known answer is shown, and the scrape
 * goes on.
 *
 * @param atMost asks no more often than this; absent: at every scrape
 */
export function lastKnown<T>(
  first: T,
  read: () => Promise<T>,
  atMost?: { clock: Clock; everyMs: number },
): () => Promise<T> {
  let known = first;
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (atMost && atMost.clock.nowMs() - readAtMs < atMost.everyMs) return known;
    known = await read().catch(() => known);
    if (atMost) readAtMs = atMost.clock.nowMs();
    return known;
  };
}
