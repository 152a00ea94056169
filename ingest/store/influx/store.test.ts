import { afterAll, beforeAll, describe } from 'vitest';
import { createLog, systemClock } from '../../../platform/index.ts';
import { readingBackContract } from '../../../test/contracts/readingBack.ts';
import { telemetryStoreContract } from '../../../test/contracts/telemetryStore.ts';
import { absent } from '../../../test/engines/absent.ts';
import {
  HOW_TO_GET_INFLUXDB,
  type InfluxEngine,
  influxdbIsHere,
  startInfluxdb,
} from '../../../test/engines/influxdb.ts';
import { testDatabase } from '../../../test/engines/postgres.ts';
import { storingMigrations } from '../../migrations.ts';
import { influxTelemetryStore } from './telemetryStore.ts';

describe.runIf(influxdbIsHere() || absent('InfluxDB', HOW_TO_GET_INFLUXDB))('on a real InfluxDB', () => {
  let engine: InfluxEngine;
  beforeAll(async () => {
    engine = await startInfluxdb();
  });
  afterAll(() => engine.stop());

  const open = async () => {
    const pg = await testDatabase(storingMigrations);
    const store = influxTelemetryStore({
      db: pg.db,
      clock: systemClock(),
      log: createLog('silent'),
      settings: {
        url: engine.url,
        org: engine.org,
        token: engine.token,
        bucket: 'test',
        rawDays: 3650,
        rollupDays: 3650,
      },
    });
    return {
      store,
      db: pg.db,
      stop: async () => {
        await store.close();
        await pg.stop();
      },
    };
  };
  telemetryStoreContract('InfluxDB', open);
  readingBackContract('InfluxDB', open);
});
