import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROMISED_WITHIN_MS = 90_000;

test('npm run demo -- --once: from a vibrating machine to told owners, with nothing lost and within a second', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['simulators/demo.ts', '--once'], {
    cwd: ROOT,
    timeout: PROMISED_WITHIN_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
  const told = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  expect(told.anomaly).toMatchObject({ pointKey: expect.stringMatching(/^pm-f201\/de-/), fault: 'outer' });
  expect(told.evidence.harmonics.length).toBeGreaterThanOrEqual(3);
  expect(told.workOrder).toMatchObject({ state: 'assigned', assignee: expect.any(String) });
  expect(told.impact.services.map(({ key }: { key: string }) => key)).toContain('service-paper');
  expect(told.notifications.map(({ email }: { email: string }) => email).sort()).toEqual(
    told.impact.owners.map(({ email }: { email: string }) => email).sort(),
  );
  const { accepted, stored, duplicate, pending, quarantined, expired } = told.ledger;
  expect(accepted).toBeGreaterThan(0);
  expect(pending).toBe(0);
  expect(accepted).toBe(stored + duplicate + pending + quarantined + expired);
  expect(told.storedCount).toBe(stored);
  expect(told.sensorOrder).toMatchObject({ kind: 'instrumentation', priority: 'P4' });
  expect(told.falseAlarms, 'a change of speed, one of load, a restart').toEqual([]);
  expect(told.latencyMs).toBeGreaterThan(0);
  expect(told.latencyMs).toBeLessThanOrEqual(1_000);
});
