import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { freePort } from './absent.ts';
import { answers, endServer, launchServer } from './serverProcess.ts';

export const INFLUXD_VERSION = '2.7.12';
export const HOW_TO_GET_INFLUXDB =
  'run test/engines/build-influxd.sh (Go, Rust and 5 minutes), or set TEST_INFLUX_URL, TEST_INFLUX_ORG and TEST_INFLUX_TOKEN (an all-access token)';

const CACHED = join(homedir(), '.cache', 'faultline-engines', `influxd-${INFLUXD_VERSION}`);
/** A build that lies beside the project, packed. */
const PACKED = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'shared',
  'engines',
  `influxd-${INFLUXD_VERSION}-linux-x64.zst`,
);
const READY_WITHIN_MS = 30_000;

/** A running InfluxDB 2.7 with an organisation and a token that may do everything in it. */
export interface InfluxEngine {
  url: string;
  org: string;
  token: string;
  /** The server's process; null when it is somebody else's (`TEST_INFLUX_URL`), which must not be killed. */
  pid(): number | null;
  /** Ends the server as a crash would, keeping its data. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether InfluxDB can be had here. */
export function influxdbIsHere(): boolean {
  if (process.env.TEST_INFLUX_URL) return true;
  return existsSync(CACHED) || (process.platform === 'linux' && process.arch === 'x64' && existsSync(PACKED));
}

/** The InfluxDB of `TEST_INFLUX_URL`, or one of our own on a free port and a throw-away folder. */
export async function startInfluxdb(): Promise<InfluxEngine> {
  const given = process.env.TEST_INFLUX_URL;
  if (given) return foreign(given.replace(/\/$/, ''));
  const binary = unpacked();
  const folder = mkdtempSync(join(tmpdir(), 'faultline-influxdb-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child = await launched(binary, folder, port);
  const [org, token] = ['faultline', randomBytes(24).toString('hex')];
  await setUp(url, org, token);
  const end = (signal: NodeJS.Signals) => endServer(child, signal);
  return {
    url,
    org,
    token,
    pid: () => child.pid ?? null,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      child = await launched(binary, folder, port);
    },
    stop: async () => {
      await end('SIGKILL'); // nothing of it is kept
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function foreign(url: string): InfluxEngine {
  const no = async () => {
    throw new Error('the InfluxDB of TEST_INFLUX_URL is not ours to stop');
  };
  return {
    url,
    org: process.env.TEST_INFLUX_ORG ?? 'faultline',
    token: process.env.TEST_INFLUX_TOKEN ?? '',
    pid: () => null,
    kill: no,
    restart: no,
    stop: async () => undefined,
  };
}

/** The server's program, unpacked into the cache when only the packed one is here. */
function unpacked(): string {
  if (existsSync(CACHED)) return CACHED;
  if (!existsSync(PACKED)) throw new Error(`no InfluxDB on this machine: ${HOW_TO_GET_INFLUXDB}`);
  mkdirSync(join(CACHED, '..'), { recursive: true });
  const own = `${CACHED}.${process.pid}`; // several test files may unpack at once
  writeFileSync(own, zstdDecompressSync(readFileSync(PACKED)), { mode: 0o755 });
  renameSync(own, CACHED);
  return CACHED;
}

function launched(binary: string, folder: string, port: number): Promise<ChildProcess> {
  const flags = [
    ...['--bolt-path', join(folder, 'influxd.bolt'), '--engine-path', join(folder, 'engine')],
    ...['--sqlite-path', join(folder, 'influxd.sqlite')],
    ...['--http-bind-address', `127.0.0.1:${port}`, '--log-level', 'error', '--reporting-disabled'],
  ];
  return launchServer(binary, flags, {
    spawn: { stdio: ['ignore', 'ignore', 'inherit'] },
    isReady: () => answers(`http://127.0.0.1:${port}/health`, ({ ok }) => ok),
    readyWithinMs: READY_WITHIN_MS,
  });
}

async function setUp(url: string, org: string, token: string): Promise<void> {
  const password = randomBytes(16).toString('hex');
  const answer = await fetch(`${url}/api/v2/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'faultline', password, org, bucket: 'unused', token }),
  });
  if (!answer.ok) throw new Error(`InfluxDB refused its set-up: ${answer.status} ${await answer.text()}`);
}
