import type { Migration } from '../../platform/index.ts';

/**
 * How much a member of a redundancy group counts for, and which percentage of a group's weight must be up; and a way to
 * the maintenance windows that are open.
 */
export const weights: Migration = {
  id: 'cmdb/0011-weights',
  sql: `
    alter table cmdb_relation
      add column min_up_percent double precision check (min_up_percent > 0 and min_up_percent <= 100),
      add column weight int check (weight between 1 and 10000);
    create index cmdb_maintenance_window_open on cmdb_maintenance_window (tenant_id, to_at);
  `,
};
