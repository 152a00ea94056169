import { type Migration, tenantTable } from '../../../platform/index.ts';

/** What a device's data show about the device: how its clock stands, and values and units that its type does not declare. */
export const deviceObservationMigration: Migration = {
  id: 'ingest/0222-device-observations',
  sql: `
    create table device_clock (
      tenant_id uuid not null,
      device_id uuid not null,
      skew_ms double precision not null,
      spread_ms double precision not null,
      samples bigint not null,
      since timestamptz not null,
      updated_at timestamptz not null,
      primary key (tenant_id, device_id)
    ) with (fillfactor = 50);
    ${tenantTable('device_clock', { app: 'select', shipper: 'select, insert, update' })}

    create table device_point_problem (
      tenant_id uuid not null,
      device_id uuid not null,
      point text collate "C" not null,
      kind text not null check (kind in ('range', 'unit')),
      samples bigint not null,
      last_value double precision not null,
      last_unit text,
      first_at timestamptz not null,
      last_at timestamptz not null,
      primary key (tenant_id, device_id, point, kind)
    ) with (fillfactor = 50);
    ${tenantTable('device_point_problem', { app: 'select', shipper: 'select, insert, update' })}
  `,
};
