import { type Migration, tenantTable } from '../platform/index.ts';

export const notifyMigrations: readonly Migration[] = [
  {
    id: 'notify/0001-notifications',
    sql: `
create table notification (
  tenant_id uuid not null,
  id uuid not null,
  recipient_ref text not null,
  recipient_name text not null,
  recipient_email text,
  recipient_phone text,
  recipient_locale text not null,
  template text not null,
  params json not null,
  link text,
  dedupe_key text not null,
  status text not null check (status in ('pending', 'sending', 'retrying', 'sent', 'dead', 'undeliverable')),
  reason text,
  attempts int not null default 0,
  -- Of the failures that count against the limit; sending again by hand starts a new count.
  failures int not null default 0,
  refused_by text[] not null default '{}',
  next_attempt_at timestamptz,
  claimed_until timestamptz,
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, recipient_ref, dedupe_key)
);
-- Each index costs a message as much as a tenth of all else about it. Someone's own messages are found by the unique
-- key's first columns and by address; those that need a look, by their status. The other states are found from the
-- primary key's end: pending and sending are the newest, and sent are nearly all.
create index notification_by_email on notification (tenant_id, lower(recipient_email));
create index notification_failing on notification (tenant_id, status, id)
  where status in ('retrying', 'dead', 'undeliverable');
${tenantTable('notification', { app: 'select, insert, update' })}

create table notification_attempt (
  tenant_id uuid not null,
  notification_id uuid not null,
  attempt int not null,
  channel text not null,
  address text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- Null while it runs; for ever null when the process died meanwhile: nobody knows whether the message arrived.
  outcome text check (outcome in ('sent', 'failed', 'refused')),
  reason text,
  primary key (tenant_id, notification_id, attempt),
  foreign key (tenant_id, notification_id) references notification (tenant_id, id)
);
${tenantTable('notification_attempt', { app: 'select, insert, update' })}

create table notification_channel (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  kind text not null check (kind in ('smtp', 'webhook')),
  settings jsonb not null,
  sealed_secret bytea,
  rank int not null,
  enabled boolean not null,
  revision uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
${tenantTable('notification_channel', { app: 'select, insert, update, delete' })}
`,
  },
  {
    id: 'notify/0002-answer-links',
    sql: `
-- A link that lets its reader answer without an account: whoever has it may, so it is kept sealed.
alter table notification add column sealed_answer_link bytea;
`,
  },
];
