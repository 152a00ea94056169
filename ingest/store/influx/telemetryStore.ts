import {
  type Clock,
  type Database,
  type Logger,
  loopService,
  reasonOf,
  type Service,
} from '../../../platform/index.ts';
import { storeErrors } from '../errors.ts';
import type { TelemetryStore } from '../telemetryStore.ts';
import { Buckets } from './buckets.ts';
import { InfluxConnection, InfluxUnavailable } from './connection.ts';
import { expireBefore, finishExpiring } from './expire.ts';
import { readExtremes } from './picks.ts';
import { countReadings, readRange } from './read.ts';
import { rollUp } from './rollup.ts';
import { readLatest, readSeries } from './series.ts';
import { readRolled, readWindows } from './windows.ts';
import { writeReadings } from './write.ts';

export interface InfluxStoreSettings {
  url: string;
  org: string;
  token: string;
  /** Begins the names of all buckets. */
  bucket: string;
  /** How long raw readings are kept; InfluxDB's own retention is set further out, as a backstop. */
  rawDays: number;
  /** How long what is down-sampled is kept. */
  rollupDays: number;
}

/** Telemetry in InfluxDB 2.7. As a service it keeps buckets, retention and down-sampling true while it runs. */
export interface InfluxTelemetryStore extends TelemetryStore, Service {
  /** Resolves when InfluxDB answers. */
  ping(): Promise<void>;
  /** One round of what the service does: buckets as they should be, days that are going gone, hours down-sampled. */
  upkeep(): Promise<void>;
  close(): Promise<void>;
}

const UPKEEP_MS = 60_000;
/** Offered at once: a lock and two statements for all of it, several requests. */
const BATCH_READINGS = 60_000;

export function influxTelemetryStore(deps: {
  db: Database;
  clock: Clock;
  log: Logger;
  settings: InfluxStoreSettings;
}): InfluxTelemetryStore {
  const { db, clock, log, settings } = deps;
  const connection = new InfluxConnection(settings, clock);
  const buckets = new Buckets(connection, {
    prefix: settings.bucket,
    keepDays: { raw: 2 * settings.rawDays + 7, '1m': settings.rollupDays, '1h': settings.rollupDays },
  });
  const door = { connection, buckets };

  const upkeep = async () => {
    await buckets.keepTrue();
    await finishExpiring(db, door);
    for (const tenantId of await buckets.tenants())
      await rollUp({ db, connection, buckets, clock, rawDays: settings.rawDays }, tenantId);
  };
  const run = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await upkeep().catch((error: unknown) =>
        log.error({ reason: reasonOf(error) }, 'InfluxDB could not be kept in order; it is tried again'),
      );
      await clock.sleep(UPKEEP_MS, signal);
    }
  };

  /** A tenant of whom nothing came has no buckets yet: make them rather than fail. */
  const reading = async <T>(tenantId: string, read: () => Promise<T>): Promise<T> => {
    try {
      await buckets.ensure(tenantId);
      return await read();
    } catch (error) {
      if (!(error instanceof InfluxUnavailable)) throw error;
      if (error.status === 404) buckets.forget();
      throw storeErrors.STORE_UNAVAILABLE({ reason: error.message }, { cause: error });
    }
  };

  return {
    batchReadings: BATCH_READINGS,
    write: async (tx, batch) => (batch.length === 0 ? new Uint8Array(0) : writeReadings(door, tx, batch)),
    range: (tenantId, series, fromNs, toNs, { limit, after }) =>
      reading(tenantId, () => readRange(door, tenantId, series, fromNs, toNs, limit, after)),
    windows: (tenantId, series, fromNs, toNs, options) =>
      reading(tenantId, async () => {
        const rolled = await readRolled(db, tenantId, series.device);
        return readWindows(door, tenantId, series, fromNs, toNs, { ...options, rolled });
      }),
    extremes: (tenantId, series, fromNs, toNs, options) =>
      reading(tenantId, () => readExtremes(door, tenantId, series, fromNs, toNs, options)),
    latest: (tenantId, series) => db.tenant(tenantId, (tx) => readLatest(tx, series)),
    series: (tenantId, device) => db.tenant(tenantId, (tx) => readSeries(tx, device)),
    count: (tenantId, filter = {}) => reading(tenantId, () => countReadings(door, tenantId, filter)),
    still: (work) =>
      db.as('shipper', async (tx) => {
        await tx.query(`set local lock_timeout = '5s'`);
        await tx.query('lock table influx_series in share mode');
        return work();
      }),
    expire: (beforeNs, settle) => expireBefore(db, door, beforeNs, settle),
    ping: () => connection.ping(),
    upkeep,
    close: () => connection.close(),
    ...loopService(run),
  };
}
