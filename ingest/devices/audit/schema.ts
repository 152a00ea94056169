import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Who changed what about devices, when and from where. Rows are only ever added. */
export const deviceAuditMigration: Migration = {
  id: 'ingest/0201-device-audit',
  sql: `
    create table device_audit (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      at timestamptz not null,
      actor_id uuid,
      actor text not null,
      -- The address the request came from; null for what the product did by itself.
      source text,
      subject text not null check (subject in ('device', 'type', 'claim', 'command')),
      subject_id uuid not null,
      action text not null,
      data jsonb not null,
      primary key (tenant_id, id)
    );
    create index device_audit_of_subject on device_audit (tenant_id, subject_id, id);
    ${tenantTable('device_audit', { app: 'select, insert' })}
  `,
};
