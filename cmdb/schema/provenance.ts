import type { Migration } from '../../platform/index.ts';

const SINCE_WHEN = ['cmdb_ci', 'cmdb_relation'] as const;

/**
 * When each CI and relation was first and last seen, by whom it is told and how sure that is.
 *
 * `seen_version` is the version in which a row was last seen without being changed; only rows that were seen after their
 * last change are in its index, so that writing new rows does not pay for it. `sources` names the source of each
 * attribute that does not come from the one under `*`; `.name`, `.status` and `.type` are the CI's own fields.
 */
export const provenance: Migration = {
  id: 'cmdb/0003-provenance',
  sql: `
    alter table cmdb_ci
      add column first_seen_at timestamptz not null default now(),
      add column last_seen_at timestamptz not null default now(),
      add column seen_version bigint not null default 0,
      add column sources jsonb not null default '{}';
    alter table cmdb_relation
      add column first_seen_at timestamptz not null default now(),
      add column last_seen_at timestamptz not null default now(),
      add column seen_version bigint not null default 0,
      add column source text,
      add column confidence double precision not null default 1 check (confidence between 0 and 1);
    ${SINCE_WHEN.map((table) => `create index ${table}_seen on ${table} (tenant_id, seen_version) where seen_version > version;`).join('\n')}

    -- The owner is bound by the policies too; what stands already is told by its history.
    ${SINCE_WHEN.map((table) => `alter table ${table} no force row level security;`).join('\n')}
    alter table cmdb_change no force row level security;
    update cmdb_ci i set first_seen_at = told.first_at, last_seen_at = told.last_at,
      sources = jsonb_build_object('*', told.source)
    from (select tenant_id, ci_id, min(at) as first_at, max(at) as last_at,
                 (array_agg(source order by version desc, seq desc))[1] as source
          from cmdb_change where kind = 'ci' group by tenant_id, ci_id) told
    where i.tenant_id = told.tenant_id and i.id = told.ci_id;
    update cmdb_relation r set first_seen_at = told.first_at, last_seen_at = told.last_at, source = told.source
    from (select tenant_id, ci_id, other_id, coalesce(after, before)->>'type' as type, min(at) as first_at,
                 max(at) as last_at, (array_agg(source order by version desc, seq desc))[1] as source
          from cmdb_change where kind = 'relation' group by 1, 2, 3, 4) told
    where r.tenant_id = told.tenant_id and r.from_id = told.ci_id and r.to_id = told.other_id and r.type = told.type;
    ${SINCE_WHEN.map((table) => `alter table ${table} force row level security;`).join('\n')}
    alter table cmdb_change force row level security;

    -- Sources of a CI after a change of it: what differs comes from the change's source, what is gone comes from none.
    create function cmdb_sources_after(sources jsonb, before jsonb, after jsonb, source text) returns jsonb
    language sql immutable as $$
      select coalesce((select jsonb_object_agg(s.key, s.value) from jsonb_each(sources) s
                       where s.key = '*' or s.key like '.%' or after->'attributes' ? s.key), '{}')
          || coalesce((select jsonb_object_agg(differs.field, source)
                       from (select a.key as field from jsonb_each(after->'attributes') a
                             where before->'attributes'->a.key is distinct from a.value
                             union all
                             select '.' || f from unnest(array['name', 'status', 'type']) f
                             where before->f is distinct from after->f) differs), '{}')
    $$;
  `,
};
