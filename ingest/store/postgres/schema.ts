import { type Migration, tenantTable } from '../../../platform/index.ts';

/** Columns of telemetry and waveform that say whose, when and which; see `readings.ts` for their meaning. */
const origin = `
  tenant_id uuid not null,
  device text collate "C" not null,
  point text collate "C" not null,
  time_ns bigint not null,
  identity uuid not null,
  arrival_ns bigint not null,
  device_time_ns bigint,
  sent_at_ns bigint,
  future boolean not null,
  corrected boolean not null,
  arrival_timed boolean not null`;

/**
 * Telemetry and waveforms, one partition per UTC day of the reading's time. Partitions belong to the owner, who alone
 * may make and drop them: the shipper asks through the two functions below, which accept these two tables only.
 */
export const storeMigration: Migration = {
  id: 'ingest/0101-store',
  sql: `
    create table telemetry (${origin},
      value double precision not null,
      unit text,
      primary key (tenant_id, device, point, time_ns, identity)
    ) partition by range (time_ns);
    ${tenantTable('telemetry', { app: 'select', shipper: 'select, insert' })}

    create table telemetry_latest (
      tenant_id uuid not null,
      device text collate "C" not null,
      point text collate "C" not null,
      time_ns bigint not null,
      identity uuid not null,
      arrival_ns bigint not null,
      value double precision not null,
      unit text,
      primary key (tenant_id, device, point)
    ) with (fillfactor = 70);
    ${tenantTable('telemetry_latest', { app: 'select', shipper: 'select, insert, update' })}

    create table waveform (${origin},
      sampling_rate_hz double precision not null,
      unit text not null,
      axis text,
      speed_rpm double precision,
      load_percent double precision,
      scale double precision not null,
      encoding text not null,
      sample_count integer not null,
      samples bytea not null,
      primary key (tenant_id, device, point, time_ns, identity)
    ) partition by range (time_ns);
    -- Noise does not compress: spare the attempt, and let a header be read without its samples.
    alter table waveform alter column samples set storage external;
    create index waveform_identity on waveform (tenant_id, identity);
    create index waveform_time on waveform (tenant_id, time_ns, identity);
    ${tenantTable('waveform', { app: 'select', shipper: 'select, insert' })}

    create table waveform_keep (
      tenant_id uuid not null,
      identity uuid not null,
      reason text not null,
      kept_at timestamptz not null default now(),
      primary key (tenant_id, identity, reason)
    );
    ${tenantTable('waveform_keep', { app: 'select, insert, delete', shipper: 'select, insert, delete' })}
    -- ingest_expire_partition runs as the owner and must see what every tenant keeps, or it would drop proof.
    alter table waveform_keep no force row level security;

    -- Identities of units whose time may differ between deliveries; rows older than the window are swept.
    create table ingest_seen (
      tenant_id uuid not null,
      identity uuid not null,
      arrival_ns bigint not null,
      primary key (tenant_id, identity)
    );
    create index ingest_seen_arrival on ingest_seen (arrival_ns);
    ${tenantTable('ingest_seen', { app: 'none', shipper: 'select, insert, delete' })}

    create function ingest_partition_name(parent text, from_ns bigint) returns text
      language plpgsql immutable set search_path = pg_catalog, public as $$
    begin
      if parent not in ('telemetry', 'waveform') then raise exception 'not a table of readings: %', parent; end if;
      if from_ns < 0 or from_ns % 86400000000000 <> 0 then raise exception 'not the start of a day: %', from_ns; end if;
      return parent || '_' || to_char(to_timestamp(from_ns / 1000000000) at time zone 'UTC', 'YYYYMMDD');
    end $$;

    create function ingest_create_partition(parent text, from_ns bigint) returns boolean
      language plpgsql security definer set search_path = pg_catalog, public as $$
    declare
      partition text := public.ingest_partition_name(parent, from_ns);
    begin
      perform pg_advisory_xact_lock(hashtextextended('faultline partitions of ' || parent, 0));
      if to_regclass('public.' || partition) is not null then return false; end if;
      -- Made apart and attached: unlike "partition of", that does not lock readers and writers out of the parent.
      execute format('create table public.%I (like public.%I including defaults including constraints including storage)', partition, parent);
      execute format('revoke all on public.%I from public', partition);
      execute format('alter table public.%I enable row level security', partition);
      execute format('alter table public.%I attach partition public.%I for values from (%s) to (%s)',
        parent, partition, from_ns, from_ns + 86400000000000);
      return true;
    end $$;

    -- Empties one day of what may go, says how much of whose that was, and drops the partition if nothing is left.
    create function ingest_expire_partition(parent text, from_ns bigint)
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

    create function ingest_partitions(parent text) returns table (from_ns bigint)
      language sql stable security definer set search_path = pg_catalog, public as $$
      select (to_date(right(c.relname, 8), 'YYYYMMDD') - date '1970-01-01')::bigint * 86400000000000
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = to_regclass('public.' || parent)
      order by 1
    $$;

    revoke all on function ingest_partition_name(text, bigint), ingest_create_partition(text, bigint),
      ingest_expire_partition(text, bigint), ingest_partitions(text) from public;
    grant execute on function ingest_create_partition(text, bigint), ingest_expire_partition(text, bigint),
      ingest_partitions(text) to faultline_shipper;
  `,
};
