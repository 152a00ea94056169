import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../platform/index.ts';
import { type AnonymousListener, startAnonymousListener } from './anonymousListener.ts';

// What Eclipse Paho's suite asks of a broker of MQTT 3.1.1, packet by packet, so that it stays so without Python.

let listener: AnonymousListener;
let published = 0;
beforeAll(async () => {
  listener = await startAnonymousListener(0, createLog('silent'));
});
afterAll(() => listener.stop());

type Qos = 0 | 1 | 2;
type Heard = { topic: string; payload: string; qos: Qos; retain: boolean };

/** A client that does nothing by itself except what the test lets it answer. */
class Client {
  readonly socket: Socket;
  readonly packets: Packet[] = [];
  answers = true;
  #messageId = 1;
  readonly closed: Promise<unknown>;

  constructor(port: number) {
    this.socket = createConnection({ host: '127.0.0.1', port });
    this.socket.on('error', () => undefined);
    this.closed = once(this.socket, 'close');
    const reader = parser();
    reader.on('packet', (packet: Packet) => {
      this.packets.push({ ...packet });
      if (this.answers) this.#answer(packet);
    });
    this.socket.on('data', (chunk: Buffer) => void reader.parse(chunk));
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet));
  }

  async got<Command extends Packet['cmd']>(cmd: Command, nth = 1): Promise<Extract<Packet, { cmd: Command }>> {
    await expect.poll(() => this.#of(cmd).length, { timeout: 5_000 }).toBeGreaterThanOrEqual(nth);
    return this.#of(cmd)[nth - 1]!;
  }

  heard(): Heard[] {
    return this.#of('publish').map(({ topic, payload, qos, retain }) => ({
      topic,
      payload: payload.toString(),
      qos,
      retain,
    }));
  }

  async subscribe(...filters: [string, Qos][]): Promise<unknown> {
    const messageId = this.#messageId++;
    const before = this.#of('suback').length;
    this.send({ cmd: 'subscribe', messageId, subscriptions: filters.map(([topic, qos]) => ({ topic, qos })) });
    return (await this.got('suback', before + 1)).granted;
  }

  async unsubscribe(...topics: string[]): Promise<void> {
    this.send({ cmd: 'unsubscribe', messageId: this.#messageId++, unsubscriptions: topics });
    await this.got('unsuback');
  }

  /** Publishes and waits for all of its handshake. */
  async publish(topic: string, payload: string, qos: Qos, retain = false): Promise<void> {
    published++;
    const messageId = this.#messageId++;
    const [acks, comps] = [this.#of('puback').length, this.#of('pubcomp').length];
    this.send({ cmd: 'publish', topic, payload, qos, retain, dup: false, ...(qos > 0 ? { messageId } : {}) });
    if (qos === 1) await this.got('puback', acks + 1);
    if (qos === 2) await this.got('pubcomp', comps + 1);
    if (qos === 0) await this.ping();
  }

  /** Everything sent before has been read when the answer is there. */
  async ping(): Promise<void> {
    const before = this.#of('pingresp').length;
    this.send({ cmd: 'pingreq' });
    await this.got('pingresp', before + 1);
  }

  async leave(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    await this.closed;
  }

  #answer(packet: Packet): void {
    const { messageId } = packet;
    if (packet.cmd === 'publish' && packet.qos === 1) this.send({ cmd: 'puback', messageId: messageId! });
    if (packet.cmd === 'publish' && packet.qos === 2) this.send({ cmd: 'pubrec', messageId: messageId! });
    if (packet.cmd === 'pubrec') this.send({ cmd: 'pubrel', messageId: messageId! });
    if (packet.cmd === 'pubrel') this.send({ cmd: 'pubcomp', messageId: messageId! });
  }

  #of<Command extends Packet['cmd']>(cmd: Command): Extract<Packet, { cmd: Command }>[] {
    return this.packets.filter((packet): packet is Extract<Packet, { cmd: Command }> => packet.cmd === cmd);
  }
}

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.socket.destroy();
});

interface Connect {
  clean?: boolean;
  keepalive?: number;
  will?: { topic: string; payload: Buffer; qos: Qos; retain: boolean };
}

function connectBytes(clientId: string, { clean = true, keepalive = 0, will }: Connect = {}): Buffer {
  const packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean: true, keepalive } as const;
  const bytes = generate(will ? { ...packet, will } : packet);
  // mqtt-packet will not write an empty client id that keeps its session: the flag is set here.
  if (!clean) bytes[9]! &= ~0x02;
  return bytes;
}

async function connect(clientId: string, options: Connect = {}): Promise<{ client: Client; sessionPresent: boolean }> {
  const client = new Client(listener.port);
  clients.push(client);
  client.socket.write(connectBytes(clientId, options));
  const { returnCode, sessionPresent } = await client.got('connack');
  if (returnCode !== 0) throw new Error(`CONNACK ${returnCode}`);
  return { client, sessionPresent };
}

describe('MQTT 3.1.1 on the anonymous listener', () => {
  test('a message at each quality of service comes back to its subscriber', async () => {
    const { client, sessionPresent } = await connect('basic');
    expect(sessionPresent).toBe(false);
    await client.subscribe(['TopicA', 2]);
    for (const qos of [0, 1, 2] as const) await client.publish('TopicA', `qos ${qos}`, qos);
    await expect.poll(() => client.heard().length).toBe(3);
    expect(new Set(client.heard().map(({ payload, qos }) => `${payload} as ${qos}`))).toEqual(
      new Set(['qos 0 as 0', 'qos 1 as 1', 'qos 2 as 2']),
    );
  });

  test('a second CONNECT, or another protocol’s name, ends the connection', async () => {
    const { client } = await connect('again');
    client.socket.write(connectBytes('again'));
    await client.closed;
    const other = new Client(listener.port);
    const bytes = connectBytes('hj');
    bytes.write('HJTT', 4);
    other.socket.write(bytes);
    await other.closed;
    expect(other.packets).toEqual([]);
  });

  test('retained messages are there for who subscribes later, until an empty one removes them', async () => {
    const { client } = await connect('retainer');
    for (const qos of [0, 1, 2] as const) await client.publish(`kept/${qos}`, `qos ${qos}`, qos, true);
    await client.subscribe(['kept/+', 2]);
    await expect.poll(() => client.heard().length).toBe(3);
    expect(client.heard().every(({ retain }) => retain)).toBe(true);
    for (const qos of [0, 1, 2] as const) await client.publish(`kept/${qos}`, '', qos, true);
    const { client: later } = await connect('later');
    await later.subscribe(['kept/+', 2]);
    await later.ping();
    expect(later.heard()).toEqual([]);
  });

  test('a will is sent when the connection breaks, and not after DISCONNECT', async () => {
    const { client: heir } = await connect('heir');
    await heir.subscribe(['will/#', 2]);
    const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 1 as const, retain: false });
    const { client: polite } = await connect('polite', { will: will('will/polite') });
    await polite.leave();
    const { client: broken } = await connect('broken', { will: will('will/broken') });
    broken.socket.resetAndDestroy();
    await expect.poll(() => heir.heard().map(({ topic }) => topic)).toEqual(['will/broken']);
  });

  test('an empty client id is given one with a clean session, and refused without', async () => {
    await expect(connect('', { clean: true })).resolves.toBeDefined();
    await expect(connect('', { clean: false })).rejects.toThrow('CONNACK 2');
  });

  test('messages wait for a session that is away', async () => {
    const { client: away } = await connect('away', { clean: false });
    await away.subscribe(['waiting/#', 2]);
    await away.leave();
    const { client: sender } = await connect('sender');
    for (const qos of [0, 1, 2] as const) await sender.publish(`waiting/${qos}`, `qos ${qos}`, qos);
    const { client: back, sessionPresent } = await connect('away', { clean: false });
    expect(sessionPresent).toBe(true);
    await expect.poll(() => back.heard().filter(({ qos }) => qos > 0).length).toBe(2);
  });

  test('overlapping filters: one message at the highest quality, or one for each', async () => {
    const { client } = await connect('overlap');
    await client.subscribe(['over/#', 2], ['over/+', 1]);
    await client.publish('over/lap', 'x', 2);
    await expect.poll(() => client.heard().length).toBeGreaterThan(0);
    await client.ping();
    const qualities = client.heard().map(({ qos }) => qos);
    expect([[2], [1, 2]]).toContainEqual(qualities.sort());
  });

  test('who is silent for one and a half times its keep-alive is ended, with its will', async () => {
    const { client: heir } = await connect('keep-heir');
    await heir.subscribe(['keepalive/will', 2]);
    const will = { topic: 'keepalive/will', payload: Buffer.from('expired'), qos: 1 as const, retain: false };
    const { client } = await connect('silent', { keepalive: 1, will });
    const started = performance.now();
    await client.closed;
    expect(performance.now() - started).toBeGreaterThan(1_400);
    await expect.poll(() => heir.heard().length).toBe(1);
  });

  test('what was not acknowledged is sent again to the same session, once', async () => {
    const { client: mute } = await connect('mute', { clean: false });
    await mute.subscribe(['again/#', 2]);
    mute.answers = false;
    const { client: sender } = await connect('again-sender');
    for (const qos of [1, 2] as const) await sender.publish(`again/${qos}`, `qos ${qos}`, qos);
    await expect.poll(() => mute.heard().length).toBe(2);
    await mute.leave();
    const { client: back } = await connect('mute', { clean: false });
    await expect.poll(() => back.heard().length).toBe(2);
    await expect.poll(() => back.packets.filter(({ cmd }) => cmd === 'pubrel').length).toBe(1);
    await back.leave();
    const { client: third } = await connect('mute', { clean: false });
    await third.ping();
    expect(third.heard()).toEqual([]);
  });

  test('a refused filter is answered with 0x80, the one beside it granted', async () => {
    const { client } = await connect('refused');
    expect(await client.subscribe(['test/nosubscribe', 2], ['allowed', 1])).toEqual([128, 1]);
  });

  test('a filter that begins with a wildcard does not match what begins with $', async () => {
    const { client } = await connect('dollar', { clean: false });
    await client.subscribe(['#', 2], ['+/B', 2]);
    await client.publish('$TopicA/B', 'hidden', 1);
    await client.publish('TopicA/B', 'seen', 1);
    await expect.poll(() => client.heard().map(({ payload }) => payload)).toContain('seen');
    expect(client.heard().map(({ topic }) => topic)).not.toContain('$TopicA/B');
    await client.leave();
    const { client: sender } = await connect('dollar-sender');
    await sender.publish('$TopicA/B', 'hidden from the absent too', 1);
    const { client: back } = await connect('dollar', { clean: false });
    await back.ping();
    expect(back.heard()).toEqual([]);
  });

  test('nothing comes of a filter after UNSUBSCRIBE', async () => {
    const { client } = await connect('leaver');
    await client.subscribe(['leave/a', 2], ['leave/b', 2]);
    await client.unsubscribe('leave/a');
    await client.publish('leave/a', 'x', 1);
    await client.publish('leave/b', 'x', 1);
    await expect.poll(() => client.heard().map(({ topic }) => topic)).toEqual(['leave/b']);
  });
});

test('every message of these went the way of telemetry: into the spool', async () => {
  expect(listener.spool.statistics().recordsAppended).toBe(published);
});
