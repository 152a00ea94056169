import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deniedFilters } from '../../test/attacks/deniedFilters.ts';
import { pausedSubscriber } from '../../test/attacks/pausedSubscriber.ts';
import { publishPacket, type Rig, startRig } from '../../test/fixtures/intakeRig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const sample = (value: number): string => JSON.stringify({ point: 'p', value });

function heard(client: MqttClient): { topic: string; text: string }[] {
  const messages: { topic: string; text: string }[] = [];
  client.on('message', (topic, payload) => messages.push({ topic, text: payload.toString() }));
  return messages;
}

async function granted(client: MqttClient, topics: string[]): Promise<(number | undefined)[]> {
  return new Promise((resolve) => {
    client.subscribe(topics, { qos: 1 }, (_error, _grants, packet) =>
      resolve([...(packet as { granted: number[] }).granted]),
    );
  });
}

const command = (tenantSlug: string, device: string, payload: Buffer) =>
  rig.intake.link.tell(tenantSlug, device, 'command', payload, null);

describe('subscribing', () => {
  test('a device gets its own commands and nothing else', async () => {
    const client = await rig.client(await rig.register({ name: 'valve' }));
    const messages = heard(client);
    const asked = [
      'fl/1/acme/valve/command',
      'fl/1/acme/other/command',
      'fl/1/acme/+/command',
      'fl/1/globex/valve/command',
      'fl/1/acme/valve/telemetry',
      '#',
      '$SYS/#',
      'fl/#',
    ];
    expect(await granted(client, asked)).toEqual([1, 128, 128, 128, 128, 128, 128, 128]);
    await command('acme', 'other', Buffer.from('not yours'));
    await command('acme', 'valve', Buffer.from('open'));
    await expect.poll(() => messages).toEqual([{ topic: 'fl/1/acme/valve/command', text: 'open' }]);
    expect(rig.intake.counts().refusals['topic-subscribe']).toBeGreaterThanOrEqual(7);
  });

  test('a denied filter beside an allowed one is not honoured after a reconnect either', async () => {
    const { username, secret: password } = await rig.register({ name: 'sly' });
    const filters = ['fl/1/acme/sly/command', 'fl/1/acme/secret/command', 'fl/1/globex/+/command', '#'];
    const overheard = await deniedFilters(
      async (prepare) => {
        const options = { clean: false, clientId: 'sly-1', reconnectPeriod: 0, username, password };
        const client = mqtt.connect(`mqtt://127.0.0.1:${rig.port}`, options);
        prepare?.(client);
        await new Promise<void>((resolve) => client.once('connect', () => resolve()));
        return client;
      },
      filters,
      async (round) => {
        for (const device of ['secret', 'sly']) await command('acme', device, Buffer.from(`${round}, for ${device}`));
        await command('globex', 'x', Buffer.from('foreign'));
      },
      (heard) => expect.poll(() => heard.at(-1)?.text).toBe('back, for sly'),
    );
    expect(overheard.granted).toEqual([1, 128, 128, 128]);
    expect(overheard.heard.filter(({ topic }) => topic !== 'fl/1/acme/sly/command')).toEqual([]);
  });

  test('a stored session keeps what a consumer missed, but no command: it waits in the database, until it expires', async () => {
    const consumer = await rig.register({ name: 'away', kind: 'consumer' });
    const credential = await rig.register({ name: 'absent' });
    const options = { clean: false, clientId: 'absent-1' };
    for (const [who, topic] of [
      [consumer, 'fl/1/acme/absent/#'],
      [credential, 'fl/1/acme/absent/command'],
    ] as const) {
      const first = await rig.client(who, options);
      await granted(first, [topic]);
      await first.endAsync();
    }
    expect(rig.intake.link.listens('acme', 'absent', 'command')).toBe(false);
    for (let index = 0; index < 500; index++) await command('acme', 'absent', Buffer.from(`${index}`));
    const publisher = await rig.client(credential);
    for (let index = 0; index < 500; index++)
      await publisher.publishAsync('fl/1/acme/absent/telemetry', '{"point":"t","value":1}', { qos: 1 });
    const missed = await rig.rawClient(consumer, options);
    await expect.poll(() => count(missed.received(), 'absent/telemetry')).toBe(500);
    const device = await rig.rawClient(credential, options);
    await expect.poll(() => rig.intake.link.listens('acme', 'absent', 'command')).toBe(true);
    await command('acme', 'absent', Buffer.from('now'));
    await expect.poll(() => count(device.received(), 'absent/command')).toBe(1);
    expect(count(missed.received(), 'absent/command')).toBeLessThanOrEqual(1);
  });

  test('a gateway hears its children’s commands, by exact names', async () => {
    const gateway = await rig.register({ name: 'hub', kind: 'gateway' });
    await rig.register({ name: 'hub-child', gateway: 'hub' });
    const client = await rig.client(gateway);
    expect(await granted(client, ['fl/1/acme/hub-child/command', 'fl/1/acme/valve/command'])).toEqual([1, 128]);
  });

  test('a device’s answer reaches a consumer of its tenant', async () => {
    const consumer = await rig.client(await rig.register({ name: 'desk', kind: 'consumer' }));
    const messages = heard(consumer);
    await granted(consumer, ['fl/1/acme/+/answer']);
    const device = await rig.client(await rig.register({ name: 'talker' }));
    await device.publishAsync('fl/1/acme/talker/answer', 'done', { qos: 1 });
    await expect.poll(() => messages).toEqual([{ topic: 'fl/1/acme/talker/answer', text: 'done' }]);
  });
});

describe('live messages', () => {
  test('a consumer sees its own tenant’s messages only, wherever it subscribes', async () => {
    const consumer = await rig.client(await rig.register({ name: 'viewer', kind: 'consumer' }));
    const messages = heard(consumer);
    expect(await granted(consumer, ['fl/1/acme/#', 'fl/1/globex/#', 'fl/1/+/+/telemetry', '#', 'fl/1/acme'])).toEqual([
      1, 128, 128, 128, 128,
    ]);
    const foreign = await rig.rawClient(await rig.register({ name: 'abroad' }, rig.other.tenantId));
    foreign.socket.write(publishPacket('fl/1/globex/abroad/telemetry', sample(1), 1, 1));
    await foreign.bytes(8);
    const own = await rig.rawClient(await rig.register({ name: 'home' }));
    own.socket.write(publishPacket('fl/1/acme/home/telemetry', sample(2), 1, 1));
    await expect.poll(() => messages.filter(({ topic }) => topic.includes('home'))).toHaveLength(1);
    expect(messages.filter(({ topic }) => !topic.startsWith('fl/1/acme/'))).toEqual([]);
    await consumer.endAsync();
  });

  test('a consumer may publish nothing', async () => {
    const raw = await rig.rawClient(await rig.register({ name: 'mute', kind: 'consumer' }));
    raw.socket.write(publishPacket('fl/1/acme/mute/telemetry', sample(1), 1, 1));
    await raw.closed;
  });

  test('retained messages of devices are not kept', async () => {
    const device = await rig.client(await rig.register({ name: 'retainer' }));
    await device.publishAsync('fl/1/acme/retainer/answer', 'sticky', { qos: 1, retain: true });
    await device.publishAsync('fl/1/acme/retainer/telemetry', sample(1), { qos: 1, retain: true });
    const consumer = await rig.client(await rig.register({ name: 'late', kind: 'consumer' }));
    const messages = heard(consumer);
    await granted(consumer, ['fl/1/acme/retainer/#']);
    await device.publishAsync('fl/1/acme/retainer/answer', 'fresh', { qos: 1 });
    await expect.poll(() => messages.map(({ text }) => text)).toEqual(['fresh']);
  });

  test('a consumer whose socket is paused is ended within 5 s; the other hears everything, quickly', async () => {
    const paused = await rig.rawClient(await rig.register({ name: 'frozen', kind: 'consumer' }), {
      clientId: 'frozen',
    });
    const lively = await rig.client(await rig.register({ name: 'lively', kind: 'consumer' }));
    const source = await rig.rawClient(await rig.register({ name: 'stream' }));
    const audience = { tenantSlug: 'acme', paused, lively, source, sourceName: 'stream' };
    const { sent, endedAfterMs, delaysMs } = await pausedSubscriber(audience);
    expect(endedAfterMs).toBeLessThan(5_500);
    expect(delaysMs).toHaveLength(sent);
    expect(delaysMs[Math.floor(delaysMs.length * 0.99)]).toBeLessThan(1_000);
  });
});

function count(bytes: Buffer, text: string): number {
  let found = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) found++;
  return found;
}
