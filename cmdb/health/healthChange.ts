import type { Clock, Outbox, Tx } from '../../platform/index.ts';

/** What every change of a tenant's health needs. */
export interface HealthDeps {
  readonly clock: Clock;
  readonly outbox: Outbox;
}

/** Changes of a tenant's health queue on this row, so that each sees what the one before has left. */
export async function lockHealth(tx: Tx): Promise<void> {
  await tx.query('insert into cmdb_health (tenant_id, version) values ($1, 0) on conflict do nothing', [tx.tenantId]);
  await tx.query('select 1 from cmdb_health where tenant_id = $1 for update', [tx.tenantId]);
}
