import { setTimeout as pause } from 'node:timers/promises';
import { HOW_TO_GET_INFLUXDB, type InfluxEngine, influxdbIsHere, startInfluxdb } from '../engines/influxdb.ts';
import type { FaultCase, FaultRig } from './faultCase.ts';
import { type FaultProxy, faultProxy } from './faultProxy.ts';
import { type Loaded, type LoadedOptions, loaded } from './loaded.ts';
import { metric } from './platform.ts';

/** What the cases on InfluxDB have in common. */
export const ON_INFLUX: Pick<FaultCase, 'on' | 'lacks'> = {
  on: 'InfluxDB',
  lacks: () => {
    if (process.env.TEST_INFLUX_URL) return 'a case kills and pauses InfluxDB: unset TEST_INFLUX_URL';
    return influxdbIsHere() ? null : HOW_TO_GET_INFLUXDB;
  },
};

/** The platform under load, storing into an InfluxDB of the case's own through a proxy that can misbehave. */
export interface LoadedOnInflux extends Loaded {
  readonly engine: InfluxEngine;
  readonly proxy: FaultProxy;
}

export async function loadedOnInflux(rig: FaultRig, options: LoadedOptions = {}): Promise<LoadedOnInflux> {
  const engine = await startInfluxdb();
  rig.atEnd(() => engine.stop());
  const proxy = await faultProxy(engine.url);
  rig.atEnd(() => proxy.stop());
  const env = { INFLUX_URL: proxy.url, INFLUX_ORG: engine.org, INFLUX_TOKEN: engine.token, ...options.env };
  const run = await loaded(rig, { ...options, env });
  return Object.defineProperties({ engine, proxy } as LoadedOnInflux, Object.getOwnPropertyDescriptors(run));
}

/** The path of requests that write readings. */
export const isWrite = (path: string): boolean => path.startsWith('/api/v2/write');

/** Waits until storing is held, or goes on again; resolves with how long that took. */
export async function untilHeld(run: Loaded, held: boolean, withinMs = 60_000): Promise<number> {
  const startedMs = performance.now();
  while ((await metric(run.api, 'faultline_ingest_store_held')) !== (held ? 1 : 0)) {
    if (performance.now() - startedMs > withinMs) throw new Error(`storing is ${held ? 'not held' : 'still held'}`);
    await pause(50);
  }
  return performance.now() - startedMs;
}
