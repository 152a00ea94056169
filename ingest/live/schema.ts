import { type Migration, tenantTable } from '../../platform/index.ts';

/**
 * What was stored a moment ago, for those who watch, and who watches. Unlogged: a crash of the server may take it, for
 * nobody is promised to resume, and it costs the storing no write-ahead log. See decision 0010.
 */
export const liveMigration: Migration = {
  id: 'ingest/0290-live',
  sql: `
    create unlogged table ingest_live (
      tenant_id uuid not null,
      seq bigint generated always as identity,
      written_at timestamptz not null default clock_timestamp(),
      body bytea not null,
      primary key (tenant_id, seq)
    );
    alter table ingest_live alter column body set storage external;
    create index ingest_live_written on ingest_live (written_at);
    ${tenantTable('ingest_live', { app: 'select', shipper: 'select, insert, delete' })}

    -- One row for each process that has watchers of a tenant; without one, nothing is announced.
    create unlogged table ingest_live_wanted (
      tenant_id uuid not null,
      reader uuid not null,
      until timestamptz not null,
      primary key (tenant_id, reader)
    );
    ${tenantTable('ingest_live_wanted', { shipper: 'select, delete' })}
  `,
};
