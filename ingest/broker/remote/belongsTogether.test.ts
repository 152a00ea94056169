import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { absent } from '../../../test/engines/absent.ts';
import {
  HOW_TO_GET_MOSQUITTO,
  type MosquittoEngine,
  mosquittoIsHere,
  startMosquitto,
} from '../../../test/engines/mosquitto.ts';
import { type IngestProcess, ingestProcess } from '../../../test/fixtures/ingestProcess.ts';
import { tryPayload } from '../../decode/sparkplug/format.ts';
import { randomBlock } from '../../parts/block.fixture.ts';
import { encodePayload, inbox, nodeBirth, nodeDeath } from '../../sparkplug/edgeNode.fixture.ts';

const here = mosquittoIsHere() || absent('Mosquitto', HOW_TO_GET_MOSQUITTO);
const T = Date.now() - 60_000;
const WITHIN = { timeout: 15_000 };

/** An edge node on the other broker, with the certificate of its death as its will. */
async function edgeNode(url: string, edge: string, bdSeq: number) {
  const will = { topic: `spBv1.0/acme/NDEATH/${edge}`, payload: nodeDeath(bdSeq), qos: 1, retain: false } as const;
  const client = await mqtt.connectAsync(url, { will, reconnectPeriod: 0 });
  const heard = inbox(client);
  await client.subscribeAsync([`spBv1.0/acme/NCMD/${edge}/#`, 'spBv1.0/STATE/plant']);
  let seq = 0;
  return {
    client,
    asked: () => heard.filter(({ topic }) => topic.includes('/NCMD/')),
    states: () =>
      heard
        .filter(({ topic }) => topic.includes('/STATE/'))
        .map(({ payload }) => (JSON.parse(payload.toString()) as { online: boolean }).online),
    birth: async () => {
      seq = 1;
      const metrics = [{ name: 'Temperature', alias: 1, value: 20, unit: '°C' }];
      await client.publishAsync(`spBv1.0/acme/NBIRTH/${edge}`, nodeBirth(bdSeq, T, metrics), { qos: 0 });
    },
    send: (type: string, device: string | null, alias: number, value: number, name?: string) =>
      client.publishAsync(
        `spBv1.0/acme/${type}/${edge}${device === null ? '' : `/${device}`}`,
        encodePayload({
          ...{ timestampMs: T + value, seq: seq++ % 256 },
          metrics: [{ ...(name === undefined ? {} : { name }), alias, value, timestampMs: T + value }],
        }),
        { qos: 0 },
      ),
  };
}

const valuesOf = async ({ stores, rig }: IngestProcess, device: string, point: string) =>
  (await stores.telemetry.range(rig.pg.tenantId, { device, point }, 0n, 2n ** 62n, { limit: 1_000 }))
    .map(({ value }) => value)
    .sort((a, b) => a - b);

const recordsOf = async ({ rig }: IngestProcess, format: string) =>
  (await rig.records()).filter((record) => record.format === format);

describe.runIf(here)('two processes, of which one takes what belongs together', () => {
  let mosquitto: MosquittoEngine;
  let first: IngestProcess;
  let second: IngestProcess;
  beforeAll(async () => {
    mosquitto = await startMosquitto();
    first = await ingestProcess(mosquitto.url(), {});
    second = await ingestProcess(mosquitto.url(), { MQTT_SPARKPLUG: false, MQTT_WAVEFORM: false }, first);
  });
  afterAll(async () => {
    await second?.stop();
    await first?.stop();
    await mosquitto?.stop();
  });

  test('a whole life of an edge node: births, data by alias, a rebirth asked for, its death', async () => {
    await first.rig.register({ name: 'line-4', kind: 'gateway' });
    await first.rig.register({ name: 'pump-3', gateway: 'line-4' });
    const edge = await edgeNode(mosquitto.url(), 'line-4', 3);
    await expect.poll(edge.states).toEqual([true]);
    await edge.birth();
    await edge.send('DBIRTH', 'pump-3', 7, 0, 'Pressure');
    for (let value = 1; value <= 300; value++) {
      await edge.send('NDATA', null, 1, 20 + value);
      await edge.send('DDATA', 'pump-3', 7, value);
    }
    const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
    await expect.poll(() => valuesOf(first, 'line-4', 'Temperature'), WITHIN).toEqual(upTo(20, 320));
    await expect.poll(() => valuesOf(first, 'pump-3', 'Pressure'), WITHIN).toEqual(upTo(0, 300));
    expect(edge.asked()).toEqual([]);

    await edge.send('NDATA', null, 99, 1);
    await expect.poll(() => edge.asked().length, WITHIN).toBe(1);
    const asked = tryPayload(edge.asked()[0]!.payload);
    expect('metrics' in asked && asked.metrics[0]).toMatchObject({ name: 'Node Control/Rebirth' });

    const alive = async () =>
      (await first.rig.pg.asOwner<{ alive: boolean }>('select alive from sparkplug_birth')).map((row) => row.alive);
    await expect.poll(alive, WITHIN).toEqual([true, true]);
    edge.client.stream.destroy(); // no DISCONNECT: the broker publishes the will
    await expect.poll(alive, WITHIN).toEqual([false, false]);
    expect(await recordsOf(second, 'sparkplug')).toEqual([]);
    const { stored, duplicate, quarantined } = await first.stores.ledger(first.rig.pg.tenantId);
    expect({ stored, duplicate, quarantined }).toEqual({ stored: 602, duplicate: 0, quarantined: 1 });
  });

  test('a block in twelve parts among shared telemetry, with the broker gone between two of them', async () => {
    await first.rig.register({ name: 'shaker' });
    const { messages, samples } = randomBlock({}, 12, 240_000);
    let client: MqttClient = await mqtt.connectAsync(mosquitto.url());
    const publish = async (from: number, to: number) => {
      for (let part = from; part < to; part++) {
        await client.publishAsync('fl/1/acme/shaker/waveform', messages[part]!, { qos: 1 });
        const time = T + part;
        await client.publishAsync('fl/1/acme/shaker/telemetry', JSON.stringify({ point: 't', value: part, time }), {
          qos: 1,
        });
      }
    };
    await publish(0, 5);
    await expect.poll(() => valuesOf(first, 'shaker', 't'), WITHIN).toHaveLength(5);
    await client.endAsync(true);
    await mosquitto.end();
    await mosquitto.start();
    // Mosquitto 2.0.11 knows shared subscriptions of before its restart only when we are back.
    for (const { rig } of [first, second]) await vi.waitFor(() => rig.intake.ready(), WITHIN);
    client = await mqtt.connectAsync(mosquitto.url());
    await publish(4, 12); // the fifth again: its device did not hear that it was taken
    await expect.poll(() => recordsOf(first, 'flw1'), WITHIN).toHaveLength(1);
    const blocks = () =>
      first.stores.waveforms.list(first.rig.pg.tenantId, { device: 'shaker', fromNs: 0n, toNs: 2n ** 62n, limit: 10 });
    await expect.poll(async () => (await blocks()).length, WITHIN).toBe(1);
    const read = await first.stores.waveforms.get(first.rig.pg.tenantId, (await blocks())[0]!.ref);
    expect(Buffer.from(read!.raw).equals(samples)).toBe(true);
    expect(await recordsOf(second, 'flw1')).toEqual([]);
    await expect.poll(() => valuesOf(first, 'shaker', 't'), WITHIN).toHaveLength(12);
    const shared = (await recordsOf(second, 'json')).length;
    expect(shared).toBeGreaterThan(0);
    expect(shared).toBeLessThan(13);
    await client.endAsync();
  });

  test('what other settings had subscribed is given up by the session', async () => {
    const { rig } = second;
    const clientId = `faultline-${rig.spool.id}`;
    // Takes the session over for a moment, as an earlier run of this process with other settings.
    const before = await mqtt.connectAsync(mosquitto.url(), {
      clientId,
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 3_600 },
      reconnectPeriod: 0,
    });
    const connections = async () => Number(/reconnections_total (\d+)/.exec(await rig.metrics.metrics())?.[1]);
    const known = await connections();
    await before.subscribeAsync(['spBv1.0/+/NDATA/+', '$share/faultline/fl/1/+/+/waveform/#'], { qos: 1 });
    await before.endAsync();
    await expect.poll(connections, WITHIN).toBe(known + 1);
    expect(rig.logged.at(-1)).toContain('"sessionPresent":true');
    await rig.register({ name: 'late-shaker' });
    const client = await mqtt.connectAsync(mosquitto.url());
    const blocks = (await recordsOf(first, 'flw1')).length;
    for (const message of randomBlock({}, 6, 6_000).messages)
      await client.publishAsync('fl/1/acme/late-shaker/waveform', message, { qos: 1 });
    await expect.poll(async () => (await recordsOf(first, 'flw1')).length, WITHIN).toBe(blocks + 1);
    expect(await rig.metrics.metrics()).toMatch(/^faultline_ingest_parts_bytes 0$|parts_open_blocks 0/m);
    await client.endAsync();
  });
});

test.runIf(here)('of two processes that nobody has told apart one takes what belongs together, once', async () => {
  const mosquitto = await startMosquitto();
  const first = await ingestProcess(mosquitto.url(), {});
  const second = await ingestProcess(mosquitto.url(), {}, first);
  try {
    await first.rig.register({ name: 'line-5', kind: 'gateway' });
    const edge = await edgeNode(mosquitto.url(), 'line-5', 1);
    await edge.birth();
    for (let value = 1; value <= 20; value++) await edge.send('NDATA', null, 1, 20 + value);
    for (const message of randomBlock({}, 6, 6_000).messages)
      await edge.client.publishAsync('fl/1/acme/line-5/waveform', message, { qos: 1 });
    const ledger = async () => {
      const { accepted, stored, duplicate, quarantined, pending } = await first.stores.ledger(first.rig.pg.tenantId);
      return { accepted, stored, duplicate, quarantined, pending };
    };
    await expect.poll(ledger, WITHIN).toEqual({ accepted: 22, stored: 22, duplicate: 0, quarantined: 0, pending: 0 });
    await edge.client.endAsync(true);
  } finally {
    await second.stop();
    await first.stop();
    await mosquitto.stop();
  }
});
