import { Counter, Gauge, type Registry } from 'prom-client';
import type { PartsArea } from './partsArea.ts';

/** How the area stands, for /metrics. */
export function exposePartsMetrics(registry: Registry, area: PartsArea): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      ...{ name: `faultline_ingest_parts_${name}`, help, registers: [registry] },
      collect() {
        this.set(value());
      },
    });
  };
  gauge('open_blocks', 'Blocks of which parts are still to come', () => area.openSets);
  gauge('bytes', 'Bytes of the parts on disk', () => area.spool.statistics().diskBytes);
  gauge('limit_bytes', 'Bytes at which parts are not acknowledged any more', () => area.spool.statistics().limitBytes);
  new Counter({
    name: 'faultline_ingest_parts_total',
    help: 'Parts and blocks, by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(area.counts)) this.inc({ outcome }, count);
    },
  });
}
