import { type Migration, tenantTable } from '../../../platform/index.ts';

/**
 * The words by which CIs are found, and the plain ones among them once more, to tell what was meant by a typing error.
 *
 * An index on `@@` is of no use under row-level security: PostgreSQL looks at no row by an operator that might tell of
 * it before the row's policy has let it pass. So the owner's function looks, and it looks at the tenant's rows alone; the
 * owner is not bound by the policy, everybody else is.
 */
export const searchMigration: Migration = {
  id: 'cmdb/0016-search',
  sql: `
    create table cmdb_search (
      tenant_id uuid not null,
      ci_id uuid not null,
      words tsvector not null,
      primary key (tenant_id, ci_id)
    );
    -- New words wait in a list that every question reads too: longer than usual, for an import, yet not long.
    create index cmdb_search_by_word on cmdb_search using gin (words) with (gin_pending_list_limit = 8192);
    ${tenantTable('cmdb_search')}
    alter table cmdb_search no force row level security;

    create table cmdb_search_word (
      tenant_id uuid not null,
      word text collate "C" not null,
      primary key (tenant_id, word)
    );
    ${tenantTable('cmdb_search_word', { app: 'select, insert, delete' })}

    -- How the tenant's words were made; an index that was made in another way, or never, is made anew when it is asked.
    alter table cmdb_graph add column search_format int not null default 0;

    create function cmdb_search_hits(question tsquery, most int) returns table (ci_id uuid, rank real)
      language sql stable rows 100 security definer set search_path = pg_catalog, public as $$
        select s.ci_id, ts_rank('{0.1, 0.3, 0.7, 1}', s.words, question)
        from public.cmdb_search s
        where s.tenant_id = public.current_tenant() and s.words @@ question
        limit most
      $$;
    revoke all on function cmdb_search_hits(tsquery, int) from public;
    grant execute on function cmdb_search_hits(tsquery, int) to faultline_app;
  `,
};
