import type { IClientOptions, MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DeviceSaid } from '../../ingest/devices/index.ts';
import { type BrokerEngine, type BrokerUser, urlOf } from '../engines/broker.ts';
import { connectOnce } from '../fixtures/connectOnce.ts';
import { gate } from '../fixtures/gate.ts';
import { type Rig, startRig } from '../fixtures/intakeRig.ts';

export interface BrokerUnderTest {
  name: string;
  /** Starts one that lets our user read all and devices do what they may (`DEVICE_RIGHTS`). */
  start: (ours: BrokerUser) => Promise<BrokerEngine>;
  /** Whether it still has a shared subscription, and keeps messages for it, after a kill, before a member is back. */
  keepsSharedOverItsDeath: boolean;
  /** Whether others get at once what a member had not acknowledged when it went away. */
  handsOverAMembersPart: boolean;
}

const OURS: BrokerUser = { name: 'faultline', password: 'the secret of Faultline' };
/** Java on a busy machine takes a minute to start. */
const WITHIN = { timeout: 60_000 };
const sample = (value: number, boot = 'b'): string => JSON.stringify({ point: 'p', value, seq: value, boot });
const upTo = (count: number) => Array.from({ length: count }, (_, value) => value);

/** What Faultline relies on in any broker of `MQTT_URL`, and does with it. */
export function remoteBrokerContract(under: BrokerUnderTest): void {
  describe(`${under.name} with users and rights, as the README recommends it`, { timeout: 240_000 }, () => {
    let broker: BrokerEngine;
    let way: Awaited<ReturnType<typeof gate>>;
    let rig: Rig;
    const answers: DeviceSaid[] = [];
    const clients: MqttClient[] = [];
    beforeAll(async () => {
      broker = await under.start(OURS);
      way = await gate(broker.port);
      rig = await startRig({
        config: { MQTT_URL: urlOf('mqtt', way.port, OURS) },
        maxPacketBytes: 100_000,
        heard: async (said) => {
          answers.push(said);
          return { problem: null };
        },
      });
      await vi.waitFor(() => rig.intake.ready(), WITHIN);
    }, 240_000);
    afterEach(() => {
      for (const client of clients.splice(0)) client.end(true);
    });
    afterAll(async () => {
      await rig?.stop();
      way?.close();
      way?.end();
      await broker?.stop();
    });

    async function connect(options: IClientOptions): Promise<MqttClient> {
      const client = await connectOnce(broker.url(), options);
      clients.push(client);
      return client;
    }
    const as = ({ name, password }: BrokerUser) =>
      vi.waitFor(() => connect({ username: name, password: Buffer.from(password) }), { ...WITHIN, interval: 200 });
    /** A device of Faultline that the broker knows by the same name and secret. */
    async function device(name: string): Promise<MqttClient> {
      const { username, secret } = await rig.register({ name });
      broker.addUsers([{ name: username, password: secret }]);
      return as({ name: username, password: secret });
    }
    const readyOrWhy = () => rig.intake.ready().then(() => 'ready', String);
    const valuesOf = (name: string) => rig.valuesOf(name);
    const metric = async (name: string, one = rig) =>
      Number(new RegExp(`^faultline_ingest_${name} (\\S+)$`, 'm').exec(await one.metrics.metrics())?.[1]);

    test('takes what a device publishes at either QoS, in its order, and acknowledges it', async () => {
      const client = await device('press');
      // At the pace of its acknowledgements: at QoS 0 a broker may drop what comes in a burst, and HiveMQ does. And in the order
      // of each QoS (§4.6): one may overtake the other.
      for (let value = 0; value < 100; value++)
        await client.publishAsync('fl/1/acme/press/telemetry', sample(value), { qos: value % 3 === 0 ? 0 : 1 });
      await expect.poll(async () => (await valuesOf('press')).toSorted((a, b) => a - b), WITHIN).toEqual(upTo(100));
      for (const isQos0 of [true, false])
        expect((await valuesOf('press')).filter((value) => (value % 3 === 0) === isQos0)).toEqual(
          upTo(100).filter((value) => (value % 3 === 0) === isQos0),
        );
      await expect.poll(() => metric('remote_in_flight'), WITHIN).toBe(0);
      expect(await metric('remote_connected')).toBe(1);
      expect(rig.intake.port()).toBe(0);
    });

    test('the broker lets no device publish for another', async () => {
      await device('other');
      const client = await device('alone');
      const { username, password } = client.options;
      const intruder = await connect({ username, password } as IClientOptions);
      intruder.publish('fl/1/acme/other/telemetry', sample(1), { qos: 0 });
      await client.publishAsync('fl/1/acme/alone/telemetry', sample(2), { qos: 1 });
      await expect.poll(() => valuesOf('alone'), WITHIN).toEqual([2]);
      expect(await valuesOf('other')).toEqual([]);
    });

    test('what is no device of ours, or may not be there, is counted, told and does not come again', async () => {
      const ghostly = { name: 'acme/ghost', password: 'boo' };
      broker.addUsers([ghostly]);
      const ghost = await as(ghostly);
      await ghost.publishAsync('fl/1/acme/ghost/telemetry', sample(1), { qos: 1 });
      await expect.poll(() => rig.intake.counts().refusals['unknown-device'], WITHIN).toBe(1);

      const client = await device('leaver');
      await client.publishAsync('fl/1/acme/leaver/telemetry', sample(1), { qos: 1 });
      await expect.poll(() => valuesOf('leaver'), WITHIN).toEqual([1]);
      const [{ id }] = (await rig.pg.asOwner<{ id: string }>(`select id from device where name = 'leaver'`)) as [
        { id: string },
      ];
      await rig.pg.db.tenant(rig.pg.tenantId, (tx) => rig.intake.registry.revoke(tx.tenantId, id));
      await vi.waitFor(async () => {
        await client.publishAsync('fl/1/acme/leaver/telemetry', sample(2), { qos: 1 });
        expect(rig.intake.counts().refusals.revoked).toBeGreaterThan(0);
      }, WITHIN);

      const format = await device('odd');
      await format.publishAsync('fl/1/acme/odd/telemetry/yaml', 'a: 1', { qos: 1 });
      await format.publishAsync('fl/1/acme/odd/telemetry', Buffer.alloc(200_000, 'x'), { qos: 1 });
      await format.publishAsync('fl/1/acme/odd/telemetry', 'no JSON', { qos: 1 });
      const taken = async () => (await rig.records()).filter(({ deviceName }) => deviceName === 'odd').length;
      await expect.poll(taken, WITHIN).toBe(1);
      await expect
        .poll(() => rig.intake.counts().refusals, WITHIN)
        .toMatchObject({ 'topic-publish': 1, 'packet-too-large': 1 });
      await expect.poll(() => metric('remote_in_flight'), WITHIN).toBe(0);
      await expect
        .poll(() => rig.pg.asOwner<{ problem_code: string }>('select problem_code from device_presence'), WITHIN)
        .toEqual(expect.arrayContaining([{ problem_code: 'PACKET_TOO_LARGE' }, { problem_code: 'REVOKED' }]));
    });

    test('a command reaches its device, and its answer comes back', async () => {
      const client = await device('valve');
      const heard: string[] = [];
      client.on('message', (_, payload) => {
        heard.push(payload.toString());
        client.publish('fl/1/acme/valve/answer', 'done', { qos: 1 });
      });
      await client.subscribeAsync('fl/1/acme/valve/command', { qos: 1 });
      expect(rig.intake.link.listens('acme', 'valve', 'command')).toBe(true);
      await rig.intake.link.tell('acme', 'valve', 'command', Buffer.from('open'), Date.now() + 60_000);
      await expect.poll(() => heard, WITHIN).toEqual(['open']);
      const said = () => answers.map(({ device: name, payload }) => `${name}: ${payload}`);
      await expect.poll(said, WITHIN).toEqual(['valve: done']);
    });

    test('presence follows the messages', async () => {
      const connected = `select connected from device_presence p join device d on d.id = p.device_id where d.name = 'press'`;
      await expect.poll(() => rig.pg.asOwner(connected), WITHIN).toEqual([{ connected: true }]);
    });

    test('while we are away it keeps what it acknowledges; a retained message comes once, and not as history', async () => {
      const client = await device('keeper');
      await client.publishAsync('fl/1/acme/keeper/telemetry', sample(0), { qos: 1, retain: true });
      await expect.poll(() => valuesOf('keeper'), WITHIN).toEqual([0]);
      way.close();
      await expect.poll(readyOrWhy, WITHIN).toMatch(/nothing comes in/);
      for (let value = 1; value < 100; value++)
        await client.publishAsync('fl/1/acme/keeper/telemetry', sample(value), { qos: 1 });
      way.open();
      // What was acknowledged into a way that closed at that moment comes again.
      await expect.poll(async () => [...new Set(await valuesOf('keeper'))], WITHIN).toEqual(upTo(100));
    });

    test('while the broker is away readiness and commands say so; afterwards nothing is missing', async () => {
      const client = await device('patient');
      const { username, password } = client.options as { username: string; password: Buffer };
      await client.publishAsync('fl/1/acme/patient/telemetry', sample(0), { qos: 1 });
      await expect.poll(() => valuesOf('patient'), WITHIN).toEqual([0]);
      const before = await metric('remote_reconnections_total');
      await (under.keepsSharedOverItsDeath ? broker.kill() : broker.end());
      await expect.poll(readyOrWhy, WITHIN).toMatch(/nothing comes in/);
      await expect(rig.intake.link.tell('acme', 'patient', 'command', Buffer.from('x'), null)).rejects.toThrow(
        /not connected/,
      );
      expect(await metric('remote_connected')).toBe(0);
      if (under.keepsSharedOverItsDeath) way.close();
      await broker.start();
      const publishes = async () => {
        const again = await as({ name: username, password: password.toString() });
        await again.publishAsync('fl/1/acme/patient/telemetry', sample(1), { qos: 1 });
      };
      if (under.keepsSharedOverItsDeath) {
        await publishes();
        way.open();
      }
      await expect.poll(() => metric('remote_reconnections_total'), { timeout: 60_000 }).toBe(before + 1);
      if (!under.keepsSharedOverItsDeath) await publishes();
      await expect.poll(() => valuesOf('patient'), WITHIN).toEqual([0, 1]);
      expect(rig.logged.join('')).not.toContain(encodeURIComponent(OURS.password));
      expect(rig.logged.join('')).not.toContain(OURS.password);
    });

    test('of two processes one goes away before its acknowledgements are heard: its part comes again, to it or to the other', async () => {
      const itsWay = await gate(broker.port);
      const second = await startRig({
        config: { MQTT_URL: urlOf('mqtt', itsWay.port, OURS), MQTT_SPARKPLUG: false, MQTT_WAVEFORM: false },
        beside: rig,
      });
      try {
        await vi.waitFor(() => second.intake.ready(), WITHIN);
        const client = await device('twin');
        const here = () => valuesOf('twin');
        const there = () => second.valuesOf('twin');
        const all = async () => [...(await here()), ...(await there())];
        let sent = 0;
        // One at a time: HiveMQ goes on with the same process for as long as something waits.
        const send = () => client.publishAsync('fl/1/acme/twin/telemetry', sample(sent++), { qos: 1 });
        while (sent < 30) {
          await send();
          await vi.waitFor(async () => expect(await all()).toContain(sent - 1), { ...WITHIN, interval: 5 });
        }
        expect((await all()).toSorted((a, b) => a - b)).toEqual(upTo(30));
        for (const part of [here, there]) expect((await part()).length).toBeGreaterThan(0);

        const before = (await there()).length;
        itsWay.mute();
        // Nothing more comes to it once something waits for its acknowledgement, which may have been so at once.
        while (sent < 50 && (await there()).length === before) {
          await send();
          const itGetsMore = async () => expect((await there()).length).toBeGreaterThan(before);
          await vi.waitFor(itGetsMore, { timeout: 500, interval: 5 }).catch(() => undefined);
        }
        const taken = await there();
        itsWay.close();
        if (!under.handsOverAMembersPart) itsWay.open();
        const again = async () =>
          under.handsOverAMembersPart
            ? (await here()).filter((value) => taken.includes(value))
            : (await there()).slice(taken.length).filter((value) => taken.includes(value));
        await expect.poll(again, WITHIN).not.toEqual([]);
        await expect.poll(async () => new Set(await all()).size, WITHIN).toBe(sent);
      } finally {
        await second.stop();
        itsWay.close();
        itsWay.end();
      }
    });
  });
}
