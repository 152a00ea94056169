import type { Migration } from '../../platform/index.ts';

/** A secret that was replaced may stay good for a while, so that devices can be given their new one. */
export const secretOverlapMigration: Migration = {
  id: 'ingest/0220-secret-overlap',
  sql: `
    alter table device add column previous_hash bytea, add column previous_until timestamptz,
      add check ((previous_hash is null) = (previous_until is null));
  `,
};
