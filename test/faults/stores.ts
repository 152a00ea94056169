import { absent } from '../engines/absent.ts';
import { HOW_TO_GET_INFLUXDB, influxdbIsHere, startInfluxdb } from '../engines/influxdb.ts';
import type { FaultCase, StartStore } from './faultCase.ts';

/** The platform's own PostgreSQL, which refuses readings: the role that stores them may no longer write any. */
export const postgresStore: StartStore = async () => ({
  name: 'PostgreSQL',
  env: {},
  gone: async (run) => void (await run.pg!.asOwner('revoke insert on telemetry from faultline_shipper')),
  back: async (run) => void (await run.pg!.asOwner('grant insert on telemetry to faultline_shipper')),
});

/** An InfluxDB of the case's own, which is killed and started again. */
export const influxStore: StartStore = async (atEnd) => {
  if (!influxdbIsHere() && !absent('InfluxDB', HOW_TO_GET_INFLUXDB)) throw new Error('there is no InfluxDB here');
  const engine = await startInfluxdb();
  atEnd(() => engine.stop());
  return {
    name: 'InfluxDB',
    env: { INFLUX_URL: engine.url, INFLUX_ORG: engine.org, INFLUX_TOKEN: engine.token },
    gone: () => engine.kill(),
    back: () => engine.restart(),
  };
};

/** The same case with its readings in InfluxDB. */
export function onInfluxdb(one: FaultCase): FaultCase {
  return {
    ...one,
    on: 'InfluxDB',
    store: influxStore,
    lacks: () => one.lacks?.() ?? (influxdbIsHere() ? null : HOW_TO_GET_INFLUXDB),
  };
}

export const STORES: Readonly<Record<string, StartStore>> = { postgresql: postgresStore, influxdb: influxStore };
