import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Queries that people keep, by name, with every version of each. `owner_key` is the user's id, or the name of a program. */
export const savedQueriesMigration: Migration = {
  id: 'cmdb/0021-saved-queries',
  sql: `
    create table cmdb_saved_query (
      tenant_id uuid not null,
      id uuid not null,
      owner_key text not null,
      owner text not null,
      name text not null,
      description text not null,
      query text not null,
      variables jsonb not null,
      shared boolean not null,
      revision int not null,
      changed_by text not null,
      created_at timestamptz not null,
      changed_at timestamptz not null,
      primary key (tenant_id, id)
    );
    -- A name means one query to whoever says it: their own, or else the one that is shared.
    create unique index cmdb_saved_query_own_name on cmdb_saved_query (tenant_id, owner_key, lower(name));
    create unique index cmdb_saved_query_shared_name on cmdb_saved_query (tenant_id, lower(name)) where shared;
    ${tenantTable('cmdb_saved_query')}

    create table cmdb_saved_query_revision (
      tenant_id uuid not null,
      query_id uuid not null,
      revision int not null,
      name text not null,
      description text not null,
      query text not null,
      variables jsonb not null,
      shared boolean not null,
      by text not null,
      at timestamptz not null,
      primary key (tenant_id, query_id, revision),
      foreign key (tenant_id, query_id) references cmdb_saved_query on delete cascade
    );
    ${tenantTable('cmdb_saved_query_revision', { app: 'select, insert' })}
  `,
};
