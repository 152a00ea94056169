import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Blocks whose samples are objects: the row stays, says where they are and what they must look like. */
export const waveformObjectsMigration: Migration = {
  id: 'ingest/0230-waveform-objects',
  sql: `
    alter table waveform
      alter column samples drop not null,
      add column object_key text,
      add column object_packing text,
      add column object_bytes integer,
      add column object_sha256 bytea,
      add constraint waveform_samples_somewhere check ((samples is null) <> (object_key is null));

    -- Objects whose row is gone, or which never got one: written in the transaction that makes them so, deleted after it.
    create table waveform_garbage (
      tenant_id uuid not null,
      object_key text not null,
      since timestamptz not null default now(),
      primary key (tenant_id, object_key)
    );
    ${tenantTable('waveform_garbage', { app: 'none', shipper: 'select, insert, update, delete' })}
    -- ingest_expire_partition runs as the owner and writes for every tenant.
    alter table waveform_garbage no force row level security;

    create or replace function ingest_expire_partition(parent text, from_ns bigint)
      returns table (tenant_id uuid, device text, units bigint)
      language plpgsql security definer set search_path = pg_catalog, public as $$
    declare
      partition text := public.ingest_partition_name(parent, from_ns);
      remaining boolean := false;
    begin
      set local lock_timeout = '5s';
      perform pg_advisory_xact_lock(hashtextextended('faultline partitions of ' || parent, 0));
      if to_regclass('public.' || partition) is null then return; end if;
      -- Nothing may slip in between counting and dropping.
      execute format('lock table public.%I in share row exclusive mode', partition);
      if parent = 'waveform' then
        execute format('select exists (select from public.%I w join public.waveform_keep k using (tenant_id, identity))', partition) into remaining;
        execute format(
          'insert into public.waveform_garbage (tenant_id, object_key)
             select w.tenant_id, w.object_key from public.%I w where w.object_key is not null and not exists
               (select from public.waveform_keep k where k.tenant_id = w.tenant_id and k.identity = w.identity)
           on conflict do nothing', partition);
      end if;
      if remaining then
        return query execute format(
          'with gone as (delete from public.%I w where not exists
             (select from public.waveform_keep k where k.tenant_id = w.tenant_id and k.identity = w.identity)
           returning w.tenant_id, w.device)
           select g.tenant_id, g.device, count(*) from gone g group by 1, 2', partition);
      else
        return query execute format('select p.tenant_id, p.device::text, count(*) from public.%I p group by 1, 2', partition);
        execute format('drop table public.%I', partition);
      end if;
    end $$;
  `,
};
