import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readLedger } from '../../simulators/attach/index.ts';
import { auditJournal, PubackJournal, startLoad } from '../../simulators/load/index.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';
import { type FaultPlatform, faultPlatform, registerDevices, settled, storedSamples } from './platform.ts';

const REFUSED_MS = Number(process.env.FAULT_REFUSED_MS ?? 30_000);
const RATE = 1000;

let platform: FaultPlatform | undefined;
let pg: TestDatabase | undefined;
afterEach(async () => {
  await platform?.end();
  await pg?.stop();
});

const metric = (text: string, name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`the store refuses for ${REFUSED_MS / 1000} s at ${RATE} messages a second: nothing lost, memory bounded, detection goes on`, {
  timeout: 300_000,
}, async () => {
  pg = await testDatabase([]);
  platform = await faultPlatform({ DATABASE_URL: pg.ownerUrl, FAULTLINE_SECRET_KEY: pg.secretKey });
  const api = await platform.start();
  const devices = await registerDevices(
    api,
    Array.from({ length: 10 }, (_, n) => `fan-${n}`),
  );
  const path = join(platform.folder, 'journal');
  const journal = new PubackJournal(path);
  const load = await startLoad({ mqttUrl: platform.mqttUrl, devices, journal, ratePerSecond: RATE, seed: 'refuse' });
  await pause(3000);
  const residentMiB = () => platform!.child.residentBytes() / 2 ** 20;
  const analysed = async () => metric(await api.text('/metrics'), 'faultline_analytics_readings_total');

  // The real store, really refusing: the shipper's role may no longer write telemetry.
  const memoryBefore = residentMiB();
  await pg.asOwner('revoke insert on telemetry from faultline_shipper');
  await pause(2000);
  const pendingEarly = (await readLedger(api, false)).pending;
  const analysedEarly = await analysed();
  await pause(REFUSED_MS - 2000);
  const during = await readLedger(api, false);
  const analysedLate = await analysed();
  const memoryAfter = residentMiB();
  await pg.asOwner('grant insert on telemetry to faultline_shipper');

  const result = await load.stop();
  journal.close();
  const drainingMs = Date.now();
  const ledger = await settled(api, 90_000);
  const drained = (during.pending / Math.max(1, Date.now() - drainingMs)) * 1000;
  const audit = await auditJournal(path, storedSamples(api, path, 1));
  console.log(
    `store refused: ${JSON.stringify({ ...result, ...audit, heldSamples: during.pending, analysedMeanwhile: analysedLate - analysedEarly, memoryBefore, memoryAfter, drainedPerSecond: Math.round(drained), ledger: { ...ledger, devices: undefined } })}`,
  );
  expect(during.pending).toBeGreaterThan(pendingEarly);
  expect(during.pending).toBeGreaterThan((RATE * REFUSED_MS) / 1000 / 2);
  expect(during.quarantined).toBe(0);
  // Detection reads the spool by a cursor of its own: it keeps up while nothing can be stored.
  expect(analysedLate - analysedEarly).toBeGreaterThan((RATE * REFUSED_MS) / 1000 / 2);
  expect(memoryAfter - memoryBefore).toBeLessThan(200);
  expect(audit).toMatchObject({ lost: 0, altered: 0, repeated: 0, examples: [] });
  expect(ledger).toMatchObject({ balanced: true, storedCount: ledger.stored });
});
