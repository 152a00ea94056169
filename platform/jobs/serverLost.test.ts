import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../clock/clock.ts';
import { startEmbedded } from '../db/embedded/server.ts';
import { migrate } from '../db/migrate.ts';
import { createLog } from '../log/log.ts';
import { jobsOnPostgres, migrateQueues } from './bullmq.ts';
import { defineJob } from './jobType.ts';

test('workers outlive their PostgreSQL: no busy loop while it is away, work goes on when it is back', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-jobs-'));
  const server = await startEmbedded(folder);
  const secretKey = 'secret key of this test, 32 letters and more';
  await migrate(server.url, secretKey, []);
  await migrateQueues(server.url);
  const warnings: string[] = [];
  const log = createLog('warn', { write: (line) => void warnings.push(line) });
  const jobs = jobsOnPostgres({ ownerUrl: server.url, secretKey, clock: systemClock() }, log);
  const types = ['one', 'two', 'three'].map((name) => defineJob(`lost-${name}`, z.object({ n: z.number() })));
  const heard: number[] = [];
  for (const type of types)
    jobs.work(type, async ({ n }) => void heard.push(n), { concurrency: 2, globalConcurrency: 2 });
  await jobs.start();
  for (const [n, type] of types.entries()) await jobs.enqueue(type, { n });
  await vi.waitFor(() => expect(heard.sort()).toEqual([0, 1, 2]), { timeout: 10_000 });

  const cpuBefore = process.cpuUsage();
  for (let kill = 0; kill < 2; kill++) {
    process.kill(Number(readFileSync(join(server.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
    heard.length = 0;
    await vi.waitFor(() => jobs.enqueue(types[kill]!, { n: 10 + kill }), { timeout: 20_000, interval: 100 });
    await vi.waitFor(() => expect(heard).toEqual([10 + kill]), { timeout: 20_000, interval: 50 });
  }
  await jobs.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  expect(warnings.length).toBeLessThan(200);
  expect(process.cpuUsage(cpuBefore).user / 1e6).toBeLessThan(10);
});
