import { type Migration, tenantTable } from '../../platform/index.ts';

/** Who asked Neo4j what; rows are written and completed, never removed. */
export const cypherRuns: Migration = {
  id: 'cmdb/0018-cypher-runs',
  sql: `
    create table cmdb_cypher_run (
      tenant_id uuid not null,
      id uuid not null,
      author text not null,
      query text not null,
      asked_at timestamptz not null,
      outcome text not null check (outcome in ('asked', 'answered', 'refused', 'failed')),
      rows int,
      took_ms int,
      problem text,
      primary key (tenant_id, id)
    );
    ${tenantTable('cmdb_cypher_run', { app: 'select, insert, update' })}
  `,
};
