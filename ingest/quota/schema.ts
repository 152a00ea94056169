import { type Migration, tenantTable } from '../../platform/index.ts';

/** What tenants may use, and what each intake says they use. */
export const quotaMigration: Migration = {
  id: 'ingest/0211-tenant-quotas',
  sql: `
    create table tenant_quota (
      tenant_id uuid primary key references tenant (id),
      max_connections integer check (max_connections >= 0),
      messages_per_second double precision check (messages_per_second > 0),
      bytes_per_second double precision check (bytes_per_second > 0),
      updated_by text not null,
      updated_at timestamptz not null
    );
    ${tenantTable('tenant_quota', { app: 'select, insert, update', auth: 'select', shipper: 'select' })}

    -- One row a tenant and intake, said again every second while there is anything to say.
    create table tenant_usage (
      tenant_id uuid not null references tenant (id),
      intake text not null,
      reported_at timestamptz not null,
      connections integer not null,
      messages_per_second double precision not null,
      bytes_per_second double precision not null,
      refused_connections bigint not null,
      slowed bigint not null,
      primary key (tenant_id, intake)
    ) with (fillfactor = 50);
    ${tenantTable('tenant_usage', { app: 'select', auth: 'select', shipper: 'select, insert, update, delete' })}
  `,
};
