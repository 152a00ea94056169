import { type Migration, tenantTable } from '../../platform/index.ts';

/** What is remembered of a device as a whole, and when each of its points counts as silent. */
export const deviceMigration: Migration = {
  id: 'analytics/0103-devices',
  sql: `
    create table analytics_device (
      tenant_id uuid not null,
      device text collate "C" not null,
      -- store/deviceMemory.ts; opaque to SQL.
      memory json not null,
      primary key (tenant_id, device)
    ) with (fillfactor = 60);
    ${tenantTable('analytics_device')}

    -- Arrival after which a point that said nothing since is looked at; null while its habits are not known, or it is dead.
    alter table analytics_point add column silent_after_ms double precision;
  `,
};
