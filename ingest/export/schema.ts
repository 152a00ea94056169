import { type Migration, tenantTable } from '../../platform/index.ts';

/**
 * Exports, and what they made, in parts of a megabyte: the database is what every process reaches, so that an export may
 * be worked on by one process and downloaded from another.
 */
export const exportMigration: Migration = {
  id: 'ingest/0291-exports',
  sql: `
    create table telemetry_export (
      tenant_id uuid not null,
      id uuid not null,
      format text not null check (format in ('csv', 'parquet')),
      series text[] not null,
      from_ns bigint not null,
      to_ns bigint not null,
      status text not null check (status in ('waiting', 'running', 'finished', 'failed', 'cancelled')),
      requested_by text not null,
      created_at timestamptz not null,
      started_at timestamptz,
      touched_at timestamptz,
      finished_at timestamptz,
      expires_at timestamptz not null,
      -- Who works on it: parts of an earlier attempt are nobody's.
      attempt uuid,
      attempts integer not null default 0,
      percent double precision not null default 0,
      rows bigint not null default 0,
      bytes bigint not null default 0,
      reason text,
      primary key (tenant_id, id)
    ) with (fillfactor = 70);
    create index telemetry_export_expires on telemetry_export (expires_at);
    ${tenantTable('telemetry_export', { shipper: 'select, update, delete' })}

    create table telemetry_export_part (
      tenant_id uuid not null,
      export_id uuid not null,
      attempt uuid not null,
      part integer not null,
      bytes bytea not null,
      primary key (tenant_id, export_id, attempt, part)
    );
    alter table telemetry_export_part alter column bytes set storage external;
    ${tenantTable('telemetry_export_part', { app: 'select, insert, delete', shipper: 'select, delete' })}
  `,
};
