import { type Migration, tenantTable } from '../../platform/index.ts';
import { sight } from '../schema/restricted.ts';

export const onCallMigration: Migration = {
  id: 'cmdb/0018-on-call',
  sql: `
    create table cmdb_oncall_calendar (
      tenant_id uuid not null,
      id uuid not null,
      -- The service that it is for, or the team that answers for services. A CI may have several: each counts.
      ci_id uuid not null,
      name text not null,
      layers jsonb not null,
      version int not null,
      updated_at timestamptz not null,
      updated_by text not null,
      primary key (tenant_id, id),
      foreign key (tenant_id, ci_id) references cmdb_ci on delete cascade
    );
    create index cmdb_oncall_calendar_of_ci on cmdb_oncall_calendar (tenant_id, ci_id);
    ${tenantTable('cmdb_oncall_calendar')}
    ${sight(['cmdb_oncall_calendar', ['ci_id']])}

    create table cmdb_oncall_override (
      tenant_id uuid not null,
      id uuid not null,
      calendar_id uuid not null,
      -- No foreign key: a person who was removed is told of, and the gap with them.
      person_id uuid not null,
      from_at timestamptz not null,
      to_at timestamptz not null check (to_at > from_at),
      reason text,
      primary key (tenant_id, id),
      foreign key (tenant_id, calendar_id) references cmdb_oncall_calendar on delete cascade
    );
    create index cmdb_oncall_override_of on cmdb_oncall_override (tenant_id, calendar_id, to_at);
    ${tenantTable('cmdb_oncall_override')}

    -- Every change of a calendar and of its overrides, for good: also of calendars that are no more.
    create table cmdb_oncall_change (
      tenant_id uuid not null,
      calendar_id uuid not null,
      seq bigint generated always as identity,
      what text not null check (what in ('calendar', 'override')),
      before jsonb,
      after jsonb,
      author text not null,
      reason text,
      at timestamptz not null,
      primary key (tenant_id, calendar_id, seq)
    );
    ${tenantTable('cmdb_oncall_change', { app: 'select, insert' })}
  `,
};
