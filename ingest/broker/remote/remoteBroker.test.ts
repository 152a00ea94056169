import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { IClientOptions, MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { remoteBrokerContract } from '../../../test/contracts/remoteBroker.ts';
import { absent } from '../../../test/engines/absent.ts';
import {
  HOW_TO_GET_MOSQUITTO,
  type MosquittoEngine,
  mosquittoIsHere,
  RECOMMENDED,
  recommendedAcl,
  startMosquitto,
} from '../../../test/engines/mosquitto.ts';
import { makeAuthority } from '../../../test/fixtures/certificates.ts';
import { connectOnce } from '../../../test/fixtures/connectOnce.ts';
import { type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';

const here = mosquittoIsHere() || absent('Mosquitto', HOW_TO_GET_MOSQUITTO);
const sample = (value: number): string => JSON.stringify({ point: 'p', value, seq: value, boot: 'b' });

const clients: MqttClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
});

async function connect(url: string, options?: IClientOptions): Promise<MqttClient> {
  const client = await connectOnce(url, options);
  clients.push(client);
  return client;
}

if (here)
  remoteBrokerContract({
    name: 'Mosquitto',
    start: (ours) => startMosquitto({ users: [ours], acl: recommendedAcl(ours.name) }),
    // 2.0 knows a shared subscription only when its member is back, and keeps a member's part for it.
    keepsSharedOverItsDeath: false,
    handsOverAMembersPart: false,
  });

describe.runIf(here)('back-pressure and absence', () => {
  let mosquitto: MosquittoEngine;
  let rig: Rig | undefined;
  // Each its own: Mosquitto goes on dealing messages to the session of a member that is gone.
  beforeEach(async () => {
    mosquitto = await startMosquitto({ more: RECOMMENDED });
  });
  afterEach(async () => {
    await rig?.stop();
    rig = undefined;
    await mosquitto?.stop();
  });

  test('a full spool takes no more and acknowledges nothing; all comes when there is space', {
    timeout: 60_000,
  }, async () => {
    rig = await startRig({
      config: { MQTT_URL: mosquitto.url() },
      spool: { limitBytes: 256 * 1024, segmentBytes: 32 * 1024, groupBytes: 16 * 1024 },
    });
    await rig.register({ name: 'flood' });
    const { intake, spool } = rig;
    await expect.poll(() => intake.ready().then(() => 'ready', String)).toBe('ready');
    const client = await connect(mosquitto.url());
    const count = 5_000;
    for (let value = 0; value < count; value++) client.publish('fl/1/acme/flood/telemetry', sample(value), { qos: 1 });
    await expect.poll(() => spool.state(), { timeout: 10_000 }).toBe('full');
    const messagesWhenFull = intake.counts().messages;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(intake.counts().messages).toBe(messagesWhenFull);
    // Reads and frees the spool as the shipper would.
    const seen = new Set<number>();
    await expect
      .poll(
        async () => {
          for (let offset = spool.firstOffset(); ; ) {
            const batch = await spool.read(offset, 1 << 20);
            for (const { payload } of batch.records)
              seen.add((JSON.parse(Buffer.from(payload).toString()) as { value: number }).value);
            if (batch.nextOffset === offset) break;
            offset = batch.nextOffset;
            await spool.trim(offset);
          }
          return seen.size;
        },
        { timeout: 30_000, interval: 5 },
      )
      .toBe(count);
    expect(intake.counts().messages).toBe(count);
  });

  test('the database away: what is not known waits, unacknowledged, and is not refused', async () => {
    rig = await startRig({ config: { MQTT_URL: mosquitto.url() } });
    const { intake, pg } = rig;
    await rig.register({ name: 'early' });
    await rig.register({ name: 'known' });
    await expect.poll(() => intake.ready().then(() => 'ready', String)).toBe('ready');
    const client = await connect(mosquitto.url());
    await client.publishAsync('fl/1/acme/known/telemetry', sample(1), { qos: 1 });
    await expect.poll(() => rig!.valuesOf('known')).toEqual([1]);
    await pg.asOwner('alter table device rename to device_gone');
    await client.publishAsync('fl/1/acme/early/telemetry', sample(1), { qos: 1 });
    await client.publishAsync('fl/1/acme/early/telemetry', sample(2), { qos: 1 });
    await client.publishAsync('fl/1/acme/known/telemetry', sample(2), { qos: 1 });
    await expect.poll(() => rig!.valuesOf('known')).toEqual([1, 2]);
    expect(await rig.valuesOf('early')).toEqual([]);
    await pg.asOwner('alter table device_gone rename to device');
    await expect.poll(() => rig!.valuesOf('early'), { timeout: 10_000 }).toEqual([1, 2]);
    expect(intake.counts().refusals['unknown-device']).toBe(0);
  });

  test('over WebSocket', async () => {
    // Debian's Mosquitto 2.0.11 cannot listen for WebSockets where there is no IPv6: a gateway stands before it.
    const gateway = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'mqtt' });
    await once(gateway, 'listening');
    gateway.on('connection', (socket) => {
      const outside = createWebSocketStream(socket);
      const inside = createConnection({ host: mosquitto.host, port: mosquitto.port });
      pipeline(outside, inside, outside, () => undefined);
    });
    const { port } = gateway.address() as AddressInfo;
    rig = await startRig({ config: { MQTT_URL: `ws://127.0.0.1:${port}/mqtt` } });
    await rig.register({ name: 'web' });
    const { intake } = rig;
    await vi.waitFor(() => intake.ready());
    const client = await connect(mosquitto.url());
    await client.publishAsync('fl/1/acme/web/telemetry', sample(1), { qos: 1 });
    await expect.poll(() => rig!.valuesOf('web')).toEqual([1]);
    gateway.close();
  });

  test('over TLS, with a certificate of our own where the broker wants one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-tls-'));
    const authority = await makeAuthority('test authority');
    const ca = authority.cert;
    const server = await authority.issue({
      commonName: '127.0.0.1',
      alternativeNames: [{ type: 'ip', value: '127.0.0.1' }],
    });
    const own = await authority.issue({ commonName: 'faultline' });
    const paths = { ca: join(folder, 'ca'), cert: join(folder, 'cert'), key: join(folder, 'key') };
    writeFileSync(paths.ca, ca);
    writeFileSync(paths.cert, server.cert);
    writeFileSync(paths.key, server.key);
    chmodSync(folder, 0o755);
    const secure = await startMosquitto({
      tls: { certFile: paths.cert, keyFile: paths.key, clientCaFile: paths.ca },
    });
    try {
      rig = await startRig({
        config: { MQTT_URL: secure.url(), MQTT_CA: ca, MQTT_CLIENT_CERT: own.cert, MQTT_CLIENT_KEY: own.key },
      });
      await rig.register({ name: 'safe' });
      const { intake } = rig;
      await vi.waitFor(() => intake.ready());
      const client = await connect(secure.url(), { ca, cert: own.cert, key: own.key });
      await client.publishAsync('fl/1/acme/safe/telemetry', sample(1), { qos: 1 });
      await expect.poll(() => rig!.valuesOf('safe')).toEqual([1]);
      await rig.stop();
      rig = await startRig({ config: { MQTT_URL: secure.url() } });
      const { intake: unarmed } = rig;
      await expect.poll(() => unarmed.ready().then(() => 'ready', String)).toMatch(/certificate/i);
    } finally {
      await secure.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe.runIf(here)('as the Sparkplug host of another broker', () => {
  test('says that it is there, is missed when it is not, and asks an edge node without a birth for one', async () => {
    const mosquitto = await startMosquitto();
    const rig = await startRig({ config: { MQTT_URL: mosquitto.url(), SPARKPLUG_HOST_ID: 'plant' } });
    try {
      await rig.register({ name: 'edge', kind: 'gateway' });
      await vi.waitFor(() => rig.intake.ready());
      const client = await connect(mosquitto.url());
      const heard: string[] = [];
      client.on('message', (topic, payload) =>
        heard.push(
          topic.includes('STATE') ? String((JSON.parse(payload.toString()) as { online: boolean }).online) : topic,
        ),
      );
      await client.subscribeAsync(['spBv1.0/STATE/plant', 'spBv1.0/acme/NCMD/edge']);
      await expect.poll(() => heard).toEqual(['true']);
      // Data of nobody knows which metrics: alias 7 (Sparkplug 3.0.0 §6.4.5), double 1.5.
      const data = Buffer.from([0x12, 13, 0x10, 7, 0x20, 10, 0x69, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x18, 5]);
      await client.publishAsync('spBv1.0/acme/NDATA/edge', data, { qos: 0 });
      await expect.poll(() => heard, { timeout: 5_000 }).toContain('spBv1.0/acme/NCMD/edge');
    } finally {
      await rig.stop();
      const late = await connect(mosquitto.url());
      const state = new Promise<string>((resolve) => late.on('message', (_, payload) => resolve(payload.toString())));
      await late.subscribeAsync('spBv1.0/STATE/plant');
      expect(JSON.parse(await state)).toMatchObject({ online: false });
      await mosquitto.stop();
    }
  });
});
