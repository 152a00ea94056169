import type { Migration } from '../../../platform/index.ts';

/**
 * New words wait in a list that every question reads from end to end (20 ms for 8 MB of it): it is short as a rule, long
 * while very much is written, which is faster so, and emptied at the end of that, which only the index's owner may.
 */
export const settleMigration: Migration = {
  id: 'cmdb/0022-search-settles',
  sql: `
    alter index cmdb_search_by_word reset (gin_pending_list_limit);
    create function cmdb_search_settle() returns void
      language sql security definer set search_path = pg_catalog, public as $$
        select gin_clean_pending_list('public.cmdb_search_by_word');
      $$;
    revoke all on function cmdb_search_settle() from public;
    grant execute on function cmdb_search_settle() to faultline_app;
  `,
};
