import { type Migration, tenantTable } from '../../platform/index.ts';

/** Everything analytics remembers. All of it is bounded by the number of points and of anomalies. */
export const analyticsMigration: Migration = {
  id: 'analytics/0001-detection',
  sql: `
    create table analytics_point (
      tenant_id uuid not null,
      point_key text collate "C" not null,
      kind text not null check (kind in ('waveform', 'reading')),
      -- Detector memory and recent identities; opaque to SQL, so json and not jsonb.
      memory json not null,
      -- What the diagnosis has accumulated over the recent blocks (V8 structured clone); null for readings.
      accumulated bytea,
      -- The last judgement, as people read it.
      verdict jsonb not null,
      -- Observations so far; the slot of the next row in analytics_feature follows from it.
      observations bigint not null,
      primary key (tenant_id, point_key)
    ) with (fillfactor = 60);
    ${tenantTable('analytics_point')}

    -- A ring per point: slot = observation number modulo the ring's size, so that old rows are overwritten.
    create table analytics_feature (
      tenant_id uuid not null,
      point_key text collate "C" not null,
      slot integer not null,
      at_ms double precision not null,
      speed_rpm real,
      values jsonb not null,
      primary key (tenant_id, point_key, slot)
    ) with (fillfactor = 70);
    ${tenantTable('analytics_feature')}

    create table analytics_consumed (
      tenant_id uuid not null,
      partition smallint not null,
      spool_id text not null,
      next_offset bigint not null,
      processed_at timestamptz not null,
      primary key (tenant_id, partition, spool_id)
    ) with (fillfactor = 50);
    ${tenantTable('analytics_consumed')}

    create table analytics_machine (
      tenant_id uuid not null,
      machine_id uuid not null,
      stopped boolean not null,
      since_ms double precision not null,
      primary key (tenant_id, machine_id)
    );
    ${tenantTable('analytics_machine')}

    create table analytics_skipped (
      tenant_id uuid not null,
      id uuid not null,
      partition smallint not null,
      spool_id text not null,
      from_offset bigint not null,
      to_offset bigint not null,
      -- null when a whole batch was given up.
      point_key text,
      reason text not null,
      skipped_at timestamptz not null,
      primary key (tenant_id, id)
    );
    ${tenantTable('analytics_skipped', { app: 'select, insert, delete' })}

    create table anomaly (
      tenant_id uuid not null,
      id uuid not null,
      fault_key text not null,
      point_key text collate "C" not null,
      point_id uuid,
      asset_id uuid,
      asset_name text not null,
      machine_id uuid,
      fault text not null,
      basis text not null,
      level text not null check (level in ('warning', 'serious')),
      status text not null check (status in ('suspected', 'confirmed', 'closed')),
      severity_zone text check (severity_zone in ('A', 'B', 'C', 'D')),
      confidence double precision not null,
      -- How loudly the fault speaks: what a dismissal is remembered by, and by which cross-talk is told from its source.
      strength double precision not null,
      summary jsonb not null,
      first_seen_ms double precision not null,
      confirmed_ms double precision,
      escalated_ms double precision,
      closed_ms double precision,
      closed_by text,
      closed_reason text check (closed_reason in ('labelled', 'faded')),
      label text check (label in ('confirmed', 'false_alarm', 'other_cause')),
      last_waveform_ms double precision not null,
      card json,
      primary key (tenant_id, id),
      check ((status = 'closed') = (closed_ms is not null))
    ) with (fillfactor = 70);
    -- One fault, one anomaly: whatever runs twice, the second cannot open another.
    create unique index anomaly_one_open on anomaly (tenant_id, fault_key) where status <> 'closed';
    create index anomaly_open_by_machine on anomaly (tenant_id, machine_id) where status <> 'closed';
    create index anomaly_by_point on anomaly (tenant_id, point_key);
    ${tenantTable('anomaly', { app: 'select, insert, update' })}

    -- Every point whose baselines an open anomaly holds frozen: the one that raised it, and those that hear it too.
    create table anomaly_point (
      tenant_id uuid not null,
      anomaly_id uuid not null,
      point_key text collate "C" not null,
      part text not null check (part in ('origin', 'corroborates')),
      since_ms double precision not null,
      primary key (tenant_id, anomaly_id, point_key)
    );
    ${tenantTable('anomaly_point', { app: 'select, insert' })}
  `,
};
