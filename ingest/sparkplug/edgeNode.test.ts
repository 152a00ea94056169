import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storesOf } from '../../test/fixtures/ingestProcess.ts';
import { type Rig, startRig } from '../../test/fixtures/intakeRig.ts';
import { tryPayload } from '../decode/sparkplug/format.ts';
import type { IssuedCredential } from '../devices/index.ts';
import type { IngestStores } from '../ingestStores.ts';
import { storingMigrations } from '../migrations.ts';
import { encodePayload, inbox, nodeBirth, nodeDeath, type TestMetric } from './edgeNode.fixture.ts';

/** Real edge nodes (mqtt.js) against the real front, spool and stores. */
let rig: Rig;
let stores: IngestStores;

beforeAll(async () => {
  rig = await startRig({ migrations: storingMigrations });
  stores = await storesOf(rig);
});
afterAll(async () => {
  await stores.stop();
  await rig.stop();
});

const T = Date.now() - 60_000;

async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
) {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`did not happen within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function stored(device: string, point: string): Promise<[value: number, unit: string | null][]> {
  const found = await stores.telemetry.range(rig.pg.tenantId, { device, point }, 0n, 2n ** 62n, { limit: 1000 });
  return found.map(({ value, unit }) => [value, unit ?? null]);
}

const isStored = (device: string, point: string, values: number[]) =>
  until(`${device}/${point} = ${values}`, async () => {
    const found = (await stored(device, point)).map(([value]) => value);
    return JSON.stringify(found) === JSON.stringify(values);
  });

async function rowOf<T>(sql: string, values: unknown[]): Promise<T | undefined> {
  const { rows } = await rig.pg.db.tenant(rig.pg.tenantId, (tx) => tx.query(sql, values));
  return rows[0] as T | undefined;
}

const connected = async (name: string) =>
  (
    await rowOf<{ connected: boolean }>(
      'select p.connected from device_presence p join device d on d.id = p.device_id where d.name = $1',
      [name],
    )
  )?.connected;

/** An edge node: its will is its death, and it hears commands and the host's state. */
async function edgeNode(credential: IssuedCredential, bdSeq: number) {
  const edge = credential.name;
  const client = await rig.client(credential, {
    will: { topic: `spBv1.0/acme/NDEATH/${edge}`, payload: nodeDeath(bdSeq), qos: 1, retain: false },
  });
  const heard = inbox(client);
  const granted = await client.subscribeAsync([
    `spBv1.0/acme/NCMD/${edge}/#`,
    `spBv1.0/acme/DCMD/${edge}/#`,
    'spBv1.0/STATE/faultline',
  ]);
  expect(granted.map(({ qos }) => qos)).toEqual([0, 0, 0]);
  let seq = 1;
  return {
    client,
    heard,
    skipSeq: () => seq++,
    rebirths: () => heard.filter(({ topic }) => topic === `spBv1.0/acme/NCMD/${edge}`),
    birth: async (metrics: TestMetric[]) => {
      seq = 1;
      await client.publishAsync(`spBv1.0/acme/NBIRTH/${edge}`, nodeBirth(bdSeq, T, metrics), { qos: 1 });
    },
    send: (type: string, device: string | null, metrics: TestMetric[], timestampMs = T) =>
      client.publishAsync(
        `spBv1.0/acme/${type}/${edge}${device === null ? '' : `/${device}`}`,
        encodePayload({ timestampMs, seq: seq++, metrics }),
        { qos: 1 },
      ),
  };
}

async function gone(client: MqttClient): Promise<void> {
  client.stream.destroy(); // no DISCONNECT: the broker publishes the will
}

test('birth, data by alias, device, data set of commands: a whole life of an edge node', async () => {
  const gateway = await rig.register({ name: 'line-4', kind: 'gateway' });
  await rig.register({ name: 'pump-3', gateway: 'line-4' });
  const edge = await edgeNode(gateway, 7);
  await until('the host’s state, retained', () => edge.heard.some(({ topic }) => topic === 'spBv1.0/STATE/faultline'));
  const state = edge.heard.find(({ topic }) => topic === 'spBv1.0/STATE/faultline')!;
  expect(state.retain).toBe(true);
  expect(JSON.parse(state.payload.toString())).toEqual({ online: true, timestamp: expect.any(Number) });

  await edge.birth([{ name: 'Cabinet/Temperature', alias: 1, value: 21.5, unit: '°C', timestampMs: T }]);
  await edge.send('DBIRTH', 'pump-3', [{ name: 'Pressure', alias: 10, value: 4, unit: 'bar', timestampMs: T }]);
  await edge.send('NDATA', null, [{ alias: 1, value: 22.5, timestampMs: T + 1000 }]);
  await edge.send('DDATA', 'pump-3', [{ alias: 10, value: 4.5, timestampMs: T + 1000 }]);
  await edge.send('DDATA', 'pump-3', [{ alias: 10, value: 3.5, timestampMs: T - 1000, historical: true }]);
  await isStored('line-4', 'Cabinet.Temperature', [21.5, 22.5]);
  await isStored('pump-3', 'Pressure', [3.5, 4, 4.5]);
  expect(await stored('pump-3', 'Pressure')).toContainEqual([4.5, 'bar']);
  await until('the device is shown as connected', () => connected('pump-3'));
  expect(edge.rebirths()).toEqual([]);

  await edge.send('DDEATH', 'pump-3', []);
  await until('the device is shown as gone', async () => (await connected('pump-3')) === false);
  await edge.send('DBIRTH', 'pump-3', [{ name: 'Pressure', alias: 10, value: 5, timestampMs: T + 5000 }]);
  await until('and as connected again', () => connected('pump-3'));
  await gone(edge.client);
  await until('the will takes its devices with it', async () => (await connected('pump-3')) === false);
});

test('a repetition is counted once; equal values of other messages are other samples', async () => {
  const edge = await edgeNode(await rig.register({ name: 'repeater' }), 0);
  await edge.birth([{ name: 'a', alias: 1, value: 1, timestampMs: T }]);
  await edge.send('NDATA', null, [{ alias: 1, value: 2, timestampMs: T + 1 }]);
  await edge.send('NDATA', null, [{ alias: 1, value: 2, timestampMs: T + 1 }]);
  await isStored('repeater', 'a', [1, 2, 2]);
  const again = encodePayload({ timestampMs: T, seq: 2, metrics: [{ alias: 1, value: 2, timestampMs: T + 1 }] });
  await edge.client.publishAsync('spBv1.0/acme/NDATA/repeater', again, { qos: 1, dup: true });
  await until('a duplicate', async () => {
    const { devices } = await stores.ledger(rig.pg.tenantId);
    return devices.find(({ device, duplicate, pending }) => device === 'repeater' && duplicate === 1 && pending === 0);
  });
  await isStored('repeater', 'a', [1, 2, 2]);
});

test('data without a birth wait in quarantine, the birth is asked for, and a replay reads them with it', async () => {
  const edge = await edgeNode(await rig.register({ name: 'unborn' }), 1);
  await edge.send('NDATA', null, [{ alias: 3, value: 8, timestampMs: T }]);
  await until('a rebirth request', () => edge.rebirths().length === 1);
  const request = tryPayload(edge.rebirths()[0]!.payload);
  expect(request).toMatchObject({
    metrics: [{ name: 'Node Control/Rebirth', datatype: 11, value: { in: 'boolean', value: true } }],
  });
  const held = await until('it is quarantined', () =>
    rowOf<{ id: string; reason: string }>(
      `select id, reason from quarantine where device = 'unborn' and reason_code = 'SPARKPLUG_BIRTH' and units = 1`,
      [],
    ),
  );
  expect(held.reason).toContain('no birth certificate');
  await edge.send('NDATA', null, [{ alias: 3, value: 9, timestampMs: T + 1 }]);
  await edge.birth([{ name: 'flow', alias: 3, value: 10, timestampMs: T + 2 }]);
  await isStored('unborn', 'flow', [10]);
  expect(edge.rebirths()).toHaveLength(1); // not one request for every message
  await until('the birth is written', () =>
    rowOf(`select from sparkplug_birth b join device d on d.id = b.edge_id where d.name = 'unborn'`, []),
  );
  expect(await stores.replay(rig.pg.tenantId, held.id)).toMatchObject({ stored: 1, remaining: 0 });
  await isStored('unborn', 'flow', [8, 10]);
  expect((await stores.ledger(rig.pg.tenantId)).balanced).toBe(true);
});

test('a gap in seq is answered with a rebirth request; what came is stored all the same', async () => {
  const edge = await edgeNode(await rig.register({ name: 'gappy' }), 1);
  await edge.birth([{ name: 'a', alias: 1, value: 0, timestampMs: T }]);
  edge.skipSeq();
  await edge.send('NDATA', null, [{ alias: 1, value: 3, timestampMs: T + 3 }]);
  await until('a rebirth request', () => edge.rebirths().length === 1);
  await isStored('gappy', 'a', [0, 3]);
});

test('an earlier life’s will, published late, ends nothing', async () => {
  const gateway = await rig.register({ name: 'phoenix', kind: 'gateway' });
  await rig.register({ name: 'feather', gateway: 'phoenix' });
  const edge = await edgeNode(gateway, 2);
  await edge.birth([{ name: 'a', alias: 1, value: 0, timestampMs: T }]);
  await edge.send('DBIRTH', 'feather', [{ name: 'b', alias: 2, value: 0, timestampMs: T }]);
  await edge.client.publishAsync('spBv1.0/acme/NDEATH/phoenix', nodeDeath(1), { qos: 1 });
  await edge.send('DDATA', 'feather', [{ alias: 2, value: 1, timestampMs: T + 1 }]);
  await isStored('feather', 'b', [0, 1]);
  await edge.client.publishAsync('spBv1.0/acme/NDEATH/phoenix', nodeDeath(2), { qos: 1 });
  await edge.send('DDATA', 'feather', [{ alias: 2, value: 2, timestampMs: T + 2 }]);
  await until('a rebirth request', () => edge.rebirths().length === 1);
  await isStored('feather', 'b', [0, 1]);
});

test('a device that nobody registered is quarantined and named; registered, its messages can be replayed', async () => {
  const edge = await edgeNode(await rig.register({ name: 'hub', kind: 'gateway' }), 1);
  await edge.birth([]);
  await edge.send('DBIRTH', 'newcomer', [{ name: 't', alias: 5, value: 36.6, timestampMs: T }]);
  const held = await until('it is quarantined', () =>
    rowOf<{ id: string; reason: string }>(
      `select id, reason from quarantine where device = 'hub' and reason_code = 'SPARKPLUG_DEVICE'`,
      [],
    ),
  );
  expect(held.reason).toBe(
    'newcomer is not registered as a device of the gateway hub; register it with that gateway, then replay',
  );
  expect(await stores.replay(rig.pg.tenantId, held.id)).toMatchObject({ stored: 0, remaining: 1 });
  await rig.register({ name: 'newcomer', gateway: 'hub' });
  expect(await stores.replay(rig.pg.tenantId, held.id)).toMatchObject({ stored: 1, remaining: 0 });
  await isStored('newcomer', 't', [36.6]);
  const report = await stores.ledger(rig.pg.tenantId, { countStores: true });
  expect(report.devices.find(({ device }) => device === 'newcomer')).toMatchObject({ accepted: 1, stored: 1 });
  expect(report.balanced).toBe(true);
});

test.each([
  ['another edge node', 'spBv1.0/acme/NDATA/line-4'],
  ['another tenant’s group', 'spBv1.0/globex/NDATA/stranger'],
  ['the host’s state', 'spBv1.0/STATE/faultline'],
  ['a command', 'spBv1.0/acme/NCMD/stranger'],
])('publishing for %s closes the connection', async (_, topic) => {
  const name = `stranger-${Math.random().toString(36).slice(2)}`;
  const client = await rig.client(await rig.register({ name }));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish(topic, nodeDeath(1), { qos: 1 }, () => undefined);
  await closed;
});

test.each([
  'spBv1.0/acme/NCMD/+',
  'spBv1.0/acme/#',
  'spBv1.0/#',
  'spBv1.0/+/NCMD/listener/#',
  'spBv1.0/acme/NDATA/listener',
])('subscribing to %s is refused', async (filter) => {
  const name = `listener-${Math.random().toString(36).slice(2)}`;
  const client = await rig.client(await rig.register({ name }));
  await expect(client.subscribeAsync(filter)).rejects.toThrow(/Unspecified error/);
});
