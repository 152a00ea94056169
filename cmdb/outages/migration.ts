import { type Migration, tenantTable } from '../../platform/index.ts';
import { sight } from '../schema/restricted.ts';

export const outages: Migration = {
  id: 'cmdb/0017-outages',
  sql: `
    -- When services were down by failures of their components; announced work is none.
    create table cmdb_outage (
      tenant_id uuid not null,
      id uuid not null,
      service_id uuid not null,
      -- What failed, and took it down.
      cause_id uuid,
      from_at timestamptz not null,
      to_at timestamptz check (to_at >= from_at),
      primary key (tenant_id, id),
      foreign key (tenant_id, service_id) references cmdb_ci on delete cascade
    );
    create unique index cmdb_outage_open on cmdb_outage (tenant_id, service_id) where to_at is null;
    create index cmdb_outage_of_service on cmdb_outage (tenant_id, service_id, from_at);
    ${tenantTable('cmdb_outage', { app: 'select, insert, update' })}
    ${sight(['cmdb_outage', ['service_id']])}
  `,
};
