import { type Migration, tenantTable } from '../platform/index.ts';

/** What the storing half keeps about the spool: positions, the ledger, quarantine and the feed for analytics. */
export const intakeLedgerMigration: Migration = {
  id: 'ingest/0102-ledger-quarantine-feed',
  sql: `
    -- No tenant's data: one spool holds messages of all. The shipper's role alone sees it.
    create table ingest_cursor (
      spool_id text not null,
      name text not null check (name in ('store', 'tally', 'feed')),
      position bigint not null check (position >= 0),
      primary key (spool_id, name)
    ) with (fillfactor = 20);
    grant select, insert, update on ingest_cursor to faultline_shipper;

    create table ingest_ledger (
      tenant_id uuid not null,
      device text collate "C" not null,
      accepted bigint not null,
      stored bigint not null,
      duplicate bigint not null,
      pending bigint not null,
      quarantined bigint not null,
      expired bigint not null,
      primary key (tenant_id, device)
    ) with (fillfactor = 50);
    ${tenantTable('ingest_ledger', { app: 'select', shipper: 'select, insert, update' })}

    create table quarantine (
      tenant_id uuid not null,
      id uuid not null,
      device text collate "C" not null,
      device_id uuid not null,
      kind text not null check (kind in ('telemetry', 'waveform')),
      topic text not null,
      reason_code text not null,
      field text,
      reason text not null,
      -- Positions of the units concerned in their message; null when the message as a whole is.
      unit_indexes integer[],
      units integer not null check (units >= 0),
      payload bytea not null,
      payload_bytes integer not null,
      receipt text not null,
      repeated boolean not null,
      arrival_ns bigint not null,
      replayed_at timestamptz,
      primary key (tenant_id, id)
    );
    alter table quarantine alter column payload set storage external;
    create index quarantine_by_reason on quarantine (tenant_id, reason_code, id);
    create index quarantine_by_arrival on quarantine (arrival_ns);
    ${tenantTable('quarantine', { app: 'select', shipper: 'select, insert, update, delete' })}

    create table ingest_feed (
      tenant_id uuid not null,
      partition smallint not null,
      seq bigint generated always as identity,
      spool_id text not null,
      from_offset bigint not null,
      to_offset bigint not null,
      items integer not null,
      written_ms bigint not null,
      body bytea not null,
      primary key (tenant_id, partition, seq)
    );
    alter table ingest_feed alter column body set storage external;
    create index ingest_feed_age on ingest_feed (written_ms);
    ${tenantTable('ingest_feed', { app: 'select, delete', shipper: 'select, insert' })}
  `,
};

/** Payload formats have names: a message in quarantine keeps the one it came in under. */
export const quarantineFormatMigration: Migration = {
  id: 'ingest/0201-quarantine-format',
  sql: `
    alter table quarantine add column format text, add column vendor_topic text;
    update quarantine set format = case kind when 'waveform' then 'flw1' else 'json' end;
    alter table quarantine alter column format set not null;
  `,
};
