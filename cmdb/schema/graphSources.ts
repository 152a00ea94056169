import { type Migration, tenantTable } from '../../platform/index.ts';

/** Graphs of a site's own Neo4j that are read into the CMDB. */
export const graphSources: Migration = {
  id: 'cmdb/0023-graph-sources',
  sql: `
    create table cmdb_graph_source (
      tenant_id uuid not null,
      id uuid not null,
      name text not null,
      url text not null,
      user_name text not null,
      sealed_password bytea not null,
      database text not null,
      mapping jsonb not null,
      every_minutes int,
      -- Changes with every change: a reading that was planned before it does not take place.
      revision uuid not null,
      created_at timestamptz not null,
      primary key (tenant_id, id),
      unique (tenant_id, name)
    );
    ${tenantTable('cmdb_graph_source')}
  `,
};
