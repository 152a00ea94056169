import { type Migration, tenantTable } from '../platform/index.ts';
import { savedQueriesMigration } from './asking/saved/migration.ts';
import { searchMigration } from './asking/search/migration.ts';
import { settleMigration } from './asking/search/settleMigration.ts';
import { healthMigration } from './health/migration.ts';
import { onCallMigration } from './oncall/migration.ts';
import { outages } from './outages/migration.ts';
import { auditChain } from './schema/auditChain.ts';
import { cypherRuns } from './schema/cypherRuns.ts';
import { graphSources } from './schema/graphSources.ts';
import { imports } from './schema/imports.ts';
import { mergedKeys } from './schema/mergedKeys.ts';
import { model } from './schema/model.ts';
import { provenance } from './schema/provenance.ts';
import { restricted } from './schema/restricted.ts';
import { ties } from './schema/ties.ts';
import { weights } from './schema/weights.ts';

/** Rows of one statement whose ends are looked up one by one. */
const FEW = 1_000;

/**
 * Both ends of a relation are CIs of its tenant, always. Foreign keys would say so row by row, at a third of an import's
 * time; these say it once per statement, by index look-ups for a few rows and by hash for many, whatever the planner
 * believes of the tables' sizes. They hold under concurrency because each takes the tenant's row of cmdb_graph,
 * on which changes of the graph queue anyway.
 */
const relationsHaveEnds = `
  create function cmdb_relation_has_ends() returns trigger language plpgsql
  set enable_seqscan = off set enable_nestloop = off as $$
  declare
    lost uuid;
  begin
    perform 1 from cmdb_graph where tenant_id in (select distinct tenant_id from put) for update;
    if (select count(*) from (select from put limit ${FEW} + 1) few) <= ${FEW} then
      select case when f is null then from_id else to_id end into lost
      from (select p.from_id, p.to_id,
                   (select c.id from cmdb_ci c where c.tenant_id = p.tenant_id and c.id = p.from_id) as f,
                   (select c.id from cmdb_ci c where c.tenant_id = p.tenant_id and c.id = p.to_id) as t
            from put p) ends
      where f is null or t is null limit 1;
    else
      select case when f.id is null then p.from_id else p.to_id end into lost
      from put p
      left join cmdb_ci f on f.tenant_id = p.tenant_id and f.id = p.from_id
      left join cmdb_ci t on t.tenant_id = p.tenant_id and t.id = p.to_id
      where f.id is null or t.id is null limit 1;
    end if;
    if found then
      raise foreign_key_violation using message = format('a relation ends at %s, which is no CI of its tenant', lost);
    end if;
    return null;
  end $$;
  create trigger cmdb_relation_has_ends after insert on cmdb_relation
    referencing new table as put for each statement execute function cmdb_relation_has_ends();

  create function cmdb_ci_ends_nothing() returns trigger language plpgsql set enable_seqscan = off as $$
  declare
    used uuid;
  begin
    perform 1 from cmdb_graph where tenant_id in (select distinct tenant_id from gone) for update;
    select id into used
    from (select g.id,
                 (select r.from_id from cmdb_relation r where r.tenant_id = g.tenant_id and r.from_id = g.id limit 1) as f,
                 (select r.to_id from cmdb_relation r where r.tenant_id = g.tenant_id and r.to_id = g.id limit 1) as t
          from gone g) ends
    where f is not null or t is not null limit 1;
    if found then
      raise foreign_key_violation using message = format('CI %s still has relations; remove them first', used);
    end if;
    return null;
  end $$;
  create trigger cmdb_ci_ends_nothing after delete on cmdb_ci
    referencing old table as gone for each statement execute function cmdb_ci_ends_nothing();

  create function cmdb_stays_itself() returns trigger language plpgsql as $$
  begin
    raise foreign_key_violation using message = format('what names a row of %s never changes; remove and create it', tg_table_name);
  end $$;
  create trigger cmdb_ci_stays_itself before update of tenant_id, id on cmdb_ci
    for each row execute function cmdb_stays_itself();
  create trigger cmdb_relation_stays_itself before update of tenant_id, from_id, type, to_id on cmdb_relation
    for each row execute function cmdb_stays_itself();
`;

export const migrations: readonly Migration[] = [
  {
    id: 'cmdb/0001-graph',
    sql: `
      create table cmdb_graph (
        tenant_id uuid primary key,
        version bigint not null
      );
      ${tenantTable('cmdb_graph', { app: 'select, insert, update' })}

      create table cmdb_ci (
        tenant_id uuid not null,
        id uuid not null,
        key text not null,
        type text not null,
        name text not null,
        status text not null,
        attributes jsonb not null,
        version bigint not null,
        primary key (tenant_id, id),
        unique (tenant_id, key)
      );
      create index cmdb_ci_by_type on cmdb_ci (tenant_id, type, key);
      create index cmdb_ci_by_telemetry on cmdb_ci (tenant_id, (attributes->>'telemetry')) where type = 'measuring_point';
      ${tenantTable('cmdb_ci')}

      create table cmdb_relation (
        tenant_id uuid not null,
        id uuid not null,
        from_id uuid not null,
        type text not null,
        to_id uuid not null,
        redundancy_group text,
        min_up int check (min_up > 0),
        attributes jsonb not null,
        version bigint not null,
        primary key (tenant_id, from_id, type, to_id)
      );
      create index cmdb_relation_by_to on cmdb_relation (to_id);
      ${tenantTable('cmdb_relation')}
      ${relationsHaveEnds}

      create table cmdb_change (
        tenant_id uuid not null,
        version bigint not null,
        seq int not null,
        kind text not null check (kind in ('ci', 'relation')),
        ci_id uuid not null,
        other_id uuid,
        before jsonb,
        after jsonb,
        author text not null,
        reason text,
        source text,
        at timestamptz not null,
        primary key (tenant_id, version, seq)
      );
      create index cmdb_change_of_ci on cmdb_change (ci_id, version);
      create index cmdb_change_of_other on cmdb_change (other_id, version) where other_id is not null;
      ${tenantTable('cmdb_change', { app: 'select, insert' })}

      create table cmdb_maintenance_window (
        tenant_id uuid not null,
        id uuid not null,
        ci_id uuid not null,
        from_at timestamptz not null,
        to_at timestamptz not null check (to_at > from_at),
        reason text not null,
        author text not null,
        primary key (tenant_id, id),
        foreign key (tenant_id, ci_id) references cmdb_ci on delete cascade
      );
      create index cmdb_maintenance_window_of_ci on cmdb_maintenance_window (tenant_id, ci_id, to_at);
      ${tenantTable('cmdb_maintenance_window')}
    `,
  },
  {
    id: 'cmdb/0002-mirror',
    sql: `
      -- How far the graph in Neo4j follows, where there is one.
      create table cmdb_mirror (
        tenant_id uuid primary key,
        mirrored_version bigint,
        followed_at timestamptz,
        problem text
      );
      ${tenantTable('cmdb_mirror', { app: 'select, insert, update' })}
    `,
  },
  provenance,
  model,
  healthMigration,
  weights,
  auditChain,
  imports,
  restricted,
  mergedKeys,
  searchMigration,
  ties,
  cypherRuns,
  onCallMigration,
  outages,
  savedQueriesMigration,
  settleMigration,
  graphSources,
];
