import type { Database } from '../../../platform/index.ts';
import type { TelemetryStore } from '../telemetryStore.ts';
import { expireBefore } from './expire.ts';
import { dayOf, type Partitions } from './partitions.ts';
import { guarded, lacksPartition } from './rowFault.ts';
import { countReadings, readLatest, readRange, readSeries } from './telemetryRead.ts';
import { readExtremes, readWindows } from './telemetryWindows.ts';
import { insertReadings, moveLatest } from './telemetryWrite.ts';

/** Telemetry in day partitions of the system of record, written in the shipper's own transaction. */
export function postgresTelemetryStore(db: Database, partitions: Partitions): TelemetryStore {
  return {
    write: async (tx, batch) => {
      if (batch.length === 0) return new Uint8Array(0);
      await partitions.ensure(
        tx,
        'telemetry',
        batch.map((reading) => dayOf(reading.timeNs)),
      );
      try {
        return await guarded(tx, async () => {
          const outcome = await insertReadings(tx, batch);
          await moveLatest(tx, batch);
          return outcome;
        });
      } catch (error) {
        if (lacksPartition(error)) partitions.forget(); // retention took it in between: the next attempt makes it again
        throw error;
      }
    },
    range: (tenantId, series, fromNs, toNs, { limit, after }) =>
      db.tenant(tenantId, (tx) => readRange(tx, series, fromNs, toNs, limit, after)),
    windows: (tenantId, series, fromNs, toNs, options) =>
      db.tenant(tenantId, (tx) => readWindows(tx, series, fromNs, toNs, options)),
    extremes: (tenantId, series, fromNs, toNs, options) =>
      db.tenant(tenantId, (tx) => readExtremes(tx, series, fromNs, toNs, options)),
    latest: (tenantId, series) => db.tenant(tenantId, (tx) => readLatest(tx, series)),
    series: (tenantId, device) => db.tenant(tenantId, (tx) => readSeries(tx, device)),
    count: (tenantId, filter = {}, within) =>
      within ? countReadings(within, filter) : db.tenant(tenantId, (tx) => countReadings(tx, filter)),
    expire: (beforeNs, settle) => expireBefore(db, partitions, 'telemetry', beforeNs, settle),
  };
}
