import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Models, where they are in which stage, every step that led there, how their inputs drift, and orders to fit one. */
export const modelsMigration: Migration = {
  id: 'analytics/0010-models',
  sql: `
    create table analytics_model (
      tenant_id uuid not null,
      id uuid not null,
      name text not null,
      version text not null,
      origin text not null check (origin in ('uploaded', 'fitted')),
      contract jsonb not null,
      -- What validation found.
      report jsonb not null,
      data bytea not null,
      bytes integer not null,
      created_at timestamptz not null,
      created_by text not null,
      primary key (tenant_id, id),
      unique (tenant_id, name, version)
    );
    -- A model never changes: another file is another version.
    ${tenantTable('analytics_model', { app: 'select, insert' })}

    -- No foreign key: models that come with the product have stages as well.
    create table analytics_model_stage (
      tenant_id uuid not null,
      model_id uuid not null,
      scope_kind text not null check (scope_kind in ('all', 'class', 'machine', 'point')),
      scope_key text collate "C" not null,
      stage text not null check (stage in ('shadow', 'live', 'retired')),
      since timestamptz not null,
      primary key (tenant_id, model_id, scope_kind, scope_key)
    );
    create index analytics_model_stage_by_scope on analytics_model_stage (tenant_id, scope_kind, scope_key);
    ${tenantTable('analytics_model_stage', { app: 'select, insert, update' })}

    create table analytics_model_step (
      tenant_id uuid not null,
      id uuid not null,
      model_id uuid not null,
      model_name text not null,
      scope_kind text not null,
      scope_key text not null,
      -- null: the model had no stage there before.
      from_stage text,
      to_stage text not null,
      author text not null,
      reason text not null,
      -- The step of another version that this one followed from.
      because_of uuid,
      at timestamptz not null,
      primary key (tenant_id, id)
    );
    create index analytics_model_step_by_model on analytics_model_step (tenant_id, model_id);
    ${tenantTable('analytics_model_step', { app: 'select, insert' })}

    create table analytics_model_drift (
      tenant_id uuid not null,
      model_id uuid not null,
      sketch json not null,
      updated_at timestamptz not null,
      primary key (tenant_id, model_id)
    ) with (fillfactor = 60);
    ${tenantTable('analytics_model_drift')}

    create table analytics_model_fit (
      tenant_id uuid not null,
      id uuid not null,
      point_key text collate "C" not null,
      status text not null check (status in ('waiting', 'running', 'finished', 'failed')),
      percent double precision not null,
      rows integer,
      model_id uuid,
      reason text,
      requested_by text not null,
      created_at timestamptz not null,
      finished_at timestamptz,
      primary key (tenant_id, id)
    );
    -- One order for a point at a time.
    create unique index analytics_model_fit_open on analytics_model_fit (tenant_id, point_key)
      where status in ('waiting', 'running');
    ${tenantTable('analytics_model_fit')}

    -- The row of features that models take, of observations that belong to the baseline; null for all others.
    alter table analytics_feature add column shape real[];
  `,
};
