import { type Migration, tenantTable } from '../../platform/index.ts';

/**
 * What imports remember: which source listed which CI under which key, how CIs are told to be the same, who may
 * overwrite whom, what was proposed and not taken, what looks like one CI twice, and how each import went.
 */
export const imports: Migration = {
  id: 'cmdb/0012-imports',
  sql: `
    create table cmdb_source (
      tenant_id uuid not null,
      name text not null,
      -- What becomes of CIs that a complete import no longer lists, and of its relations.
      absent_cis text not null default 'mark_stale' check (absent_cis in ('keep', 'mark_stale', 'retire')),
      absent_relations text not null default 'keep' check (absent_relations in ('keep', 'remove')),
      primary key (tenant_id, name)
    );
    ${tenantTable('cmdb_source')}

    -- No foreign key to the CI: a removed CI is left out when records are read, and rows come by the hundred thousand.
    create table cmdb_source_record (
      tenant_id uuid not null,
      source text not null,
      foreign_key text not null,
      ci_id uuid not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      missing_since timestamptz,
      primary key (tenant_id, source, foreign_key)
    );
    create index cmdb_source_record_of_ci on cmdb_source_record (tenant_id, ci_id);
    ${tenantTable('cmdb_source_record')}

    create table cmdb_identification (
      tenant_id uuid not null,
      ci_type text not null,
      rules jsonb not null,
      primary key (tenant_id, ci_type)
    );
    ${tenantTable('cmdb_identification')}

    create table cmdb_authority (
      tenant_id uuid not null,
      ci_type text not null,
      attribute text not null,
      sources text[] not null,
      primary key (tenant_id, ci_type, attribute)
    );
    ${tenantTable('cmdb_authority')}

    create table cmdb_proposal (
      tenant_id uuid not null,
      ci_id uuid not null,
      field text not null,
      source text not null,
      value jsonb not null,
      held_by text not null,
      proposed_at timestamptz not null,
      primary key (tenant_id, ci_id, field, source),
      foreign key (tenant_id, ci_id) references cmdb_ci on delete cascade
    );
    ${tenantTable('cmdb_proposal')}

    create table cmdb_duplicate (
      tenant_id uuid not null,
      id uuid not null,
      ci_id uuid not null,
      other_id uuid not null check (ci_id < other_id),
      evidence text not null,
      state text not null default 'open' check (state in ('open', 'merged', 'dismissed')),
      found_at timestamptz not null,
      decided_at timestamptz,
      decided_by text,
      kept_id uuid,
      primary key (tenant_id, id),
      unique (tenant_id, ci_id, other_id)
    );
    ${tenantTable('cmdb_duplicate')}

    create table cmdb_import_run (
      tenant_id uuid not null,
      id uuid not null,
      author text not null,
      source text,
      dry_run boolean not null,
      state text not null check (state in ('running', 'done', 'failed')),
      stage text not null,
      done int not null,
      total int not null,
      summary jsonb,
      problem text,
      started_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (tenant_id, id)
    );
    ${tenantTable('cmdb_import_run')}
  `,
};
