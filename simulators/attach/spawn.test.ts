import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { attach, spawnPlatform } from './index.ts';

const answers = (httpUrl: string) =>
  fetch(`${httpUrl}/health`).then(
    (response) => response.ok,
    () => false,
  );

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
});

describe('a platform started as a child', { timeout: 60_000 }, () => {
  it('serves who signs in, and is gone after stop', async () => {
    const system = await attach({});
    expect(system.tenant).toBe('default');
    expect(await answers(system.httpUrl)).toBe(true);
    await system.stop();
    expect(await answers(system.httpUrl)).toBe(false);
  });

  it('stops when its parent is killed', async () => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-orphan-'));
    const parent = fork(fileURLToPath(new URL('./orphan.fixture.ts', import.meta.url)), [folder]);
    const { httpUrl, pid } = await new Promise<{ httpUrl: string; pid: number }>((resolve) =>
      parent.once('message', resolve as never),
    );
    expect(await answers(httpUrl)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 15_000, interval: 100 }).toBe(false);
    expect(await answers(httpUrl)).toBe(false);
  });

  it('tells why it could not start', async () => {
    await expect(spawnPlatform({ env: { HTTP_PORT: 'many' } })).rejects.toThrow(/ended by itself[\s\S]*HTTP_PORT/);
  });

  it('asks for all that is needed to attach to a running one, and never for a password on the command line', async () => {
    await expect(attach({ url: 'http://127.0.0.1:1' })).rejects.toThrow(/--mqtt.*--user.*FAULTLINE_PASSWORD/);
  });
});
