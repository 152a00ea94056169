import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../platform/index.ts';
import { type Rig, startRig } from '../../test/fixtures/intakeRig.ts';
import { createDeviceRegistry } from './index.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

/** As a process without an intake has it: nobody here is told of its changes but by the database. */
const elsewhere = () => createDeviceRegistry({ db: rig.pg.db, clock: systemClock() });
const closed = (client: { once(event: 'close', done: () => void): void }) =>
  new Promise<number>((resolve) => client.once('close', () => resolve(performance.now())));

test('while both secrets are good, both are let in; then the old one’s connection ends and the new one’s stays', async () => {
  const old = await rig.register({ name: 'both' });
  const first = await rig.client(old);
  const fresh = await elsewhere().rotate(rig.pg.tenantId, 'both', undefined, 2_500);
  const rotatedAt = performance.now();
  const ended = closed(first);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(first.connected).toBe(true);
  const second = await rig.client(fresh);
  const third = await rig.client(old);
  expect((await ended) - rotatedAt).toBeGreaterThan(2_000);
  expect((await ended) - rotatedAt).toBeLessThan(4_500);
  await expect.poll(() => third.connected).toBe(false);
  expect(second.connected).toBe(true);
  await expect(rig.client(old)).rejects.toThrow(/Not authorized/i);
});

test('without an overlap, and on a revocation in its midst, the old secret ends at once', async () => {
  const old = await rig.register({ name: 'ends' });
  const client = await rig.client(old);
  const gone = closed(client);
  const fresh = await elsewhere().rotate(rig.pg.tenantId, 'ends', undefined, 600_000);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const second = await rig.client(fresh);
  const alsoGone = closed(second);
  const at = performance.now();
  await elsewhere().revoke(rig.pg.tenantId, 'ends');
  expect((await gone) - at).toBeLessThan(1_000);
  expect((await alsoGone) - at).toBeLessThan(1_000);
  for (const credential of [old, fresh]) await expect(rig.client(credential)).rejects.toThrow(/Not authorized/i);
});

test('revoked in another process, 20 connected devices are cut off within a second each', async () => {
  const delays: number[] = [];
  for (let i = 0; i < 20; i++) {
    const client = await rig.client(await rig.register({ name: `cut-${i}` }));
    const gone = closed(client);
    const at = performance.now();
    await elsewhere().revoke(rig.pg.tenantId, `cut-${i}`);
    delays.push((await gone) - at);
  }
  expect(Math.max(...delays)).toBeLessThan(1_000);
});
