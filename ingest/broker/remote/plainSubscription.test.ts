import { statSync } from 'node:fs';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { absent } from '../../../test/engines/absent.ts';
import {
  HOW_TO_GET_MOSQUITTO,
  type MosquittoEngine,
  mosquittoIsHere,
  startMosquitto,
} from '../../../test/engines/mosquitto.ts';
import { gate } from '../../../test/fixtures/gate.ts';
import { type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';

const here = mosquittoIsHere() || absent('Mosquitto', HOW_TO_GET_MOSQUITTO);
const WITHIN = { timeout: 30_000 };
const sample = (value: number): string => JSON.stringify({ point: 'p', value });
const upTo = (count: number) => Array.from({ length: count }, (_, value) => value);

describe.runIf(here)('MQTT_SHARED=false', () => {
  let mosquitto: MosquittoEngine;
  let way: Awaited<ReturnType<typeof gate>>;
  let rig: Rig;
  beforeEach(async () => {
    mosquitto = await startMosquitto();
    way = await gate(mosquitto.port);
    rig = await startRig({ config: { MQTT_URL: way.url, MQTT_SHARED: false } });
    await rig.register({ name: 'press' });
    await vi.waitFor(() => rig.intake.ready(), WITHIN);
  });
  afterEach(async () => {
    way.close();
    way.end();
    await rig.stop();
    await mosquitto.stop();
  });
  const values = async () =>
    (await rig.records()).map(
      ({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { value: number }).value,
    );
  const publish = async (from: number, to: number) => {
    const device = await mqtt.connectAsync(mosquitto.url());
    for (let value = from; value < to; value++)
      await device.publishAsync('fl/1/acme/press/telemetry', sample(value), { qos: 1 });
    await device.endAsync();
  };

  test('what comes between the broker’s restart and our return is kept, over its stop and over its kill', {
    timeout: 90_000,
  }, async () => {
    await publish(0, 10);
    await expect.poll(values, WITHIN).toHaveLength(10);
    way.close();
    await mosquitto.end();
    await mosquitto.start();
    // Nobody is connected but the device; with a shared subscription 2.0.11 drops these.
    await publish(10, 110);
    const savedMs = () => statSync(mosquitto.persistenceFile).mtimeMs;
    const before = savedMs();
    process.kill(mosquitto.pid, 'SIGUSR1');
    await expect.poll(savedMs, WITHIN).toBeGreaterThan(before);
    // What is acknowledged and saved survives a kill, too.
    await mosquitto.kill();
    await mosquitto.start();
    await publish(110, 160);
    way.open();
    // What was acknowledged into a way that closed at that moment comes again: kept means at least once.
    await expect.poll(async () => [...new Set(await values())], WITHIN).toEqual(upTo(160));
  });

  test('takes over a session that shared before, and shares no more', { timeout: 60_000 }, async () => {
    const clientId = `faultline-${rig.spool.id}`;
    const before = await mqtt.connectAsync(mosquitto.url(), {
      ...{ clientId, clean: false, protocolVersion: 5, reconnectPeriod: 0 },
      properties: { sessionExpiryInterval: 3_600 },
    });
    await before.subscribeAsync('$share/faultline/fl/1/+/+/telemetry/#', { qos: 1 });
    await before.endAsync();
    await expect.poll(() => rig.metrics.metrics(), WITHIN).toMatch(/remote_reconnections_total 1$/m);
    await vi.waitFor(() => rig.intake.ready(), WITHIN);
    // No time and no sequence: a second copy would be a second reading.
    expect(rig.logged.at(-1)).toContain('"sessionPresent":true');
    await publish(0, 50);
    await expect.poll(values, WITHIN).toHaveLength(50);
    await expect.poll(async () => (await rig.metrics.metrics()).includes('remote_in_flight 0'), WITHIN).toBe(true);
    expect(await values()).toEqual(upTo(50));
  });
});
