import { type Migration, tenantTable } from '../../platform/index.ts';

/**
 * What the detector was given, so that it can be replayed. New observations come as small rows; when enough have
 * gathered they become one packed row, so that the table grows by a few dozen bytes an observation.
 */
export const historyMigration: Migration = {
  id: 'analytics/0003-history',
  sql: `
    create table analytics_history (
      tenant_id uuid not null,
      point_key text collate "C" not null,
      -- Number of the first observation in it.
      first_sequence bigint not null,
      kind text not null check (kind in ('waveform', 'reading')),
      observations integer not null,
      from_ms double precision not null,
      to_ms double precision not null,
      -- The detector's memory before the first observation (JSON, zstd); null: a replay begins at an earlier row.
      state bytea,
      -- Observations (history/record.ts), zstd where packed.
      body bytea not null,
      packed boolean not null,
      primary key (tenant_id, point_key, first_sequence)
    );
    -- Both are compressed already, or too short to be.
    alter table analytics_history alter column body set storage external, alter column state set storage external;
    create index analytics_history_old on analytics_history (tenant_id, to_ms) where packed;
    -- No row is ever updated; the right is for locking those that go (for update skip locked).
    ${tenantTable('analytics_history')}
  `,
};
