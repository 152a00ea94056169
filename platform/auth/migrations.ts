import type { Migration } from '../db/migrate.ts';
import { tenantTable } from '../db/tenantTable.ts';

/**
 * Accounts and credentials. `faultline_auth` may find a tenant by its slug and the bearer of a secret across tenants,
 * and nothing else: no password hash, no address, no writing.
 */
export const authMigrations: readonly Migration[] = [
  {
    id: 'auth/0001-accounts',
    sql: `
create table tenant (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  operator boolean not null default false,
  created_at timestamptz not null
);
create unique index tenant_one_operator on tenant (operator) where operator;
alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant_own on tenant to faultline_app using (id = current_tenant()) with check (id = current_tenant());
create policy tenant_auth on tenant for select to faultline_auth using (true);
grant select, insert on tenant to faultline_app;
grant select on tenant to faultline_auth;

create table user_account (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  login text not null check (login = lower(login)),
  name text not null,
  email text,
  locale text not null,
  password_hash text not null,
  disabled_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, login)
);
${tenantTable('user_account', { app: 'select, insert, update' })}
create policy user_account_auth on user_account for select to faultline_auth using (true);
grant select (tenant_id, id, login, name, disabled_at) on user_account to faultline_auth;

create table user_role (
  tenant_id uuid not null,
  user_id uuid not null,
  role text not null,
  primary key (tenant_id, user_id, role),
  foreign key (tenant_id, user_id) references user_account (tenant_id, id)
);
${tenantTable('user_role', { app: 'select, insert, delete', auth: 'select' })}

create table session (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  secret_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references user_account (tenant_id, id)
);
create index session_by_user on session (tenant_id, user_id, created_at);
${tenantTable('session', { app: 'select, insert, delete', auth: 'select' })}

create table api_token (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  name text not null,
  permissions text[] not null,
  secret_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references user_account (tenant_id, id)
);
create index api_token_by_user on api_token (tenant_id, user_id, created_at);
${tenantTable('api_token', { app: 'select, insert, delete', auth: 'select' })}
`,
  },
  {
    id: 'auth/0002-links',
    sql: `
-- Secrets of links in messages: each lets whoever has it do one thing to one subject, without an account.
create table link_credential (
  tenant_id uuid not null,
  id uuid not null,
  secret_hash bytea not null unique,
  permission text not null,
  subject text not null,
  name text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, id)
);
create index link_credential_by_end on link_credential (tenant_id, expires_at);
${tenantTable('link_credential', { app: 'select, insert, delete', auth: 'select' })}
`,
  },
];
