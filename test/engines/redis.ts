import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './absent.ts';

/** A running Redis that keeps what it is given. */
export interface RedisEngine {
  url: string;
  stop(): Promise<void>;
}

export const HOW_TO_GET_REDIS = 'apt-get install redis-server, or set TEST_REDIS_URL';

/** Whether Redis can be had here. */
export function redisIsHere(): boolean {
  if (process.env.TEST_REDIS_URL) return true;
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/** The Redis of `TEST_REDIS_URL`, or one of our own on a free port and a throw-away folder. */
export async function startRedis(): Promise<RedisEngine> {
  if (process.env.TEST_REDIS_URL) return { url: process.env.TEST_REDIS_URL, stop: async () => undefined };
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'faultline-redis-'));
  const flags = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  };
  const child = spawn(
    'redis-server',
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await new Promise<void>((ready, fail) => {
    child.once('exit', (code) => fail(new Error(`redis-server ended with ${code}`)));
    child.stdout.on('data', (chunk: Buffer) => chunk.includes('Ready to accept connections') && ready());
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
