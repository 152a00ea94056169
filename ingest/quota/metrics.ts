import { Counter, Gauge, type Registry } from 'prom-client';
import type { Quotas } from './quotas.ts';
import type { TenantMeter } from './tenantMeter.ts';

/** What each tenant uses of this intake. */
export function exposeQuotas(registry: Registry, quotas: Quotas): void {
  const labelNames = ['tenant'];
  new Gauge({
    name: 'faultline_ingest_tenant_connections',
    help: 'Open MQTT connections of a tenant',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { tenantSlug: tenant, connections } of quotas.meters) this.set({ tenant }, connections);
    },
  });
  const counter = (name: string, help: string, value: (meter: TenantMeter) => number): void => {
    new Counter({
      name: `faultline_ingest_tenant_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const meter of quotas.meters) this.inc({ tenant: meter.tenantSlug }, value(meter));
      },
    });
  };
  counter('messages_total', 'Messages taken in from a tenant', ({ messages }) => messages);
  counter('payload_bytes_total', 'Payload bytes taken in from a tenant', ({ bytes }) => bytes);
  counter('refused_connections_total', 'Connections beyond a tenant’s quota', (meter) => meter.refusedConnections);
  counter('slowed_total', 'Times that a connection waited for its tenant’s rate', ({ slowed }) => slowed);
}
