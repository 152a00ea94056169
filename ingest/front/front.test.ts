import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../platform/index.ts';
import { connectPacket, publishPacket, type Rig, startRig } from '../../test/fixtures/intakeRig.ts';
import { createDeviceRegistry } from '../devices/index.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const payloadsOf = async (device: string): Promise<string[]> =>
  (await rig.records())
    .filter(({ deviceName }) => deviceName === device)
    .map(({ payload }) => Buffer.from(payload).toString());
const sample = (value: number): string => JSON.stringify({ point: 'p', value });

describe('publishing', () => {
  test('QoS 0, 1 and 2 messages are in the spool with whose they are, and QoS 1 is acknowledged behind the disk', async () => {
    const device = await rig.register({ name: 'pump-1' });
    const client = await rig.client(device);
    await client.publishAsync('fl/1/acme/pump-1/telemetry', '[{"point":"a","value":1},{"point":"b","value":2}]', {
      qos: 1,
    });
    const durableAtPuback = rig.spool.latestDurableOffset();
    await client.publishAsync('fl/1/acme/pump-1/waveform', Buffer.from([1, 2, 3]), { qos: 2 });
    await client.publishAsync('fl/1/acme/pump-1/telemetry', 'not json', { qos: 0 });
    await client.publishAsync('fl/1/acme/pump-1/telemetry', sample(3), { qos: 1 });
    const records = (await rig.records()).filter(({ deviceName }) => deviceName === 'pump-1');
    expect(records[0]!.endOffset).toBeLessThanOrEqual(durableAtPuback);
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    expect(records.map(({ kind, units }) => [kind, units])).toEqual([
      ['telemetry', 2],
      ['waveform', 1],
      ['telemetry', 1],
      ['telemetry', 1],
    ]);
    for (const record of records) {
      expect(record).toMatchObject({ tenantId: rig.pg.tenantId, deviceId: device.id, duplicate: false });
      expect(Number(nowNs - record.arrivalNs) / 1e9).toBeLessThan(30);
    }
    await client.endAsync();
  });

  test('packets split at every byte boundary, and many in one chunk', async () => {
    const device = await rig.register({ name: 'splitter' });
    const topic = 'fl/1/acme/splitter/telemetry';
    const stream = Buffer.concat([
      publishPacket(topic, sample(1), 1, 1),
      Buffer.from([0xc0, 0x00]),
      publishPacket(topic, sample(2), 0),
      publishPacket(topic, `"${'x'.repeat(300)}"`, 1, 2),
    ]);
    for (let cut = 1; cut < stream.length; cut++) {
      const raw = await rig.rawClient(device, { clientId: `c${cut % 8}` });
      raw.socket.write(stream.subarray(0, cut));
      // A turn of the server's event loop between the parts: they arrive as two chunks.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      raw.socket.write(stream.subarray(cut));
      const answer = await raw.bytes(4 + 4 + 2 + 4);
      expect([...answer.subarray(4)].sort()).toEqual([0x40, 2, 0, 1, 0xd0, 0, 0x40, 2, 0, 2].sort());
      raw.socket.destroy();
    }
    expect(await payloadsOf('splitter')).toHaveLength(3 * (stream.length - 1));
  });

  test('a byte at a time', async () => {
    const device = await rig.register({ name: 'dripper' });
    const raw = await rig.rawSocket();
    const stream = Buffer.concat([
      connectPacket(device),
      publishPacket('fl/1/acme/dripper/telemetry', sample(7), 1, 9),
    ]);
    for (const byte of stream) {
      raw.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await raw.bytes(8)).subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 9]));
    expect(await payloadsOf('dripper')).toEqual([sample(7)]);
  });

  test('a record keeps the format that its topic names, or the default', async () => {
    const device = await rig.register({ name: 'named' });
    const raw = await rig.rawClient(device);
    raw.socket.write(
      Buffer.concat([
        publishPacket('fl/1/acme/named/telemetry/json', sample(1), 1, 1),
        publishPacket('fl/1/acme/named/telemetry', sample(2), 1, 2),
        publishPacket('fl/1/acme/named/waveform', 'FLW1', 1, 3),
      ]),
    );
    await raw.bytes(16);
    const mine = (await rig.records()).filter(({ deviceName }) => deviceName === 'named');
    expect(mine.map(({ kind, format, vendorTopic }) => [kind, format, vendorTopic])).toEqual([
      ['telemetry', 'json', null],
      ['telemetry', 'json', null],
      ['waveform', 'flw1', null],
    ]);
  });

  test('CONNECT and messages in one write, before CONNACK', async () => {
    const device = await rig.register({ name: 'hasty' });
    const raw = await rig.rawSocket();
    const messages = Array.from({ length: 100 }, (_, index) =>
      publishPacket('fl/1/acme/hasty/telemetry', sample(index), 1, index + 1),
    );
    raw.socket.write(Buffer.concat([connectPacket(device), ...messages]));
    expect((await raw.bytes(4 + 400)).subarray(0, 4)).toEqual(Buffer.from([0x20, 2, 0, 0]));
    expect(await payloadsOf('hasty')).toEqual(Array.from({ length: 100 }, (_, index) => sample(index)));
    const arrivals = (await rig.records()).filter(({ deviceName }) => deviceName === 'hasty');
    expect(new Set(arrivals.map(({ arrivalNs }) => arrivalNs)).size, 'readings without a clock stay apart').toBe(100);
  });

  test('a QoS 2 message repeated before its PUBREL is stored once; PUBREL is answered', async () => {
    const device = await rig.register({ name: 'twice' });
    const raw = await rig.rawClient(device);
    const topic = 'fl/1/acme/twice/telemetry';
    raw.socket.write(publishPacket(topic, sample(1), 2, 5));
    await raw.bytes(8);
    raw.socket.write(publishPacket(topic, sample(1), 2, 5, true));
    expect((await raw.bytes(12)).subarray(4)).toEqual(Buffer.from([0x50, 2, 0, 5, 0x50, 2, 0, 5]));
    raw.socket.write(Buffer.from([0x62, 2, 0, 5]));
    expect((await raw.bytes(16)).subarray(12)).toEqual(Buffer.from([0x70, 2, 0, 5]));
    expect(await payloadsOf('twice')).toEqual([sample(1)]);
  });

  test('a repetition marked DUP is stored again, and marked', async () => {
    const device = await rig.register({ name: 'dup' });
    const raw = await rig.rawClient(device);
    raw.socket.write(publishPacket('fl/1/acme/dup/telemetry', sample(1), 1, 5, true));
    await raw.bytes(8);
    expect((await rig.records()).find(({ deviceName }) => deviceName === 'dup')).toMatchObject({ duplicate: true });
  });

  test('a gateway publishes for its children and nobody else', async () => {
    const gateway = await rig.register({ name: 'gw', kind: 'gateway' });
    const child = await rig.register({ name: 'gw-child', gateway: 'gw' });
    await rig.register({ name: 'stranger' });
    const raw = await rig.rawClient(gateway);
    raw.socket.write(publishPacket('fl/1/acme/gw-child/telemetry', sample(1), 1, 1));
    await raw.bytes(8);
    expect((await rig.records()).find(({ deviceName }) => deviceName === 'gw-child')).toMatchObject({
      deviceId: child.id,
    });
    raw.socket.write(publishPacket('fl/1/acme/stranger/telemetry', sample(1), 1, 2));
    await raw.closed;
    expect(await payloadsOf('stranger')).toEqual([]);
  });

  test('a revoked child is no longer published for, though its gateway stays connected', async () => {
    const gateway = await rig.register({ name: 'gw3', kind: 'gateway' });
    await rig.register({ name: 'leaving', gateway: 'gw3' });
    const raw = await rig.rawClient(gateway);
    raw.socket.write(publishPacket('fl/1/acme/leaving/telemetry', sample(1), 1, 1));
    await raw.bytes(8);
    await rig.intake.registry.revoke(rig.pg.tenantId, 'leaving');
    const refusals = () => rig.intake.counts().refusals['topic-publish'];
    const before = refusals();
    for (let id = 2; refusals() === before && id < 1000; id++) {
      raw.socket.write(publishPacket('fl/1/acme/leaving/telemetry', sample(id), 1, id));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await raw.closed;
    expect(refusals()).toBe(before + 1);
  });

  test('a child registered while its gateway is connected can be published for', async () => {
    const gateway = await rig.register({ name: 'gw2', kind: 'gateway' });
    const raw = await rig.rawClient(gateway);
    await rig.register({ name: 'late-child', gateway: 'gw2' });
    await expect
      .poll(async () => {
        const probe = await rig.rawClient(gateway, { clientId: 'probe' });
        probe.socket.write(publishPacket('fl/1/acme/late-child/telemetry', sample(0), 1, 1));
        return Promise.race([
          probe.bytes(8).then(
            () => true,
            () => false,
          ),
          probe.closed.then(() => false),
        ]);
      })
      .toBe(true);
    raw.socket.write(publishPacket('fl/1/acme/late-child/telemetry', sample(1), 1, 1));
    expect((await raw.bytes(8)).subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 1]));
  });
});

describe('refusals', () => {
  test.each([
    ['another device', 'fl/1/acme/pump-1/telemetry'],
    ['another tenant', 'fl/1/globex/intruder/telemetry'],
    ['commands', 'fl/1/acme/intruder/command'],
    ['elsewhere', 'plant/telemetry'],
    ['a format that does not exist', 'fl/1/acme/intruder/telemetry/yaml'],
    ['a format of the other kind', 'fl/1/acme/intruder/waveform/json'],
    ['$SYS', '$SYS/x'],
    ['101 levels', 'a/'.repeat(100)],
  ])('publishing to %s closes the connection, is counted, and shows at the device', async (_, topic) => {
    const known = (await rig.pg.asOwner(`select 1 from device where name = 'intruder'`)).length > 0;
    const device = known
      ? await rig.intake.registry.rotate(rig.pg.tenantId, 'intruder')
      : await rig.register({ name: 'intruder' });
    const before = rig.intake.counts().refusals['topic-publish'];
    await expect
      .poll(async () =>
        rig.rawClient(device).then(
          (raw) => [...raw.received()],
          () => null,
        ),
      )
      .toEqual([0x20, 2, 0, 0]);
    const raw = await rig.rawClient(device);
    raw.socket.write(publishPacket(topic, sample(1), 1, 1));
    await raw.closed;
    expect(raw.received()).toHaveLength(4);
    expect(rig.intake.counts().refusals['topic-publish']).toBe(before + 1);
  });

  test.each([
    ['a wrong secret', { password: Buffer.from('fld_wrong') }, 5],
    ['an unknown device', { username: 'acme/nobody' }, 5],
    ['another tenant’s name for it', { username: 'globex/refused' }, 5],
    ['no password', { password: undefined }, 4],
  ])('%s', async (_, connect, returnCode) => {
    const [device] = await rig.pg.asOwner(`select 1 from device where name = 'refused'`);
    const credential = device
      ? { id: '', name: 'refused', username: 'acme/refused', secret: 'x' }
      : await rig.register({ name: 'refused' });
    const raw = await rig.rawSocket();
    const packet = connectPacket(credential, connect as never);
    raw.socket.write(packet);
    expect((await raw.bytes(4))[3]).toBe(returnCode);
    await raw.closed;
  });

  test('an empty client id with a session to keep', async () => {
    const raw = await rig.rawSocket();
    const packet = connectPacket({ id: '', name: '', username: 'acme/x', secret: 's' }, { clientId: '' });
    packet[9]! &= ~0x02; // the clean-session flag
    raw.socket.write(packet);
    expect((await raw.bytes(4))[3]).toBe(2);
    await raw.closed;
  });

  test('MQTT 5 is told that it is not spoken here', async () => {
    const raw = await rig.rawSocket();
    raw.socket.write(connectPacket({ id: '', name: '', username: 'acme/x', secret: 's' }, { protocolVersion: 5 }));
    expect(await raw.bytes(5)).toEqual(Buffer.from([0x20, 3, 0, 0x84, 0]));
    await raw.closed;
  });

  test('no secret reaches the log', async () => {
    const device = await rig.register({ name: 'discreet' });
    const raw = await rig.rawSocket();
    raw.socket.write(connectPacket({ ...device, secret: `${device.secret}-wrong` }));
    await raw.closed;
    expect(rig.logged.join('')).not.toContain(device.secret);
  });

  test('revoking ends the connection and keeps it out; rotating lets the new secret in', async () => {
    const device = await rig.register({ name: 'revoked' });
    const raw = await rig.rawClient(device);
    await rig.intake.registry.revoke(rig.pg.tenantId, 'revoked');
    await raw.closed;
    const again = await rig.rawSocket();
    again.socket.write(connectPacket(device));
    expect((await again.bytes(4))[3]).toBe(5);
    const fresh = await rig.intake.registry.rotate(rig.pg.tenantId, device.id);
    await expect
      .poll(async () =>
        rig.rawClient(fresh).then(
          (client) => client.received()[3],
          () => null,
        ),
      )
      .toBe(0);
  });

  test('a revocation made elsewhere is effective within a second', async () => {
    const device = await rig.register({ name: 'revoked-elsewhere' });
    const raw = await rig.rawClient(device);
    const elsewhere = createDeviceRegistry({ db: rig.pg.db, clock: systemClock() });
    await elsewhere.revoke(rig.pg.tenantId, 'revoked-elsewhere');
    const started = Date.now();
    await raw.closed;
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  test('malformed packets close the connection only', async () => {
    const device = await rig.register({ name: 'mangler' });
    const healthy = await rig.rawClient(device, { clientId: 'healthy' });
    const topicBeyondPacket = Buffer.from([0x32, 4, 0xff, 0xff, 0, 0]);
    const qos3 = Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1]);
    const endlessLength = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]);
    const packetIdZero = publishPacket('fl/1/acme/mangler/telemetry', sample(1), 1, 1);
    packetIdZero.writeUInt16BE(0, packetIdZero.length - sample(1).length - 2);
    for (const bytes of [topicBeyondPacket, qos3, endlessLength, packetIdZero, Buffer.from([0x32, 0])]) {
      const raw = await rig.rawClient(device);
      raw.socket.write(bytes);
      await raw.closed;
    }
    healthy.socket.write(publishPacket('fl/1/acme/mangler/telemetry', sample(1), 1, 1));
    await healthy.bytes(8);
    expect(await payloadsOf('mangler')).toEqual([sample(1)]);
  });
});

test('500 devices that the intake has never seen connect at once, within 10 s', async () => {
  const devices = Array.from({ length: 500 }, (_, index) => ({ name: `crowd-${index}`, kind: 'device' as const }));
  const credentials = await rig.intake.registry.register(rig.pg.tenantId, devices);
  const started = Date.now();
  const clients = await Promise.all(credentials.map((credential) => rig.rawClient(credential)));
  expect(Date.now() - started).toBeLessThan(10_000);
  for (const { socket } of clients) socket.destroy();
});

describe('keep-alive', () => {
  test('a silent client is ended at one and a half times; fronted packets count as life', async () => {
    const device = await rig.register({ name: 'sleeper' });
    const silent = await rig.rawClient(device, { clientId: 'silent', keepalive: 1 });
    const busy = await rig.rawClient(device, { clientId: 'busy', keepalive: 1 });
    const started = Date.now();
    const beat = setInterval(() => busy.socket.write(publishPacket('fl/1/acme/sleeper/telemetry', sample(1), 0)), 300);
    await silent.closed;
    const elapsedMs = Date.now() - started;
    clearInterval(beat);
    expect(elapsedMs).toBeGreaterThanOrEqual(1_400);
    expect(elapsedMs).toBeLessThan(4_000);
    expect(busy.socket.destroyed).toBe(false);
  });
});

describe('presence', () => {
  test('connection, last message and problem are kept apart', async () => {
    const device = await rig.register({ name: 'present' });
    const raw = await rig.rawClient(device);
    const row = async () =>
      (
        await rig.pg.asOwner<{ connected: boolean; last_message_at: Date | null; problem_code: string | null }>(
          'select connected, last_message_at, problem_code from device_presence where device_id = $1',
          [device.id],
        )
      )[0];
    await expect.poll(row, { timeout: 5000 }).toMatchObject({ connected: true, last_message_at: null });
    raw.socket.write(publishPacket('fl/1/acme/present/telemetry', sample(1), 1, 1));
    await expect.poll(async () => (await row())?.last_message_at, { timeout: 5000 }).toBeInstanceOf(Date);
    raw.socket.write(publishPacket('fl/1/globex/present/telemetry', sample(1), 1, 2));
    await expect.poll(row, { timeout: 5000 }).toMatchObject({ connected: false, problem_code: 'TOPIC_PUBLISH' });
  });
});

test('the metrics carry what was counted', async () => {
  const text = await rig.metrics.metrics();
  expect(text).toMatch(/faultline_ingest_messages_total [1-9]/);
  expect(text).toMatch(/faultline_ingest_refusals_total\{reason="topic-publish"\} [1-9]/);
});

test('stopping acknowledges what is on disk, closes and is quick', async () => {
  const own = await startRig();
  const device = await own.register({ name: 'last' });
  const raw = await own.rawClient(device);
  for (let index = 1; index <= 1000; index++)
    raw.socket.write(publishPacket('fl/1/acme/last/telemetry', sample(index), 1, index));
  await once(raw.socket, 'data');
  const started = Date.now();
  await own.intake.stop();
  expect(Date.now() - started).toBeLessThan(5_000);
  await raw.closed;
  const acknowledged = (raw.received().length - 4) / 4;
  expect((await own.records()).length).toBeGreaterThanOrEqual(acknowledged);
  await own.stop();
});
