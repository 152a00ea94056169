import type { Registry } from 'prom-client';
import { readMetrics } from '../../platform/index.ts';
import type { Quotas } from './quotas.ts';
import type { TenantMeter } from './tenantMeter.ts';

const LABELS = ['tenant'];

/** What each tenant uses of this intake. */
export function exposeQuotas(registry: Registry, quotas: Quotas): void {
  const { gaugeBy, counterBy } = readMetrics(registry, 'faultline_ingest_tenant_');
  const each = (value: (meter: TenantMeter) => number) => () =>
    Array.from(quotas.meters, (meter) => [{ tenant: meter.tenantSlug }, value(meter)] as const);
  const counter = (name: string, help: string, value: (meter: TenantMeter) => number): void =>
    counterBy(name, help, LABELS, each(value));
  gaugeBy(
    'connections',
    'Open MQTT connections of a tenant',
    LABELS,
    each(({ connections }) => connections),
  );
  counter('messages_total', 'Messages taken in from a tenant', ({ messages }) => messages);
  counter('payload_bytes_total', 'Payload bytes taken in from a tenant', ({ bytes }) => bytes);
  counter('refused_connections_total', 'Connections beyond a tenant’s quota', (meter) => meter.refusedConnections);
  counter('slowed_total', 'Times that a connection waited for its tenant’s rate', ({ slowed }) => slowed);
}
