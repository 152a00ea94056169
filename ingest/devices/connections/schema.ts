import { type Migration, tenantTable } from '../../../platform/index.ts';

/** When devices were connected, and why each time ended. */
export const deviceConnectionMigration: Migration = {
  id: 'ingest/0224-device-connections',
  sql: `
    create table device_connection (
      tenant_id uuid not null,
      id uuid not null,
      device_id uuid not null,
      connected_at timestamptz not null,
      ended_at timestamptz,
      reason text,
      primary key (tenant_id, id),
      foreign key (tenant_id, device_id) references device (tenant_id, id),
      check ((ended_at is null) = (reason is null))
    );
    create index device_connection_of_device on device_connection (tenant_id, device_id, id);
    create index device_connection_age on device_connection (connected_at);
    ${tenantTable('device_connection', { app: 'select, insert, update', shipper: 'select, delete' })}
  `,
};
