import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Types of devices, and the type of a device. The front reads formats, the shipper units and ranges. */
export const deviceTypeMigration: Migration = {
  id: 'ingest/0202-device-types',
  sql: `
    create table device_type (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      key text collate "C" not null check (char_length(key) between 1 and 63),
      name text not null,
      vendor text,
      model text,
      telemetry_format text,
      mapping_version_id uuid,
      expected_interval_ms integer check (expected_interval_ms > 0),
      points jsonb not null,
      version integer not null default 1,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (tenant_id, id),
      unique (tenant_id, key),
      check (telemetry_format is null or mapping_version_id is null)
    );
    ${tenantTable('device_type', { auth: 'select', shipper: 'select' })}

    alter table device add column type_id uuid;
    alter table device add foreign key (tenant_id, type_id) references device_type (tenant_id, id);
    create index device_of_type on device (tenant_id, type_id) where type_id is not null;
    create policy shipper_across_tenants on device to faultline_shipper using (true);
    grant select on device to faultline_shipper;
  `,
};
