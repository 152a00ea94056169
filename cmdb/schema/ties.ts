import { type Migration, tenantTable } from '../../platform/index.ts';

/** What is tied to CIs in Neo4j and may have changed since it was written there, and where we left Neo4j. */
export const ties: Migration = {
  id: 'cmdb/0017-ties',
  sql: `
    create sequence cmdb_tie_mark;
    grant usage on sequence cmdb_tie_mark to faultline_app;

    create table cmdb_tie_due (
      tenant_id uuid not null,
      kind text not null,
      id uuid not null,
      mark bigint not null default nextval('cmdb_tie_mark'),
      marked_at timestamptz not null,
      primary key (tenant_id, kind, id)
    );
    ${tenantTable('cmdb_tie_due')}

    -- What the last writing of orders and anomalies left in Neo4j: another one there means another past.
    alter table cmdb_mirror add column ties_stamp text;
  `,
};
