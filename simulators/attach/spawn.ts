import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A platform that runs as a child of this process. */
export interface SpawnedPlatform {
  httpUrl: string;
  mqttUrl: string;
  adminPassword: string;
  pid: number;
  /** Memory that the platform's own process occupies; 0 where there is no /proc. */
  residentBytes: () => number;
  /** Rejects when the platform ends by itself. */
  ended: Promise<never>;
  /** The last lines that it wrote, for a failure message. */
  output: () => string;
  stop(): Promise<void>;
}

export interface SpawnOptions {
  /** Kept over runs; absent: a fresh folder that is removed at the end. */
  dataDir?: string;
  adminPassword?: string;
  /** Of the program, e.g. `--roles`. */
  args?: readonly string[];
  env?: Record<string, string>;
  /** File descriptors that the program may have open. */
  openFiles?: number;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 15_000;
const KEPT_OUTPUT = 8_000;

/**
 * Starts `main.ts` on free ports and waits until it is ready. An IPC channel joins the two: the platform stops when
 * this process is gone, however it went.
 */
export async function spawnPlatform(options: SpawnOptions = {}): Promise<SpawnedPlatform> {
  const temporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'faultline-')));
  const adminPassword = options.adminPassword ?? randomBytes(18).toString('base64url');
  const program = [process.execPath, 'main.ts', ...(options.args ?? [])];
  // Node raises its soft limit to the hard one: the shell lowers both.
  const limited = ['sh', '-c', 'ulimit -n "$0" && exec "$@"', String(options.openFiles), ...program];
  const [command, ...args] = options.openFiles === undefined ? program : limited;
  const child = spawn(command!, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      LOG_LEVEL: 'warn',
      HTTP_PORT: '0',
      MQTT_PORT: '0',
      DATA_DIR: dataDir,
      FAULTLINE_ADMIN_PASSWORD: adminPassword,
      ...options.env,
    },
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);

  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await end(child, exited);
    if (temporary) await rm(dataDir, { recursive: true, force: true });
  };
  const ended = exited.then((): never => {
    throw new Error(
      stopping
        ? 'the platform was stopped'
        : `the platform ended by itself (${child.exitCode ?? child.signalCode}):\n${output}`,
    );
  });
  ended.catch(() => undefined);
  try {
    const ready = await Promise.race([readyMessage(child), ended]);
    return {
      ...ready,
      adminPassword,
      pid: child.pid!,
      residentBytes: () => residentBytes(child.pid!),
      ended,
      output: () => output,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function residentBytes(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line ? Number(line[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}

function readyMessage(child: ChildProcess): Promise<{ httpUrl: string; mqttUrl: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the platform was not ready in ${START_MS / 1000} s`)), START_MS);
    timer.unref();
    child.on('message', (message: { ready?: { httpUrl: string; mqttUrl: string } }) => {
      if (!message?.ready) return;
      clearTimeout(timer);
      resolve(message.ready);
    });
    child.once('error', reject);
  });
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}
