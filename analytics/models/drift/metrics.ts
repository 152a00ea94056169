import type { Registry } from 'prom-client';
import { readMetrics } from '../../../platform/index.ts';
import type { DriftMonitor } from './monitor.ts';

/** Shows what this process knows of the drift of models; an alarm belongs at 0.25. */
export function driftMetrics(registry: Registry, monitor: DriftMonitor): void {
  readMetrics(registry, 'faultline_model_').gaugeBy(
    'drift_index',
    'Greatest population stability index of the inputs of a model, and that of its output',
    ['tenant', 'model', 'version', 'of'],
    () =>
      [...monitor.known()].flatMap(({ tenantId, contract, report }) => {
        const labels = { tenant: tenantId, model: contract.name, version: contract.version };
        const inputs = report.inputs.filter((index) => index !== null);
        return [
          ...(inputs.length > 0 ? [[{ ...labels, of: 'input' }, Math.max(...inputs)] as const] : []),
          ...(report.output !== null ? [[{ ...labels, of: 'output' }, report.output] as const] : []),
        ];
      }),
  );
}
