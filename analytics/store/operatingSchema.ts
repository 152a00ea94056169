import type { Migration } from '../../platform/index.ts';

/** Where a machine stands, so that its plain readings are compared with others of the same regime. */
export const operatingMigration: Migration = {
  id: 'analytics/0102-operating',
  sql: `
    -- Speed, load, temperature and mode as last seen; null before any was.
    alter table analytics_machine add column operating json;
  `,
};
