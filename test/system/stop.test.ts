import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { auditJournal, PubackJournal, startLoad } from '../../simulators/load/index.ts';
import { type FaultPlatform, faultPlatform, registerDevices, settled, storedSamples } from '../faults/platform.ts';

let platform: FaultPlatform;
afterEach(() => platform?.end());

test('SIGTERM under load: ends in order within 10 s, and nothing acknowledged is missing after the next start', {
  timeout: 120_000,
}, async () => {
  platform = await faultPlatform();
  let api = await platform.start();
  const devices = await registerDevices(api, ['mill-1', 'mill-2', 'mill-3']);
  const path = join(platform.folder, 'journal');
  const journal = new PubackJournal(path);
  const load = await startLoad({ mqttUrl: platform.mqttUrl, devices, journal, ratePerSecond: 5000, seed: 'stop' });
  while (load.acknowledged < 10_000) await new Promise((resolve) => setTimeout(resolve, 20));

  const startedMs = Date.now();
  process.kill(platform.child.pid, 'SIGTERM');
  await platform.child.ended.catch(() => undefined);
  const tookMs = Date.now() - startedMs;

  api = await platform.start();
  await load.stop(30_000);
  journal.close();
  const ledger = await settled(api, 60_000);
  const audit = await auditJournal(path, storedSamples(api, path, 1));
  console.log(`stopped in ${tookMs} ms: ${JSON.stringify({ ...audit, duplicate: ledger.duplicate })}`);
  expect(tookMs).toBeLessThan(10_000);
  expect(audit).toMatchObject({ lost: 0, altered: 0, repeated: 0, examples: [] });
});
