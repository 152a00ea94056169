import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Codes with which devices register themselves; only their hashes are kept. */
export const deviceClaimMigration: Migration = {
  id: 'ingest/0221-device-claims',
  sql: `
    create table device_claim (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      code_hash bytea not null unique,
      label text,
      kind text not null check (kind in ('device', 'gateway')),
      type_id uuid,
      gateway_id uuid,
      max_uses integer not null check (max_uses > 0),
      uses integer not null default 0 check (uses <= max_uses),
      created_at timestamptz not null,
      created_by text not null,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      primary key (tenant_id, id),
      foreign key (tenant_id, type_id) references device_type (tenant_id, id),
      foreign key (tenant_id, gateway_id) references device (tenant_id, id)
    );
    ${tenantTable('device_claim', { app: 'select, insert, update', auth: 'select' })}
  `,
};
