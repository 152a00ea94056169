import { type Migration, tenantTable } from '../platform/index.ts';

/**
 * The schema of ticketing. Three things in it carry promises:
 * - `work_order_open_fault` lets a fault have one open order, whoever inserts, however often;
 * - `work_order_event` takes inserts only, so an order's history cannot be rewritten by the application;
 * - order numbers come from one sequence per tenant: a counter row would make each tenant's transactions wait for
 *   one another until commit. A number is lost when its transaction rolls back; none is given twice.
 *
 * Documents are `json`, not `jsonb`: they are written once and read whole, and taking them apart costs the writer more
 * than everything else about the row.
 */
export const migrations: readonly Migration[] = [
  {
    id: 'ticketing/0001-orders',
    sql: `
create table ticketing_policy (
  tenant_id uuid not null,
  kind text not null check (kind in ('priority', 'response', 'dispatch')),
  document json not null,
  version integer not null,
  updated_at timestamptz not null,
  updated_by uuid,
  updated_by_name text not null,
  primary key (tenant_id, kind, version)
);
${tenantTable('ticketing_policy', { app: 'select, insert' })}

create table technician (
  tenant_id uuid not null,
  user_id uuid not null,
  skills json not null,
  max_load integer not null check (max_load between 1 and 10000),
  place text,
  phone text,
  active boolean not null,
  open_orders integer not null default 0 check (open_orders >= 0),
  primary key (tenant_id, user_id)
);
${tenantTable('technician')}

create table technician_experience (
  tenant_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('fault', 'asset')),
  subject text not null,
  repairs integer not null check (repairs > 0),
  primary key (tenant_id, kind, subject, user_id)
);
${tenantTable('technician_experience')}

-- What breaks when an asset fails, as orders remember it; see orders/verdicts.ts. Orders refer to it without a foreign
-- key: no row is ever removed, and the key's lock on a row that many orders share would make them wait.
create table impact_verdict (
  tenant_id uuid not null,
  id uuid not null,
  document json not null,
  primary key (tenant_id, id)
);
${tenantTable('impact_verdict', { app: 'select, insert' })}

create table work_order (
  tenant_id uuid not null,
  id uuid not null,
  number bigint not null,
  kind text not null,
  state text not null check (state in
    ('new', 'assigned', 'accepted', 'in_progress', 'on_hold', 'completed', 'closed', 'cancelled')),
  summary json not null,
  fault_key text,
  fault text not null,
  level text,
  zone text,
  confidence double precision,
  asset_id uuid,
  asset_name text not null,
  point_key text,
  evidence_url text,
  priority text not null check (priority in ('P1', 'P2', 'P3', 'P4')),
  priority_basis json not null,
  verdict_id uuid,
  contacts json not null,
  requester_id uuid,
  requester_name text,
  assignee_id uuid,
  assignee_name text,
  queue_reason text,
  concerned text[] not null,
  response_due_at timestamptz not null,
  resolution_due_at timestamptz not null,
  accept_due_at timestamptz,
  timer_due_at timestamptz,
  held_at timestamptz,
  responded_at timestamptz,
  resolved_at timestamptz,
  response_overdue boolean not null default false,
  resolution_overdue boolean not null default false,
  closure json,
  version integer not null,
  log_length integer not null,
  first_seen_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, number)
);
create unique index work_order_open_fault on work_order (tenant_id, fault_key)
  where fault_key is not null and state not in ('closed', 'cancelled');
create index work_order_by_state on work_order (tenant_id, state, id);
create index work_order_by_assignee on work_order (tenant_id, assignee_id, id) where assignee_id is not null;
${tenantTable('work_order', { app: 'select, insert, update' })}

create table work_order_anomaly (
  tenant_id uuid not null,
  anomaly_id uuid not null,
  order_id uuid not null,
  evidence_url text not null,
  linked_at timestamptz not null,
  primary key (tenant_id, anomaly_id),
  foreign key (tenant_id, order_id) references work_order (tenant_id, id)
);
create index work_order_anomaly_order on work_order_anomaly (tenant_id, order_id);
${tenantTable('work_order_anomaly', { app: 'select, insert' })}

create table work_order_event (
  tenant_id uuid not null,
  order_id uuid not null,
  sequence integer not null,
  at timestamptz not null,
  kind text not null,
  actor_id uuid,
  actor_name text not null,
  data json not null,
  primary key (tenant_id, order_id, sequence),
  foreign key (tenant_id, order_id) references work_order (tenant_id, id)
);
${tenantTable('work_order_event', { app: 'select, insert' })}

create table assignment (
  tenant_id uuid not null,
  order_id uuid not null,
  round integer not null,
  technician_id uuid not null,
  technician_name text not null,
  state text not null check (state in ('offered', 'accepted', 'declined', 'expired', 'withdrawn')),
  choice json not null,
  offered_at timestamptz not null,
  answered_at timestamptz,
  note text,
  primary key (tenant_id, order_id, round),
  foreign key (tenant_id, order_id) references work_order (tenant_id, id)
);
${tenantTable('assignment', { app: 'select, insert, update' })}

create table stop_command (
  tenant_id uuid not null,
  id uuid not null,
  order_id uuid not null,
  line_id uuid,
  line_name text not null,
  device text,
  because text not null,
  state text not null check (state in ('proposed', 'confirmed', 'rejected')),
  proposed_at timestamptz not null,
  decided_at timestamptz,
  decided_by uuid,
  decided_by_name text,
  note text,
  primary key (tenant_id, id),
  unique (tenant_id, order_id),
  foreign key (tenant_id, order_id) references work_order (tenant_id, id)
);
${tenantTable('stop_command', { app: 'select, insert, update' })}

-- Runs with its owner's rights because making a sequence needs them; the name comes from the transaction's tenant, so
-- no tenant reaches another's numbers.
create function work_order_numbers(how_many integer) returns setof bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  tenant uuid := current_tenant();
  counter text := 'work_order_number_' || replace(tenant::text, '-', '');
begin
  if tenant is null then
    raise exception 'work_order_numbers needs a tenant';
  end if;
  if to_regclass(counter) is null then
    perform pg_advisory_xact_lock(hashtextextended(counter, 0));
    execute format('create sequence if not exists %I', counter);
  end if;
  return query select nextval(counter::regclass) from generate_series(1, how_many);
end $$;
revoke all on function work_order_numbers(integer) from public;
grant execute on function work_order_numbers(integer) to faultline_app;
`,
  },
  {
    id: 'ticketing/0002-failed-stops',
    sql: `
-- A confirmed stop whose device is not there.
alter table stop_command drop constraint stop_command_state_check;
alter table stop_command add check (state in ('proposed', 'confirmed', 'rejected', 'failed'));
`,
  },
  {
    id: 'ticketing/0003-cleared-anomalies',
    sql: `
-- Anomalies that ended by themselves: one whose confirmation comes late opens no order any more.
create table cleared_anomaly (
  tenant_id uuid not null,
  anomaly_id uuid not null,
  cleared_at timestamptz not null,
  primary key (tenant_id, anomaly_id)
);
${tenantTable('cleared_anomaly', { app: 'select, insert' })}
`,
  },
  {
    id: 'ticketing/0004-merged-cis',
    sql: `
-- Of two orders that turn out to be about one CI, the one that goes on takes over the anomalies of the other.
grant update on work_order_anomaly to faultline_app;
`,
  },
  {
    id: 'ticketing/0005-owner-notices',
    sql: `
alter table ticketing_policy drop constraint ticketing_policy_kind_check;
alter table ticketing_policy add check (kind in ('priority', 'response', 'dispatch', 'owners'));

-- When those who are told later are told, unless somebody has acknowledged.
alter table work_order add column escalation_due_at timestamptz;

-- Who was told of an order's fault, or is told when nobody acknowledges; one row per person and order.
create table owner_notice (
  tenant_id uuid not null,
  id uuid not null,
  order_id uuid not null,
  person_id uuid not null,
  name text not null,
  email text,
  phone text,
  locale text not null,
  roles text[] not null,
  service_ids uuid[] not null,
  loss json not null,
  told_at timestamptz,
  escalated boolean not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledged_via text check (acknowledged_via in ('link', 'account')),
  primary key (tenant_id, id),
  unique (tenant_id, order_id, person_id),
  foreign key (tenant_id, order_id) references work_order (tenant_id, id)
);
${tenantTable('owner_notice', { app: 'select, insert, update' })}
`,
  },
];
