import { type Migration, tenantTable } from '../../platform/index.ts';

/**
 * A tenant's own CI and relation types over the built-in ones. A row holds from one version of the model to another, so
 * that every version can be read back; `definition` null: the built-in type, or none.
 */
export const model: Migration = {
  id: 'cmdb/0004-model',
  sql: `
    alter table cmdb_graph
      add column model_version int not null default 0,
      -- The version of the graph that changed the model: what was read before it is read anew.
      add column model_graph_version bigint not null default 0;
    -- The version of the model that a CI was last checked with.
    alter table cmdb_ci add column model_version int not null default 0;

    create table cmdb_model_version (
      tenant_id uuid not null,
      version int not null,
      graph_version bigint not null,
      author text not null,
      reason text not null,
      at timestamptz not null,
      change jsonb not null,
      primary key (tenant_id, version)
    );
    ${tenantTable('cmdb_model_version', { app: 'select, insert' })}

    create table cmdb_model_type (
      tenant_id uuid not null,
      kind text not null check (kind in ('ci', 'relation')),
      name text not null,
      since int not null,
      until int,
      definition jsonb,
      primary key (tenant_id, kind, name, since)
    );
    ${tenantTable('cmdb_model_type', { app: 'select, insert, update' })}

    -- Values that no two CIs share, by the type whose definition says so.
    create table cmdb_unique_value (
      tenant_id uuid not null,
      type text not null,
      attribute text not null,
      value text not null,
      ci_id uuid not null,
      primary key (tenant_id, type, attribute, value),
      foreign key (tenant_id, ci_id) references cmdb_ci on delete cascade
    );
    create index cmdb_unique_value_of_ci on cmdb_unique_value (tenant_id, ci_id);
    ${tenantTable('cmdb_unique_value')}

    -- CIs that do not fit the model since it was changed, accepted as work to do.
    create table cmdb_model_task (
      tenant_id uuid not null,
      ci_id uuid not null,
      attribute text not null,
      problem jsonb not null,
      model_version int not null,
      opened_at timestamptz not null,
      primary key (tenant_id, ci_id, attribute),
      foreign key (tenant_id, ci_id) references cmdb_ci on delete cascade
    );
    ${tenantTable('cmdb_model_task')}
  `,
};
