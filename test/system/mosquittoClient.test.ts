import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { absent } from '../engines/absent.ts';
import {
  HOW_TO_GET_MOSQUITTO,
  type MosquittoEngine,
  mosquittoIsHere,
  recommendedAcl,
  startMosquitto,
} from '../engines/mosquitto.ts';
import { type Composed, composed } from './composed.ts';

const isHere =
  spawnSync('mosquitto_pub', ['--version']).error === undefined ||
  absent('mosquitto_pub', 'apt-get install mosquitto-clients');

describe.runIf(isHere)('a client that we did not write', () => {
  let faultline: Composed;
  let device: { username: string; secret: string };
  beforeAll(async () => {
    faultline = await composed();
    device = await faultline.api.post('/api/v1/devices', { name: 'pump-3' });
  });
  afterAll(() => faultline?.stop());

  const publish = (topic: string, password: string, message: string) => {
    const { hostname, port } = new URL(faultline.mqttUrl!);
    const who = ['-h', hostname, '-p', port, '-u', device.username, '-P', password];
    return promisify(execFile)('mosquitto_pub', [...who, '-q', '1', '-t', topic, '-m', message]);
  };

  test('mosquitto_pub publishes as the README shows, and what it sent is found', async () => {
    await publish('fl/1/default/pump-3/telemetry', device.secret, '{"point":"temperature","value":41.5,"unit":"°C"}');
    await vi.waitFor(
      async () => {
        const { items } = await faultline.api.get<{ items: unknown[] }>(
          '/api/v1/telemetry/latest?series=pump-3/temperature',
        );
        expect(items).toMatchObject([{ series: 'pump-3/temperature', value: 41.5, unit: '°C' }]);
      },
      { timeout: 10_000, interval: 100 },
    );
  });

  test('it is refused with a wrong password, and on the topic of another device', async () => {
    await expect(publish('fl/1/default/pump-3/telemetry', 'wrong', '{}')).rejects.toThrow(
      /not authori[sz]ed|bad user/i,
    );
    await expect(publish('fl/1/default/pump-4/telemetry', device.secret, '{}')).rejects.toThrow();
  });
});

const FAULTLINE = { name: 'faultline', password: 'the secret of Faultline' };
const brokerIsHere = mosquittoIsHere() || absent('Mosquitto', HOW_TO_GET_MOSQUITTO);

describe.runIf(isHere && brokerIsHere)('the same client, through a Mosquitto that Faultline reads', () => {
  let mosquitto: MosquittoEngine;
  let faultline: Composed;
  beforeAll(async () => {
    mosquitto = await startMosquitto({ users: [FAULTLINE], acl: recommendedAcl(FAULTLINE.name) });
    faultline = await composed({ MQTT_URL: mosquitto.url(FAULTLINE) });
  });
  afterAll(async () => {
    await faultline?.stop();
    await mosquitto?.stop();
  });

  test('mosquitto_pub publishes unchanged, and what it sent is found', async () => {
    const { username, secret } = await faultline.api.post<{ username: string; secret: string }>('/api/v1/devices', {
      name: 'pump-3',
    });
    mosquitto.addUsers([{ name: username, password: secret }]);
    expect(faultline.mqttUrl).toBe(mosquitto.url());
    const who = ['-h', mosquitto.host, '-p', String(mosquitto.port), '-u', username, '-P', secret];
    const message = '{"point":"temperature","value":42.5,"unit":"°C"}';
    await vi.waitFor(() =>
      promisify(execFile)('mosquitto_pub', [
        ...[...who, '-q', '1', '-t', 'fl/1/default/pump-3/telemetry', '-m', message],
      ]),
    );
    await vi.waitFor(
      async () => {
        const { items } = await faultline.api.get<{ items: unknown[] }>(
          '/api/v1/telemetry/latest?series=pump-3/temperature',
        );
        expect(items).toMatchObject([{ series: 'pump-3/temperature', value: 42.5, unit: '°C' }]);
      },
      { timeout: 10_000, interval: 100 },
    );
    const { status } = await fetch(`${faultline.httpUrl}/ready`);
    expect(status).toBe(200);
  });
});
