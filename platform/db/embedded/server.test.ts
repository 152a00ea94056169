import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { lockDirectory } from './directoryLock.ts';
import { type ServerEvent, startEmbedded } from './server.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-embedded-'));
  folders.push(folder);
  return folder;
};
const run = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};
const postmaster = (cluster: string) => Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a killed owner takes its server with it, and the next one finds all that was committed', async () => {
  const folder = newFolder();
  const script = `
    import { startEmbedded } from '${import.meta.dirname}/server.ts';
    import pg from 'pg';
    const server = await startEmbedded('${folder}');
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('create table kept (n int); insert into kept values (42)');
    console.log(server.dataDirectory);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const cluster = await new Promise<string>((done) =>
    owner.stdout.once('data', (line: Buffer) => done(line.toString().trim())),
  );
  const pid = postmaster(cluster);
  expect(isRunning(pid)).toBe(true);
  owner.kill('SIGKILL');
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000, interval: 50 });

  const next = await startEmbedded(folder);
  expect(await run(next.url, 'select n from kept')).toEqual([{ n: 42 }]);
  await next.stop();
});

test('a server that dies under its owner is started again on the same address', async () => {
  const server = await startEmbedded(newFolder());
  const events: ServerEvent[] = [];
  server.onEvent((event) => events.push(event));
  await run(server.url, 'create table kept (n int); insert into kept values (1)');
  process.kill(postmaster(server.dataDirectory), 'SIGKILL');
  await vi.waitFor(async () => expect(await run(server.url, 'select n from kept')).toEqual([{ n: 1 }]), {
    timeout: 15_000,
    interval: 100,
  });
  expect(events.length).toBeGreaterThan(0);
  expect(events.filter(({ kind }) => kind !== 'restarting')).toEqual([]);
  await server.stop();
  await expect(run(server.url, 'select 1')).rejects.toThrow();
});

test('a data directory in use is refused with the process that holds it; one of a dead process is taken over', () => {
  const folder = newFolder();
  const lock = lockDirectory(folder);
  expect(() => lockDirectory(folder)).toThrow(
    expect.objectContaining({
      code: 'DB_DIRECTORY_IN_USE',
      message: expect.stringContaining(`process ${process.pid}`),
    }),
  );
  lock.release();
  const dead = spawn(process.execPath, ['-e', '']);
  return new Promise<void>((done) => {
    dead.once('exit', () => {
      const again = lockDirectory(folder);
      again.release();
      done();
    });
  });
});
