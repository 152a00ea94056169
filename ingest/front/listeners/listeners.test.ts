import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../../platform/index.ts';
import { type Authority, type IssuedCertificate, makeAuthority } from '../../../test/fixtures/certificates.ts';
import { connectPacket, publishPacket, type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';
import { createDeviceRegistry } from '../../devices/index.ts';

const SAMPLE = '{"point":"p","value":1}';

let folder: string;
let servers: Authority;
let devices: Authority;
let rig: Rig;
const file = (name: string): string => join(folder, name);

function install({ cert, key }: IssuedCertificate): void {
  for (const [name, text] of [
    ['server.crt', cert],
    ['server.key', key],
  ] as const) {
    writeFileSync(file(`${name}.new`), text);
    renameSync(file(`${name}.new`), file(name));
  }
}

const serverCertificate = (commonName = 'localhost') =>
  servers.issue({ commonName, alternativeNames: [{ type: 'dns', value: 'localhost' }] });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-tls-'));
  [servers, devices] = await Promise.all([makeAuthority('servers'), makeAuthority('devices')]);
  install(await serverCertificate());
  writeFileSync(file('devices.crt'), devices.cert);
  rig = await startRig({
    limits: { connectTimeoutMs: 1_500 },
    listeners: {
      ...{ MQTT_TLS_PORT: 0, MQTT_WS_PORT: 0, MQTT_WSS_PORT: 0, MQTT_TLS_CLIENT_CERT: 'optional' },
      MQTT_TLS_CERT_FILE: file('server.crt'),
      MQTT_TLS_KEY_FILE: file('server.key'),
      MQTT_TLS_CA_FILE: file('devices.crt'),
    },
  });
});
afterAll(async () => {
  await rig?.stop();
  rmSync(folder, { recursive: true });
});

interface TlsClient {
  socket: TLSSocket;
  received(): Buffer;
  answer(bytes: number): Promise<Buffer>;
  closed: Promise<void>;
}

function tlsClient(options: ConnectionOptions = {}): TlsClient {
  const socket = connect({
    ...{ host: '127.0.0.1', port: rig.intake.port('mqtts'), servername: 'localhost', ca: servers.cert },
    ...options,
  });
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const answer = async (count: number): Promise<Buffer> => {
    await expect.poll(() => bytes.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(count);
    return bytes;
  };
  return { socket, received: () => bytes, answer, closed };
}

const nobody = { id: '', name: '', username: '', secret: '' };
/** A CONNECT without a user name or password. */
const bareConnect = (clientId = 'bare') =>
  connectPacket(nobody, { clientId, username: undefined, password: undefined });

describe('TLS', () => {
  test('a password over TLS, and a message behind the disk', async () => {
    const device = await rig.register({ name: 'over-tls' });
    const { socket, answer } = tlsClient();
    socket.write(connectPacket(device));
    expect((await answer(4))[3]).toBe(0);
    socket.write(publishPacket('fl/1/acme/over-tls/telemetry', SAMPLE, 1, 7));
    expect((await answer(8)).subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 7]));
    expect((await rig.records()).some(({ deviceName }) => deviceName === 'over-tls')).toBe(true);
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.destroy();
  });

  test('TLS 1.2 is spoken, 1.1 is not', async () => {
    const { socket } = tlsClient({ maxVersion: 'TLSv1.2' });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    expect(socket.getProtocol()).toBe('TLSv1.2');
    socket.destroy();
    const before = rig.intake.counts().refusals.tls;
    const old = tlsClient({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    let secured = false;
    old.socket.on('secureConnect', () => {
      secured = true;
    });
    await old.closed;
    expect(secured).toBe(false);
    expect(rig.intake.counts().refusals.tls).toBe(before + 1);
  });

  test('a handshake that is not finished in time is ended, whatever trickles in', async () => {
    // Node's own handshake timer or ours, whichever is first.
    const late = () => rig.intake.counts().refusals.tls + rig.intake.counts().refusals['connect-timeout'];
    const before = late();
    const socket = connectPlain(rig.intake.port('mqtts'), '127.0.0.1');
    socket.on('error', () => undefined);
    // The beginning of a handshake record that claims 16,000 bytes.
    socket.write(Buffer.from([0x16, 3, 1, 0x3e, 0x80, 1, 0, 0x3e, 0x7c]));
    const trickle = setInterval(() => socket.write(Buffer.alloc(10)), 100);
    const started = Date.now();
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(trickle);
    expect(Date.now() - started).toBeLessThan(4_000);
    expect(late()).toBe(before + 1);
  });

  test('after the handshake the limits before CONNACK are the same: 200 MB cost no memory', async () => {
    const before = process.memoryUsage().rss;
    const { socket, closed } = tlsClient();
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x5f]));
    const block = Buffer.alloc(64 * 1024);
    let peak = before;
    for (let sent = 0; sent < 200 * 1024 * 1024 && !socket.destroyed; sent += block.length) {
      if (!socket.write(block)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    await closed;
    expect((peak - before) / 2 ** 20).toBeLessThan(48);
  });
});

describe('client certificates', () => {
  test('one that names a device signs it in without a password, as that device only', async () => {
    await rig.register({ name: 'certified' });
    await rig.register({ name: 'another' });
    const identity = await devices.issue({ commonName: 'acme/certified' });
    const { socket, answer, closed } = tlsClient(identity);
    socket.write(bareConnect());
    expect((await answer(4))[3]).toBe(0);
    socket.write(publishPacket('fl/1/acme/certified/telemetry', SAMPLE, 1, 1));
    await answer(8);
    socket.write(publishPacket('fl/1/acme/another/telemetry', SAMPLE, 1, 2));
    await closed;
    expect((await rig.records()).some(({ deviceName }) => deviceName === 'another')).toBe(false);
  });

  test('a name that is long or not plain travels in an alternative name', async () => {
    await rig.register({ name: 'förderband-7' });
    const value = `urn:faultline:device:acme/${encodeURIComponent('förderband-7')}`;
    const identity = await devices.issue({
      commonName: 'acme/someone-else',
      alternativeNames: [{ type: 'url', value }],
    });
    const { socket, answer } = tlsClient(identity);
    socket.write(connectPacket(nobody, { username: 'acme/förderband-7', password: undefined }));
    expect((await answer(4))[3]).toBe(0);
    socket.destroy();
  });

  test.each([
    ['a user name that is not the certificate’s', { username: 'acme/another' }],
    ['a wrong password beside a good certificate', { username: 'acme/certified', password: Buffer.from('wrong') }],
  ])('%s is refused', async (_, more) => {
    const identity = await devices.issue({ commonName: 'acme/certified' });
    const { socket, answer } = tlsClient(identity);
    socket.write(connectPacket(nobody, { password: undefined, ...more } as never));
    expect((await answer(4))[3]).toBe(5);
  });

  test('one of another authority, an expired one, and one that names no device are refused in the handshake', async () => {
    const strangers = await makeAuthority('strangers');
    for (const identity of [
      await strangers.issue({ commonName: 'acme/certified' }),
      await devices.issue({ commonName: 'acme/certified', validForDays: -1 }),
      await devices.issue({ commonName: 'certified' }),
      await devices.issue({
        commonName: 'acme/certified',
        alternativeNames: [{ type: 'dns', value: 'x, URI:urn:faultline:device:acme/another, y' }],
      }),
    ]) {
      const before = rig.intake.counts().refusals.certificate;
      const { socket, received, closed } = tlsClient(identity);
      socket.write(bareConnect());
      await closed;
      expect(received()).toHaveLength(0);
      expect(rig.intake.counts().refusals.certificate).toBe(before + 1);
    }
  });

  test('a revoked device is cut off and kept out although its certificate is good; a new secret cuts nobody off', async () => {
    await rig.register({ name: 'dismissed' });
    const identity = await devices.issue({ commonName: 'acme/dismissed' });
    const first = tlsClient(identity);
    first.socket.write(bareConnect());
    expect((await first.answer(4))[3]).toBe(0);
    await rig.intake.registry.rotate(rig.pg.tenantId, 'dismissed');
    first.socket.write(publishPacket('fl/1/acme/dismissed/telemetry', SAMPLE, 1, 1));
    await first.answer(8);
    await createDeviceRegistry({ db: rig.pg.db, clock: systemClock() }).revoke(rig.pg.tenantId, 'dismissed');
    const started = Date.now();
    await first.closed;
    expect(Date.now() - started).toBeLessThan(1_000);
    const again = tlsClient(identity);
    again.socket.write(bareConnect());
    expect((await again.answer(4))[3]).toBe(5);
  });
});

describe('renewing the certificate', () => {
  const subject = async (): Promise<string> => {
    const { socket } = tlsClient();
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return String(CN);
  };

  test('new files are noticed; clients stay; a broken pair is told and the old one stays', async () => {
    const device = await rig.register({ name: 'stayer' });
    const stayer = tlsClient();
    stayer.socket.write(connectPacket(device));
    await stayer.answer(4);

    install(await serverCertificate('renewed'));
    await expect.poll(subject, { timeout: 10_000, interval: 200 }).toBe('renewed');
    expect(await rig.metrics.metrics()).toMatch(/faultline_ingest_tls_certificate_days_left (29\.9|30)/);

    writeFileSync(file('server.key'), (await serverCertificate()).key);
    const failed = async () => /^faultline_ingest_tls_reload_failed 1$/m.test(await rig.metrics.metrics());
    await expect.poll(failed, { timeout: 10_000 }).toBe(true);
    expect(rig.logged.join('')).toContain('the old one stays');
    expect(await subject()).toBe('renewed');
    expect(rig.intake.reloadCertificates()).toBe(false);

    install(await serverCertificate('repaired'));
    expect(rig.intake.reloadCertificates()).toBe(true);
    expect(await subject()).toBe('repaired');
    stayer.socket.write(publishPacket('fl/1/acme/stayer/telemetry', SAMPLE, 1, 9));
    expect((await stayer.answer(8)).subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 9]));
    stayer.socket.destroy();
  });
});

describe('WebSocket', () => {
  test.each(['ws', 'wss'] as const)(
    'a client over %s publishes large and small, and hears commands',
    async (scheme) => {
      const device = await rig.register({ name: `browser-${scheme}` });
      const client = await mqtt.connectAsync(
        `${scheme}://localhost:${rig.intake.port(scheme)}/mqtt`,
        { username: device.username, password: device.secret, reconnectPeriod: 0, ca: servers.cert },
        false,
      );
      const heard: string[] = [];
      client.on('message', (_, payload) => heard.push(payload.toString()));
      await client.subscribeAsync(`fl/1/acme/${device.name}/command`, { qos: 1 });
      await client.publishAsync(`fl/1/acme/${device.name}/waveform`, Buffer.alloc(3 << 20, 7), { qos: 1 });
      for (const qos of [0, 1, 2] as const)
        await client.publishAsync(`fl/1/acme/${device.name}/telemetry`, SAMPLE, { qos });
      await rig.intake.link.tell('acme', device.name, 'command', Buffer.from('open'), null);
      await expect.poll(() => heard).toEqual(['open']);
      await expect
        .poll(async () => (await rig.records()).filter(({ deviceName }) => deviceName === device.name).length)
        .toBe(4);
      await client.endAsync();
    },
  );

  const upgrade = (path: string, protocols: string[]) =>
    new Promise<string>((resolve) => {
      const client = new WebSocket(`ws://127.0.0.1:${rig.intake.port('ws')}${path}`, protocols);
      client.on('open', () => resolve('open'));
      client.on('error', (error) => resolve(error.message));
    });

  test('another path, another subprotocol or plain HTTP is refused', async () => {
    expect(await upgrade('/other', ['mqtt'])).toMatch(/404/);
    expect(await upgrade('/mqtt', ['chat'])).toMatch(/400/);
    expect((await fetch(`http://127.0.0.1:${rig.intake.port('ws')}/mqtt`)).status).toBe(426);
  });

  const open = async (): Promise<{ client: WebSocket; closed: Promise<void> }> => {
    const client = new WebSocket(`ws://127.0.0.1:${rig.intake.port('ws')}/mqtt`, ['mqtt']);
    client.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await new Promise((resolve) => client.once('open', resolve));
    return { client, closed };
  };

  test('a text frame closes the connection', async () => {
    const { client, closed } = await open();
    client.send(connectPacket(nobody).toString('latin1'));
    await closed;
  });

  test('a whole message is counted while it comes: a large one before CONNACK is closed, and costs no memory', async () => {
    const before = process.memoryUsage().rss;
    const { client, closed } = await open();
    const started = Date.now();
    for (let part = 0; part < 48 && client.readyState === WebSocket.OPEN; part++)
      await new Promise((resolve) => client.send(Buffer.alloc(64 * 1024, 0x10), { fin: false }, resolve));
    await closed;
    expect(Date.now() - started).toBeLessThan(1_000);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(32);
    expect(rig.intake.counts().refusals['connect-too-large']).toBeGreaterThan(0);
  });

  test('a socket that never asks for a WebSocket is ended in time', async () => {
    const socket = connectPlain(rig.intake.port('ws'), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /mqtt HTTP/1.1\r\n');
    const started = Date.now();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Date.now() - started).toBeLessThan(4_000);
  });
});

test('sockets of all listeners together are bounded; those that exist go on', async () => {
  const own = await startRig({ limits: { maxConnections: 3 }, listeners: { MQTT_WS_PORT: 0 } });
  const device = await own.register({ name: 'first' });
  const first = await own.rawClient(device);
  const others = [own.intake.port('ws'), own.port].map((port) => connectPlain(port, '127.0.0.1'));
  await Promise.all(others.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  await own.rawSocket().then(({ closed }) => closed);
  first.socket.write(publishPacket('fl/1/acme/first/telemetry', SAMPLE, 1, 1));
  expect((await first.bytes(8)).subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 1]));
  for (const socket of others) socket.destroy();
  await own.stop();
});
