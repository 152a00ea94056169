import type { Registry } from 'prom-client';
import { readMetrics } from '../../platform/index.ts';
import type { PartsArea } from './partsArea.ts';

/** How the area stands, for /metrics. */
export function exposePartsMetrics(registry: Registry, area: PartsArea): void {
  const { gauge, counterBy } = readMetrics(registry, 'faultline_ingest_parts_');
  gauge('open_blocks', 'Blocks of which parts are still to come', () => area.openSets);
  gauge('bytes', 'Bytes of the parts on disk', () => area.spool.statistics().diskBytes);
  gauge('limit_bytes', 'Bytes at which parts are not acknowledged any more', () => area.spool.statistics().limitBytes);
  counterBy('total', 'Parts and blocks, by what became of them', ['outcome'], () =>
    Object.entries(area.counts).map(([outcome, count]) => [{ outcome }, count] as const),
  );
}
