import { type Migration, tenantTable } from '../../platform/index.ts';

export const healthMigration: Migration = {
  id: 'cmdb/0010-health',
  sql: `
    -- How monitoring's alerts are read, where a tenant has its own way.
    create table cmdb_alert_mapping (
      tenant_id uuid not null,
      source text not null,
      document jsonb not null,
      author text not null,
      changed_at timestamptz not null,
      primary key (tenant_id, source)
    );
    ${tenantTable('cmdb_alert_mapping', { app: 'select, insert, update' })}

    create table cmdb_alert (
      tenant_id uuid not null,
      id uuid not null,
      source text not null,
      fingerprint text not null,
      firing boolean not null,
      state text not null check (state in ('degraded', 'down', 'ignored')),
      severity text not null,
      title text not null,
      labels jsonb not null,
      url text,
      ci_id uuid,
      -- By which label the CI was found, or why none was.
      match text not null,
      started_at timestamptz not null,
      ended_at timestamptz,
      received_at timestamptz not null,
      primary key (tenant_id, id),
      unique (tenant_id, source, fingerprint),
      foreign key (tenant_id, ci_id) references cmdb_ci on delete set null (ci_id)
    );
    create index cmdb_alert_of_ci on cmdb_alert (tenant_id, ci_id) where ci_id is not null;
    create index cmdb_alert_firing on cmdb_alert (tenant_id, id) where firing;
    ${tenantTable('cmdb_alert')}
    create index cmdb_ci_by_name on cmdb_ci (tenant_id, lower(name));

    -- CIs that are not well, or were not until a moment ago; the version counts changes of a tenant's rows.
    create table cmdb_health (
      tenant_id uuid primary key,
      version bigint not null
    );
    ${tenantTable('cmdb_health', { app: 'select, insert, update' })}
    create table cmdb_ci_state (
      tenant_id uuid not null,
      ci_id uuid not null,
      failure_id uuid not null,
      state text not null check (state in ('ok', 'degraded', 'down')),
      -- The worst that was told of this failure.
      told text not null check (told in ('degraded', 'down')),
      since timestamptz not null,
      recovered_at timestamptz,
      primary key (tenant_id, ci_id),
      foreign key (tenant_id, ci_id) references cmdb_ci on delete cascade
    );
    ${tenantTable('cmdb_ci_state')}
  `,
};
