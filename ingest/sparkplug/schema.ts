import { type Migration, tenantTable } from '../../platform/index.ts';

/** Births of edge nodes and their devices. The front loads those alive across tenants; a replay looks up the last one. */
export const sparkplugMigration: Migration = {
  id: 'ingest/0230-sparkplug-births',
  sql: `
    create table sparkplug_birth (
      tenant_id uuid not null,
      edge_id uuid not null,
      -- The edge node's own id for its own birth.
      device_id uuid not null,
      alive boolean not null,
      payload bytea not null,
      born_at timestamptz not null,
      primary key (tenant_id, edge_id, device_id),
      foreign key (tenant_id, edge_id) references device (tenant_id, id),
      foreign key (tenant_id, device_id) references device (tenant_id, id)
    );
    alter table sparkplug_birth alter column payload set storage external;
    create index sparkplug_birth_of_device on sparkplug_birth (tenant_id, device_id);
    ${tenantTable('sparkplug_birth', { app: 'select, insert, update', auth: 'select', shipper: 'select' })}
  `,
};
