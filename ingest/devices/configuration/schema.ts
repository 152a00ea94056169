import { type Migration, tenantTable } from '../../../platform/index.ts';

/** What devices are to be set to, and what they say they are set to. A change of the type's default counts for each device. */
export const deviceConfigurationMigration: Migration = {
  id: 'ingest/0223-device-configuration',
  sql: `
    alter table device_type add column configuration jsonb not null default '{}';
    create table device_configuration (
      tenant_id uuid not null,
      device_id uuid not null,
      own jsonb not null default '{}',
      version integer not null default 0,
      sent_version integer not null default 0,
      reported jsonb not null default '{}',
      reported_version integer,
      reported_at timestamptz,
      primary key (tenant_id, device_id),
      foreign key (tenant_id, device_id) references device (tenant_id, id)
    );
    create index device_configuration_unsent on device_configuration (tenant_id, device_id) where version > sent_version;
    ${tenantTable('device_configuration', { app: 'select, insert, update', auth: 'select' })}
  `,
};
