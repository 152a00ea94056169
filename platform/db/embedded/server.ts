import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { reasonOf } from '../../errors/errors.ts';
import { databaseErrors } from '../errors.ts';
import { postgresBinaries } from './binaries.ts';
import { renameDurably } from './durable.ts';
import { guardedCommand } from './guard.ts';
import { stopLeftover } from './leftover.ts';
import { reachableByOthers } from './reach.ts';
import { installationSecrets } from './secrets.ts';
import { type ServiceUser, serviceUser } from './serviceUser.ts';

/** A running PostgreSQL that belongs to this process. */
export interface EmbeddedServer {
  /** Connection text of the owning user, for migrations and the creation of roles. */
  readonly url: string;
  readonly dataDirectory: string;
  /** Tells of a server that ended without having been told to: started again, or given up. */
  onEvent(listener: (event: ServerEvent) => void): void;
  stop(): Promise<void>;
}

export interface ServerEvent {
  kind: 'restarting' | 'gave-up';
  reason: string;
}

export interface EmbeddedOptions {
  /** Server settings, on top of those for a small machine. */
  settings?: Readonly<Record<string, string>>;
  startTimeoutMs?: number;
}

const MOST_RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '192MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '10min',
  jit: 'off',
  log_min_messages: 'warning',
  timezone: 'UTC',
};

/**
 * Starts PostgreSQL on `dataDir`, creating the cluster on first use. The caller holds the directory's lock.
 * Crash-safe: a half-made cluster is thrown away, a server left over by a killed process is stopped first.
 */
export async function startEmbedded(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const user = serviceUser();
  const binaries = postgresBinaries(user !== undefined);
  const { postgresPassword } = installationSecrets(dataDir);
  const cluster = clusterFolder(dataDir, postgresPassword, user);
  await stopLeftover(cluster);
  if (!existsSync(cluster)) await createCluster(binaries, cluster, postgresPassword, user);

  const port = await freePort();
  const settings = { ...SETTINGS, ...options.settings, port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = urlOf(postgresPassword, port);
  const launch = async (): Promise<ChildProcess> => {
    const child = guardedCommand(join(binaries, 'bin', 'postgres'), ['-D', cluster, ...flags], user);
    await waitUntilReady(child, url, keepTail(child), options.startTimeoutMs ?? 60_000);
    return child;
  };
  return supervise(launch, await launch(), { url, dataDirectory: cluster, beforeRestart: () => stopLeftover(cluster) });
}

/** Connection text of the server that another process of ours runs on `dataDir`; undefined when none does. */
export function runningEmbedded(dataDir: string): string | undefined {
  const { postgresPassword } = installationSecrets(dataDir);
  const cluster = clusterFolder(dataDir, postgresPassword, serviceUser());
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const port = readFileSync(file, 'utf8').split('\n')[3]; // pid, folder, start, port
  return urlOf(postgresPassword, Number(port));
}

function urlOf(password: string, port: number): string {
  return `postgres://faultline:${password}@127.0.0.1:${port}/postgres`;
}

/** Keeps the server up: one that ends without being told is started again, unless it keeps ending. */
function supervise(
  launch: () => Promise<ChildProcess>,
  first: ChildProcess,
  server: { url: string; dataDirectory: string; beforeRestart: () => Promise<void> },
): EmbeddedServer {
  const listeners: ((event: ServerEvent) => void)[] = [];
  const tell = (event: ServerEvent) => {
    for (const listener of listeners) listener(event);
  };
  let stopping = false;
  let child = first;
  let exited: Promise<void> = Promise.resolve();
  const recentStartsMs: number[] = [];

  const watch = () => {
    const watched = child;
    exited = new Promise((done) => {
      const onExit = (code: number | null) => {
        done();
        if (!stopping) void restart(`exit code ${code}`);
      };
      if (watched.exitCode !== null || watched.signalCode !== null) onExit(watched.exitCode);
      else watched.once('exit', onExit);
    });
  };
  const restart = async (reason: string) => {
    const nowMs = Date.now();
    recentStartsMs.push(nowMs);
    while (recentStartsMs[0]! < nowMs - RESTART_WINDOW_MS) recentStartsMs.shift();
    if (recentStartsMs.length > MOST_RESTARTS) return tell({ kind: 'gave-up', reason });
    tell({ kind: 'restarting', reason });
    try {
      await server.beforeRestart();
      if (stopping) return;
      child = await launch();
      watch();
      if (stopping) child.stdin?.destroy();
    } catch (error) {
      // Backends of the fallen server may hold its shared memory a moment longer: try again, as often as is allowed.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (!stopping) await restart(reasonOf(error));
    }
  };
  watch();
  return {
    url: server.url,
    dataDirectory: server.dataDirectory,
    onEvent: (listener) => void listeners.push(listener),
    stop: async () => {
      stopping = true;
      child.stdin?.destroy(); // the guard reads the end of its input as the order to stop
      await exited;
    },
  };
}

/**
 * PostgreSQL's folder: inside the data directory, unless the service user could not reach it there. The outside one is
 * named by the installation's secret, so that a data directory made anew never meets an older one's cluster.
 */
function clusterFolder(dataDir: string, secret: string, user: ServiceUser | undefined): string {
  const inside = resolve(dataDir, 'postgres');
  if (!user) return inside;
  chmodSync(dataDir, 0o711);
  if (reachableByOthers(dataDir)) return inside;
  const name = createHash('sha256').update(secret).digest('hex').slice(0, 16);
  const outside = join('/var/lib/faultline', name);
  mkdirSync(outside, { recursive: true, mode: 0o711 });
  return join(outside, 'postgres');
}

async function createCluster(
  binaries: string,
  cluster: string,
  password: string,
  user: ServiceUser | undefined,
): Promise<void> {
  const building = `${cluster}.new`;
  const passwordFile = `${cluster}.pw`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) {
    for (const path of [building, passwordFile]) chownSync(path, user.uid, user.gid);
  }
  const args = ['-D', building, '-U', 'faultline', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'];
  try {
    await run(
      join(binaries, 'bin', 'initdb'),
      [...args, '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
      user,
    );
    renameDurably(building, cluster);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(command: string, args: string[], user: ServiceUser | undefined): Promise<void> {
  const child = spawn(command, args, { ...user, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  const output = keepTail(child);
  return new Promise((done, fail) => {
    child.once('error', (error) => fail(databaseErrors.DB_START({ reason: reasonOf(error), log: output() })));
    child.once('close', (code) =>
      code === 0 ? done() : fail(databaseErrors.DB_START({ reason: `initdb ended with ${code}`, log: output() })),
    );
  });
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  const take = (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  return () => tail.trim();
}

async function waitUntilReady(
  child: ChildProcess,
  url: string,
  output: () => string,
  timeoutMs: number,
): Promise<void> {
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = reasonOf(error);
  });
  child.once('exit', (code, signal) => {
    ended = `exit code ${code}, signal ${signal}`;
  });
  const deadline = Date.now() + timeoutMs;
  let last = 'no answer yet';
  while (!ended && Date.now() < deadline) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      last = reasonOf(error);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }
  child.stdin?.destroy();
  throw databaseErrors.DB_START({ reason: ended ?? `not ready in ${timeoutMs} ms (${last})`, log: output() });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
