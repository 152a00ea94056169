import mqtt, { type IClientPublishOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { absent } from '../../../test/engines/absent.ts';
import {
  HOW_TO_GET_MOSQUITTO,
  type MosquittoEngine,
  mosquittoIsHere,
  startMosquitto,
} from '../../../test/engines/mosquitto.ts';
import { ingestProcess } from '../../../test/fixtures/ingestProcess.ts';
import { type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';
import { mapTopics } from '../../../test/fixtures/vendorTopics.ts';
import { crossingPairs, withoutContained } from './vendorTopics.ts';

const here = mosquittoIsHere() || absent('Mosquitto', HOW_TO_GET_MOSQUITTO);
const WITHIN = { timeout: 15_000 };

async function register(rig: Rig, type: string, name: string, tenantId?: string): Promise<void> {
  await rig.register({ name, type }, tenantId);
}

const metricOf = async (rig: Rig, name: string) =>
  Number(new RegExp(`^faultline_ingest_remote_${name} (\\S+)$`, 'm').exec(await rig.metrics.metrics())?.[1]);
const takenFrom = async (rig: Rig) =>
  (await rig.records()).map(({ deviceName, vendorTopic, payload }) => ({
    device: deviceName,
    topic: vendorTopic,
    x: (JSON.parse(Buffer.from(payload).toString()) as { values: { x: number } }).values.x,
  }));
const reading = (x: number): string => JSON.stringify({ values: { x } });

describe.runIf(here)('vendors’ topics behind another broker', () => {
  let mosquitto: MosquittoEngine;
  let client: MqttClient;
  const rigs: Rig[] = [];
  beforeEach(async () => {
    mosquitto = await startMosquitto();
    client = await mqtt.connectAsync(mosquitto.url(), { protocolVersion: 5 });
  });
  afterEach(async () => {
    await client.endAsync(true);
    // Those that share another's database first.
    for (const rig of rigs.splice(0).reverse()) await rig.stop();
    await mosquitto.stop();
  });
  async function process(config: object = {}, beside?: Rig): Promise<Rig> {
    const rig = await startRig({ config: { MQTT_URL: mosquitto.url(), ...config }, ...(beside && { beside }) });
    rigs.push(rig);
    await vi.waitFor(() => rig.intake.ready(), WITHIN);
    return rig;
  }
  const publish = (topic: string, x: number, options: IClientPublishOptions = {}) =>
    client.publishAsync(topic, reading(x), { qos: 1, ...options });

  test('are subscribed to while a type with devices maps them, and given up afterwards', {
    timeout: 60_000,
  }, async () => {
    const rig = await process();
    await mapTopics(rig, 'meter', ['tele/{device}/SENSOR', 'plant/+/{device}/{point}']);
    expect(await metricOf(rig, 'vendor_filters')).toBe(0);
    await register(rig, 'meter', 'm7');
    await expect.poll(() => metricOf(rig, 'vendor_filters'), WITHIN).toBe(2);
    await publish('tele/m7/SENSOR', 1);
    await publish('plant/hall/m7/x', 2);
    await publish('tele/m8/SENSOR', 3);
    await expect
      .poll(() => takenFrom(rig), WITHIN)
      .toEqual([
        { device: 'm7', topic: 'tele/m7/SENSOR', x: 1 },
        { device: 'm7', topic: 'plant/hall/m7/x', x: 2 },
      ]);
    await expect.poll(() => rig.intake.counts().refusals['unknown-device']).toBe(1);

    await mapTopics(rig, 'meter', ['tele/{device}/STATE']);
    await expect.poll(() => metricOf(rig, 'vendor_filters'), WITHIN).toBe(1);
    await publish('tele/m7/SENSOR', 4);
    await publish('tele/m7/STATE', 5);
    await expect.poll(async () => (await takenFrom(rig)).at(-1), WITHIN).toMatchObject({ x: 5 });
    expect((await takenFrom(rig)).map(({ x }) => x)).toEqual([1, 2, 5]);
    // What is not subscribed to does not even come.
    expect(rig.intake.counts().refusals).toMatchObject({ 'unknown-device': 1, 'topic-publish': 0 });
  });

  test('two processes share them; what was mapped while one was away it takes and gives up, too', {
    timeout: 60_000,
  }, async () => {
    const first = await process();
    await mapTopics(first, 'meter', ['tele/{device}/SENSOR']);
    await register(first, 'meter', 'm7');
    const second = await process({}, first);
    for (const rig of [first, second]) await expect.poll(() => metricOf(rig, 'vendor_filters'), WITHIN).toBe(1);
    for (let x = 0; x < 200; x++) await publish('tele/m7/SENSOR', x);
    const both = async () => [...(await takenFrom(first)), ...(await takenFrom(second))].map(({ x }) => x);
    await expect.poll(async () => (await both()).length, WITHIN).toBe(200);
    expect(new Set(await both()).size).toBe(200);
    expect((await takenFrom(first)).length).toBeGreaterThan(0);
    expect((await takenFrom(second)).length).toBeGreaterThan(0);
  });

  test('a session gives up what an earlier life of its process had subscribed to', { timeout: 60_000 }, async () => {
    const first = await process();
    await mapTopics(first, 'meter', ['tele/{device}/SENSOR']);
    await mapTopics(first, 'meter', ['other/{device}']);
    await register(first, 'meter', 'm7');
    const rig = await process({}, first);
    await expect.poll(() => metricOf(rig, 'vendor_filters'), WITHIN).toBe(1);
    await first.intake.stop();
    // Takes the session over for a moment, as the process when the mapping was the one before.
    const before = await mqtt.connectAsync(mosquitto.url(), {
      ...{ clientId: `faultline-${rig.spool.id}`, clean: false, protocolVersion: 5, reconnectPeriod: 0 },
      properties: { sessionExpiryInterval: 3_600 },
    });
    await before.subscribeAsync('$share/faultline/tele/+/SENSOR', { qos: 1 });
    await before.endAsync();
    await expect.poll(() => metricOf(rig, 'reconnections_total'), WITHIN).toBe(1);
    expect(rig.logged.join('')).toContain('"sessionPresent":true');
    await publish('other/m7', 1);
    await expect.poll(() => takenFrom(rig), WITHIN).toHaveLength(1);
    await publish('tele/m7/SENSOR', 2);
    await publish('other/m7', 3);
    await expect.poll(() => takenFrom(rig), WITHIN).toHaveLength(2);
    expect(rig.intake.counts().refusals['topic-publish']).toBe(0);
  });

  test('another tenant’s topics begin with its slug, so that nobody maps himself into another’s data', {
    timeout: 60_000,
  }, async () => {
    const rig = await process();
    const { other, pg } = rig;
    await mapTopics(rig, 'meter', ['tele/{device}/SENSOR', 'globex/{device}/SENSOR']);
    await register(rig, 'meter', 'm7');
    await mapTopics(
      rig,
      'spy',
      ['tele/{device}/SENSOR', 'globex/{device}/SENSOR', 'acme/{device}/SENSOR'],
      other.tenantId,
    );
    await register(rig, 'spy', 'm7', other.tenantId);
    await expect.poll(() => metricOf(rig, 'vendor_filters'), WITHIN).toBe(2);
    await publish('tele/m7/SENSOR', 1);
    await publish('globex/m7/SENSOR', 2);
    await publish('acme/m7/SENSOR', 3);
    await publish('tele/m7/SENSOR', 4);
    await expect.poll(() => rig.records(), WITHIN).toHaveLength(3);
    const tenants = (await rig.records()).map(({ tenantId, payload }) => [Buffer.from(payload).toString(), tenantId]);
    expect(Object.fromEntries(tenants)).toEqual({
      ...{ [reading(1)]: pg.tenantId, [reading(4)]: pg.tenantId },
      [reading(2)]: other.tenantId,
    });
    expect(rig.logged.join('')).toContain('acme/{device}/SENSOR (type spy of globex)');
  });

  test('a rule that names no device needs the broker’s word for who published', { timeout: 60_000 }, async () => {
    const silent = await process();
    await mapTopics(silent, 'plc', ['line/4/values']);
    await register(silent, 'plc', 'plc-4');
    const told = await process({ MQTT_PUBLISHER_PROPERTY: 'publisher' }, silent);
    await expect.poll(() => metricOf(told, 'vendor_filters'), WITHIN).toBe(1);
    expect(await metricOf(silent, 'vendor_filters')).toBe(0);
    await expect.poll(() => silent.logged.join(''), WITHIN).toContain('it names no device');
    const by = (publisher: string | string[]): IClientPublishOptions => ({
      properties: { userProperties: { publisher, more: 'x' } },
    });
    await publish('line/4/values', 1, by('acme/plc-4'));
    await publish('line/4/values', 2);
    await publish('line/4/values', 3, by('acme/stranger'));
    await publish('line/4/values', 4, by(['acme/plc-4', 'acme/plc-4']));
    await publish('line/4/values', 5, by('acme/plc-4'));
    await expect.poll(() => takenFrom(told), WITHIN).toHaveLength(2);
    expect((await takenFrom(told)).map(({ device, x }) => `${device} ${x}`)).toEqual(['plc-4 1', 'plc-4 5']);
    await expect.poll(() => told.intake.counts().refusals).toMatchObject({ 'unknown-device': 1, 'topic-publish': 2 });
  });

  test('a rule that is as wide as all brings no second copy of what is ours, and none of itself', {
    timeout: 60_000,
  }, async () => {
    const rig = await process();
    await mapTopics(rig, 'wide', ['{device}/#', '{device}/data', 'hall/{device}/#']);
    await register(rig, 'wide', 'm7');
    await expect.poll(() => metricOf(rig, 'vendor_filters'), WITHIN).toBe(1);
    // No time and no sequence: nothing but their number could tell two copies from two readings.
    await publish('fl/1/acme/m7/telemetry', 1);
    await publish('m7/data', 2);
    await publish('hall/m7/a/b', 3);
    await publish('m7', 4);
    await expect.poll(() => takenFrom(rig), WITHIN).toHaveLength(4);
    await expect.poll(() => metricOf(rig, 'in_flight'), WITHIN).toBe(0);
    expect((await takenFrom(rig)).map(({ x }) => x).sort()).toEqual([1, 2, 3, 4]);
  });
});

test.runIf(here)(
  'of two filters that cross each brings a copy: one is stored, one is counted, and the log says so',
  {
    timeout: 60_000,
  },
  async () => {
    const mosquitto = await startMosquitto();
    const { rig, stores, stop } = await ingestProcess(mosquitto.url(), {});
    const client = await mqtt.connectAsync(mosquitto.url());
    try {
      const topics = ['{device}/a/+', '{device}/+/b'];
      await mapTopics(rig, 'meter', topics, rig.pg.tenantId, { time: { path: '/at', format: 'ms' } });
      await register(rig, 'meter', 'm7');
      await expect.poll(() => metricOf(rig, 'vendor_filters'), WITHIN).toBe(2);
      expect(rig.logged.join('')).toContain('+/+/b and +/a/+');
      const at = Date.now() - 1_000;
      for (let x = 0; x < 10; x++)
        await client.publishAsync('m7/a/b', JSON.stringify({ at: at + x, values: { x } }), { qos: 1 });
      const ledger = async () => {
        const { stored, duplicate, quarantined, pending } = await stores.ledger(rig.pg.tenantId);
        return { stored, duplicate, quarantined, pending };
      };
      await expect.poll(ledger, WITHIN).toEqual({ stored: 10, duplicate: 10, quarantined: 0, pending: 0 });
    } finally {
      await client.endAsync(true);
      await stop();
      await mosquitto.stop();
    }
  },
);

test('filters cross where they have topics in common and neither contains the other', () => {
  expect(crossingPairs(['+/x', 'a/+', 'b/y'])).toEqual(['+/x and a/+']);
  expect(crossingPairs(['a/#', '+/x/#', '+'])).toEqual(['a/# and +/x/#', 'a/# and +']);
  expect(crossingPairs(['a/b/c', 'a/+/d', 'a/b', 'a/+', '+/+/+/+'])).toEqual([]);
});

test('of filters only those stay that no other one contains', () => {
  expect(withoutContained(['a/+', 'a/b', 'a/#', 'b/+/c', 'b/x/c', 'b/+/+', 'c/#', 'c'])).toEqual([
    'a/#',
    'b/+/+',
    'c/#',
  ]);
  expect(withoutContained(['+/x', 'a/+'])).toEqual(['+/x', 'a/+']);
  expect(withoutContained(['+/+', '+/#'])).toEqual(['+/#']);
});
