import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LoadDevice } from '../../../simulators/load/index.ts';
import { type InfluxEngine, startInfluxdb } from '../../engines/influxdb.ts';
import { recommendedAcl, startMosquitto } from '../../engines/mosquitto.ts';
import { throwawayServer } from '../../engines/postgres.ts';
import { endServer } from '../../engines/serverProcess.ts';
import { faultPlatform, registerDevices } from '../../faults/platform.ts';
import type { Measured } from './processes.ts';
import { telegrafConfiguration } from './telegraf.ts';

export type Part = 'consumer' | 'InfluxDB' | 'broker';

/** One way from a publisher to a query of InfluxDB. */
export interface Contender {
  readonly name: string;
  readonly mqttUrl: string;
  readonly devices: readonly LoadDevice[];
  /** The broker's process first, if it has one of its own. */
  processes(): Measured[];
  /** Which parts can be killed and come back. */
  readonly parts: readonly Part[];
  kill(part: Part): Promise<void>;
  restart(part: Part): Promise<void>;
  /** InfluxQL on the bucket where the readings are: rows of values, times in nanoseconds. */
  query(statement: string): Promise<unknown[][]>;
  stop(): Promise<void>;
}

const DEVICES = Array.from({ length: 16 }, (_, index) => `press-${index}`);
const FAULTLINE = { name: 'faultline', password: 'bench' };
export const TELEGRAF = process.env.TELEGRAF ?? '/root/go/bin/telegraf';
const BUCKET = 'telegraf';

export function telegrafVersion(): string | null {
  try {
    return execFileSync(TELEGRAF, ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** Faultline with its own broker, or behind Mosquitto. PostgreSQL syncs to disk, as in production. */
export async function faultline(behindMosquitto: boolean): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const influx = await startInfluxdb();
  const postgres = await throwawayServer();
  const mosquitto = behindMosquitto
    ? await startMosquitto({ users: [FAULTLINE], acl: recommendedAcl(FAULTLINE.name) })
    : null;
  const platform = await faultPlatform(folder, {
    ...{ DATABASE_URL: postgres.url, FAULTLINE_SECRET_KEY: 'the secret key of a bench, and nothing else' },
    ...{ INFLUX_URL: influx.url, INFLUX_ORG: influx.org, INFLUX_TOKEN: influx.token },
    ...(mosquitto ? { MQTT_URL: mosquitto.url(FAULTLINE) } : {}),
  });
  platform.args = ['--roles', 'ingest,api'];
  const api = await platform.start();
  const devices = await registerDevices(api, DEVICES);
  mosquitto?.addUsers(devices.map(({ username, password }) => ({ name: username, password })));
  const { tenant } = await api.get<{ tenant: { slug: string; id: string } }>('/api/v1/session');
  const postmaster = Number(readFileSync(join(postgres.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
  await pause(500);
  return {
    name: behindMosquitto ? 'Faultline behind Mosquitto' : 'Faultline, embedded broker',
    mqttUrl: mosquitto?.url() ?? platform.mqttUrl,
    devices,
    processes: () => [
      ...(mosquitto ? [{ role: 'broker' as const, pid: mosquitto.pid }] : []),
      { role: 'consumer', pid: platform.child.pid },
      { role: 'InfluxDB', pid: influx.pid()! },
      { role: 'PostgreSQL', pid: postmaster },
    ],
    parts: mosquitto ? ['consumer', 'InfluxDB', 'broker'] : ['consumer', 'InfluxDB'],
    kill: (part) => (part === 'consumer' ? platform.kill() : part === 'broker' ? mosquitto!.kill() : influx.kill()),
    restart: async (part) => {
      if (part === 'consumer') await platform.start();
      else if (part === 'broker') await mosquitto!.start();
      else await influx.restart();
    },
    query: async (statement) => influxQl(influx, await bucketOf(influx, tenant.id), statement),
    stop: async () => {
      await platform.end();
      await mosquitto?.stop();
      await influx.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Mosquitto and Telegraf, with the same users, rights, devices and payloads. */
export async function telegraf(): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  mkdirSync(folder, { recursive: true });
  const influx = await startInfluxdb();
  await influxCall(influx, 'POST', '/api/v2/buckets', {
    ...{ orgID: await organisation(influx), name: BUCKET, retentionRules: [] },
  });
  const devices: LoadDevice[] = DEVICES.map((name) => ({
    ...{ name, topic: `fl/1/default/${name}/telemetry`, username: `default/${name}`, password: `secret of ${name}` },
  }));
  const users = [FAULTLINE, ...devices.map(({ username, password }) => ({ name: username, password }))];
  const mosquitto = await startMosquitto({
    ...{ users, acl: recommendedAcl(FAULTLINE.name) },
    more: ['max_queued_messages 0', 'max_queued_bytes 0', 'max_inflight_messages 0', 'autosave_interval 60'],
  });
  const file = join(folder, 'telegraf.conf');
  writeFileSync(file, telegrafConfiguration({ mosquitto, user: FAULTLINE, influx, bucket: BUCKET }));
  const launch = () => spawn(TELEGRAF, ['--config', file, '--quiet'], { stdio: ['ignore', 'ignore', 'inherit'] });
  let child = launch();
  const end = (signal: NodeJS.Signals) => endServer(child, signal);
  await pause(3_000);
  return {
    name: 'Mosquitto + Telegraf 1.37.2',
    mqttUrl: mosquitto.url(),
    devices,
    processes: () => [
      { role: 'broker', pid: mosquitto.pid },
      { role: 'consumer', pid: child.pid! },
      { role: 'InfluxDB', pid: influx.pid()! },
    ],
    parts: ['consumer', 'InfluxDB', 'broker'],
    kill: (part) => (part === 'consumer' ? end('SIGKILL') : part === 'broker' ? mosquitto.kill() : influx.kill()),
    restart: async (part) => {
      if (part === 'consumer') child = launch();
      else if (part === 'broker') await mosquitto.start();
      else await influx.restart();
    },
    query: (statement) => influxQl(influx, BUCKET, statement),
    stop: async () => {
      await end('SIGTERM');
      await mosquitto.stop();
      await influx.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Kept out of the contenders' way: every contender is asked by the same statement. */
async function influxQl(influx: InfluxEngine, bucket: string | null, statement: string): Promise<unknown[][]> {
  if (bucket === null) return [];
  const query = new URLSearchParams({ org: influx.org, db: bucket, epoch: 'ns', q: statement });
  const response = await fetch(`${influx.url}/query?${query}`, { headers: { authorization: `Token ${influx.token}` } });
  if (!response.ok) throw new Error(`InfluxDB answered ${response.status}: ${await response.text()}`);
  const text = (await response.text()).replace(/\[(\d{17,})(?=[,\]])/g, '["$1"'); // nanoseconds exceed a double
  const { results } = JSON.parse(text) as { results: { series?: { values: unknown[][] }[]; error?: string }[] };
  if (results[0]?.error) throw new Error(results[0].error);
  return results[0]?.series?.flatMap(({ values }) => values) ?? [];
}

async function bucketOf(influx: InfluxEngine, tenantId: string): Promise<string | null> {
  const { buckets } = await influxCall<{ buckets: { name: string }[] }>(influx, 'GET', '/api/v2/buckets?limit=100');
  return buckets.find(({ name }) => name.includes(tenantId) && name.endsWith('-raw'))?.name ?? null;
}

async function organisation(influx: InfluxEngine): Promise<string> {
  const { orgs } = await influxCall<{ orgs: { id: string }[] }>(influx, 'GET', `/api/v2/orgs?org=${influx.org}`);
  return orgs[0]!.id;
}

async function influxCall<T>(influx: InfluxEngine, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${influx.url}${path}`, {
    method,
    headers: { authorization: `Token ${influx.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`InfluxDB answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
