import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { absent } from '../../../test/engines/absent.ts';
import {
  HOW_TO_GET_MOSQUITTO,
  type MosquittoEngine,
  mosquittoIsHere,
  startMosquitto,
} from '../../../test/engines/mosquitto.ts';
import { type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';

const here = mosquittoIsHere() || absent('Mosquitto', HOW_TO_GET_MOSQUITTO);
const sample = (value: number): string => JSON.stringify({ point: 'p', value });

let mosquitto: MosquittoEngine;
let rig: Rig;
beforeEach(async () => {
  mosquitto = await startMosquitto();
  rig = await startRig({ config: { MQTT_URL: mosquitto.url() } });
  await expect.poll(() => rig.intake.ready().then(() => 'ready', String), { timeout: 10_000 }).toBe('ready');
});
afterEach(async () => {
  await rig?.stop();
  await mosquitto?.stop();
});

async function allow(messagesPerSecond: number): Promise<void> {
  await rig.pg.asOwner(
    `insert into tenant_quota (tenant_id, messages_per_second, updated_by, updated_at) values ($1, $2, 'test', now())`,
    [rig.pg.tenantId, messagesPerSecond],
  );
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // it is in force
}

const metric = async (name: string) =>
  Number(new RegExp(`^faultline_ingest_${name} (\\S+)$`, 'm').exec(await rig.metrics.metrics())?.[1]);

describe.runIf(here)('a tenant’s rate, behind another broker', () => {
  test('who is beyond it is slowed and loses nothing; another tenant is not slowed', async () => {
    const LIMIT = 200;
    const MESSAGES = 800;
    const { id } = await rig.register({ name: 'eager' });
    await rig.register({ name: 'calm' }, rig.other.tenantId);
    await allow(LIMIT);
    const client = await mqtt.connectAsync(mosquitto.url());
    const started = performance.now();
    for (let value = 0; value < MESSAGES; value++)
      client.publish('fl/1/acme/eager/telemetry', sample(value), { qos: 1 });

    const other = await mqtt.connectAsync(mosquitto.url());
    const delaysMs: number[] = [];
    for (let value = 0; value < 30; value++) {
      const sentMs = performance.now();
      await other.publishAsync('fl/1/globex/calm/telemetry', sample(value), { qos: 1 });
      await expect.poll(async () => (await rig.valuesOf('calm')).length, { interval: 5 }).toBe(value + 1);
      delaysMs.push(performance.now() - sentMs);
    }
    // The rate of the one was in force all the while.
    expect((await rig.valuesOf('eager')).length).toBeLessThan(MESSAGES);
    expect(await metric('remote_slowed_bytes')).toBeGreaterThan(0);
    delaysMs.sort((a, b) => a - b);
    expect(delaysMs[27]).toBeLessThan(300);

    const all = Array.from({ length: MESSAGES }, (_, value) => value);
    await expect.poll(() => rig.valuesOf('eager'), { timeout: 15_000 }).toEqual(all);
    const elapsedS = (performance.now() - started) / 1000;
    expect(elapsedS).toBeGreaterThan((MESSAGES - LIMIT) / LIMIT - 0.3);
    await expect.poll(() => metric('remote_in_flight')).toBe(0);
    expect(await metric('remote_slowed_bytes')).toBe(0);
    expect(await rig.metrics.metrics()).toMatch(/tenant_slowed_total\{tenant="acme"\} [1-9]/);
    expect(await rig.metrics.metrics()).toMatch(/tenant_slowed_total\{tenant="globex"\} 0/);
    await expect
      .poll(() => rig.pg.asOwner('select problem_code from device_presence where device_id = $1', [id]), {
        timeout: 5_000,
      })
      .toEqual([{ problem_code: 'QUOTA_RATE' }]);
    await client.endAsync();
    await other.endAsync();
  });

  test('beyond what the broker sends ahead: all comes, in its order, each once', async () => {
    const MESSAGES = 9_000;
    await rig.register({ name: 'flood' });
    await rig.register({ name: 'calm' }, rig.other.tenantId);
    await allow(2_000);
    const client = await mqtt.connectAsync(mosquitto.url());
    for (let value = 0; value < MESSAGES; value++)
      client.publish('fl/1/acme/flood/telemetry', sample(value), { qos: 1 });
    let most = 0; // Mosquitto 2.0.11 sends more than it was told to: what bounds us then is the bytes
    await expect
      .poll(
        async () => {
          most = Math.max(most, await metric('remote_in_flight'));
          return rig.intake.counts().messages;
        },
        { timeout: 20_000, interval: 20 },
      )
      .toBe(MESSAGES);
    expect(most).toBeGreaterThan(1_000);
    expect(await rig.valuesOf('flood')).toEqual(Array.from({ length: MESSAGES }, (_, value) => value));
    await client.endAsync();
  });

  test('two processes divide the rate', async () => {
    const second = await startRig({ beside: rig, config: { MQTT_URL: mosquitto.url(), MQTT_WAVEFORM: false } });
    try {
      await expect.poll(() => second.intake.ready().then(() => 'ready', String), { timeout: 10_000 }).toBe('ready');
      await rig.register({ name: 'shared' });
      await allow(200);
      const client = await mqtt.connectAsync(mosquitto.url());
      const started = performance.now();
      for (let value = 0; value < 2_000; value++)
        client.publish('fl/1/acme/shared/telemetry', sample(value), { qos: 1 });
      const taken = () => rig.intake.counts().messages + second.intake.counts().messages;
      await expect.poll(taken, { timeout: 20_000 }).toBe(2_000);
      const elapsedS = (performance.now() - started) / 1000;
      // A burst of a second in each, and a second until each knows of the other.
      expect(elapsedS).toBeGreaterThan((2_000 - 800) / 200);
      expect(second.intake.counts().messages).toBeGreaterThan(500);
      await client.endAsync();
    } finally {
      await second.stop();
    }
  });
});
