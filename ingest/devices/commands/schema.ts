import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Commands to devices, each with its whole life; and which kinds need whose confirmation. */
export const deviceCommandMigration: Migration = {
  id: 'ingest/0203-device-commands',
  sql: `
    create table device_command_rule (
      tenant_id uuid not null references tenant (id),
      kind text collate "C" not null,
      confirmation text not null check (confirmation in ('none', 'anyone', 'another')),
      expires_in_ms bigint not null check (expires_in_ms > 0),
      primary key (tenant_id, kind)
    );
    ${tenantTable('device_command_rule')}

    create table device_command (
      tenant_id uuid not null,
      id uuid not null,
      device_id uuid not null,
      kind text collate "C" not null,
      body jsonb not null,
      state text not null check (state in ('proposed', 'rejected', 'cancelled', 'confirmed', 'sent', 'done', 'failed',
        'expired', 'timed_out')),
      confirmation text not null,
      proposed_at timestamptz not null,
      proposed_by_id uuid,
      proposed_by text not null,
      decided_at timestamptz,
      decided_by text,
      note text,
      expires_at timestamptz not null,
      sent_at timestamptz,
      sends integer not null default 0,
      received_at timestamptz,
      answered_at timestamptz,
      answer jsonb,
      primary key (tenant_id, id),
      foreign key (tenant_id, device_id) references device (tenant_id, id)
    );
    create index device_command_of_device on device_command (tenant_id, device_id, id);
    create index device_command_to_send on device_command (tenant_id, device_id) where state in ('confirmed', 'sent');
    ${tenantTable('device_command', { app: 'select, insert, update', auth: 'select' })}

    -- Whoever looks for commands to send asks for connected devices only.
    create policy auth_across_tenants on device_presence to faultline_auth using (true);
    grant select on device_presence to faultline_auth;
  `,
};
