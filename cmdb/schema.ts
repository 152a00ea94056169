import { type Migration, tenantTable } from '../platform/index.ts';

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
        primary key (tenant_id, id),
        unique (tenant_id, from_id, type, to_id),
        foreign key (tenant_id, from_id) references cmdb_ci,
        foreign key (tenant_id, to_id) references cmdb_ci
      );
      create index cmdb_relation_by_to on cmdb_relation (tenant_id, to_id, type);
      ${tenantTable('cmdb_relation')}

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
      create index cmdb_change_of_ci on cmdb_change (tenant_id, ci_id, version);
      create index cmdb_change_of_other on cmdb_change (tenant_id, other_id, version) where other_id is not null;
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
];
