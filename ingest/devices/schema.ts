import { type Migration, tenantTable } from '../../platform/index.ts';

/** Devices and what is known of their presence. The auth role reads devices across tenants, to know who connects. */
export const deviceMigration: Migration = {
  id: 'ingest/0001-devices',
  sql: `
    create table device (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      name text collate "C" not null check (char_length(name) between 1 and 63),
      kind text not null check (kind in ('device', 'gateway', 'consumer')),
      gateway_id uuid,
      description text,
      secret_hash bytea not null,
      version integer not null default 1,
      expected_interval_ms integer check (expected_interval_ms > 0),
      created_at timestamptz not null,
      revoked_at timestamptz,
      primary key (tenant_id, id),
      unique (tenant_id, name),
      foreign key (tenant_id, gateway_id) references device (tenant_id, id)
    );
    create index device_of_gateway on device (tenant_id, gateway_id) where gateway_id is not null;
    ${tenantTable('device', { app: 'select, insert, update', auth: 'select' })}

    create table device_presence (
      tenant_id uuid not null,
      device_id uuid not null,
      connected boolean not null,
      -- When the connection was made or lost, whichever was last.
      changed_at timestamptz,
      -- The intake that holds the connection says so again and again: one that was killed falls silent.
      renewed_at timestamptz not null,
      last_message_at timestamptz,
      problem_code text,
      problem text,
      problem_at timestamptz,
      primary key (tenant_id, device_id),
      foreign key (tenant_id, device_id) references device (tenant_id, id)
    ) with (fillfactor = 50);
    ${tenantTable('device_presence', { app: 'select, insert, update' })}
  `,
};
