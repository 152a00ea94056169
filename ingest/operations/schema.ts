import { type Migration, tenantTable } from '../../platform/index.ts';

/** What the operator's page reads: the ledger hour by hour, each spool's state, and replays of whole reasons. */
export const operationsMigration: Migration = {
  id: 'ingest/0220-operations',
  sql: `
    -- The ledger's totals as they stood when an hour ended (or now, for the hour that runs). An hour's movements are the
    -- difference between two rows; an hour in which nothing moved has none.
    create table ingest_ledger_hour (
      tenant_id uuid not null,
      device text collate "C" not null,
      hour timestamptz not null,
      accepted bigint not null,
      stored bigint not null,
      duplicate bigint not null,
      pending bigint not null,
      quarantined bigint not null,
      expired bigint not null,
      primary key (tenant_id, device, hour)
    ) with (fillfactor = 70);
    create index ingest_ledger_hour_age on ingest_ledger_hour (hour);
    ${tenantTable('ingest_ledger_hour', { app: 'select', shipper: 'select, insert, update, delete' })}

    -- No tenant's data: one spool holds messages of all. Written by the process that owns the spool.
    create table ingest_spool_state (
      spool_id text primary key,
      reported_at timestamptz not null,
      state jsonb not null
    ) with (fillfactor = 20);
    grant select, insert, update, delete on ingest_spool_state to faultline_shipper;

    create table quarantine_replay (
      tenant_id uuid not null,
      id uuid not null,
      reason_code text,
      device text collate "C",
      requested_by text not null,
      requested_at timestamptz not null,
      finished_at timestamptz,
      entries integer not null,
      done integer not null default 0,
      stored integer not null default 0,
      duplicate integer not null default 0,
      remaining integer not null default 0,
      -- The newest entry taken on, so that a replay that was interrupted goes on behind it.
      last_entry uuid,
      primary key (tenant_id, id)
    );
    ${tenantTable('quarantine_replay', { app: 'select, insert, update' })}
  `,
};
