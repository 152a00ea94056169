import { type Migration, tenantTable } from '../../../platform/index.ts';

/**
 * What PostgreSQL keeps about readings that live in InfluxDB: a row per series, and the state of retention and of
 * down-sampling. All of it is bounded by the number of series and of days.
 */
export const influxStoreMigration: Migration = {
  id: 'ingest/0210-influx-store',
  sql: `
    -- watermark_ns: no reading of the series with a later time was ever committed. The rest is its newest reading that
    -- does not lie in the future.
    create table influx_series (
      tenant_id uuid not null,
      device text collate "C" not null,
      point text collate "C" not null,
      watermark_ns bigint not null,
      time_ns bigint,
      arrival_ns bigint,
      value double precision,
      unit text,
      primary key (tenant_id, device, point)
    ) with (fillfactor = 60);
    ${tenantTable('influx_series', { app: 'select', shipper: 'select, insert, update' })}

    -- Days of which the ledger says that they are gone, and which InfluxDB may still hold.
    create table influx_expiring (
      tenant_id uuid not null,
      day_ns bigint not null,
      primary key (tenant_id, day_ns)
    );
    ${tenantTable('influx_expiring', { app: 'none', shipper: 'select, insert, delete' })}

    -- marked_ns: writers mark what they bring before it. rolled_ns: everything before it is down-sampled, but for the marks.
    create table influx_rollup (
      tenant_id uuid not null primary key,
      marked_ns bigint not null,
      rolled_ns bigint not null
    );
    ${tenantTable('influx_rollup', { app: 'select', shipper: 'select, insert, update' })}

    -- Hours of a device that changed after they were down-sampled; version tells whether they did so again.
    create table influx_rollup_mark (
      tenant_id uuid not null,
      device text collate "C" not null,
      hour_ns bigint not null,
      version bigint not null,
      primary key (tenant_id, device, hour_ns)
    );
    ${tenantTable('influx_rollup_mark', { app: 'select', shipper: 'select, insert, update, delete' })}
  `,
};
