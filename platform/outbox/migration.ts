import type { Migration } from '../db/migrate.ts';
import { tenantTable } from '../db/tenantTable.ts';

export const outboxMigration: Migration = {
  id: 'platform/0002-outbox',
  sql: `
    create table event (
      tenant_id uuid not null,
      id uuid primary key,
      type text not null,
      payload jsonb not null,
      occurred_at timestamptz not null
    );
    create index event_by_age on event (occurred_at);
    ${tenantTable('event', { app: 'select, insert', relay: 'select, delete' })}

    create table event_delivery (
      tenant_id uuid not null,
      event_id uuid not null references event (id) on delete cascade,
      consumer text not null,
      due_at timestamptz not null,
      attempts int not null default 0,
      last_error text,
      done_at timestamptz,
      dead_at timestamptz,
      primary key (event_id, consumer)
    );
    create index event_delivery_due on event_delivery (due_at) where done_at is null and dead_at is null;
    create index event_delivery_dead on event_delivery (tenant_id, dead_at) where dead_at is not null;
    ${tenantTable('event_delivery', { app: 'select, insert, update', relay: 'select, update' })}
  `,
};
