import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { auditJournal, PubackJournal, startLoad } from '../../simulators/load/index.ts';
import { type FaultPlatform, faultPlatform, registerDevices, settled, storedSamples } from './platform.ts';

const KILLS = Number(process.env.FAULT_KILLS ?? 20);
const DEVICES = 8;
const SAMPLES = 2;

let platform: FaultPlatform;
afterEach(() => platform?.end());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`killed ${KILLS} times under QoS 1 load: every acknowledged sample is there exactly once, with its value`, {
  timeout: 600_000,
}, async () => {
  platform = await faultPlatform();
  let api = await platform.start();
  const devices = await registerDevices(
    api,
    Array.from({ length: DEVICES }, (_, n) => `press-${n}`),
  );
  const path = join(platform.folder, 'journal');
  const journal = new PubackJournal(path);
  const load = await startLoad({
    mqttUrl: platform.mqttUrl,
    devices,
    journal,
    ratePerSecond: 2000,
    samplesPerMessage: SAMPLES,
    seed: 'kill',
  });

  for (let kill = 0; kill < KILLS; kill++) {
    const before = load.acknowledged;
    // Die at changing points of the work: while connecting, accepting, shipping.
    const deadlineMs = Date.now() + 30_000;
    while (load.acknowledged < before + 100 + ((kill * 37) % 400)) {
      if (Date.now() > deadlineMs)
        throw new Error(`nothing was acknowledged after kill ${kill}: ${platform.child.output()}`);
      await pause(5);
    }
    await platform.kill();
    api = await platform.start();
  }

  const result = await load.stop(60_000);
  journal.close();
  const ledger = await settled(api, 60_000);
  const audit = await auditJournal(path, storedSamples(api, path, SAMPLES));
  console.log(
    `killed ${KILLS} times: ${JSON.stringify({ ...result, ...audit, ledger: { ...ledger, devices: undefined } })}`,
  );
  expect(result.reconnects).toBeGreaterThanOrEqual(KILLS);
  expect(audit.acknowledged).toBeGreaterThan(KILLS * 100 * SAMPLES);
  expect(audit).toMatchObject({ lost: 0, altered: 0, repeated: 0, examples: [] });
  expect(ledger).toMatchObject({ balanced: true, storedCount: ledger.stored });
});
