import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { authMigrations, createLog, type ManualClock, manualClock } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { decodeSparkplug } from '../decode/sparkplug/format.ts';
import { type DeviceIdentity, deviceMigrations, PresenceBoard } from '../devices/index.ts';
import { isHistory } from '../lanes/history.ts';
import type { EncodedOrigin } from '../spool/index.ts';
import { encodePayload, nodeBirth, nodeDeath, type TestMetric } from './edgeNode.fixture.ts';
import { SparkplugHost } from './host.ts';
import { SequenceWatch } from './sequence.ts';

let pg: TestDatabase;
let clock: ManualClock;
let sent: string[];
let host: SparkplugHost;
let edge: DeviceIdentity;
const log = createLog('silent');
const T = 1_800_000_000_000;

const newHost = () =>
  new SparkplugHost({
    ...{ clock, log, db: pg.db, presence: new PresenceBoard({ db: pg.db, clock, log }) },
    spool: { encodeOrigin: (): EncodedOrigin => ({ bytes: Buffer.alloc(0), crc: 0 }) },
    publish: (topic) => sent.push(topic),
  });

beforeAll(async () => {
  pg = await testDatabase([...authMigrations, ...deviceMigrations]);
  await pg.asOwner(`insert into tenant (id, slug, name, created_at) values ($1, 'acme', 'acme', now())`, [pg.tenantId]);
});
afterAll(() => pg.stop());

beforeEach(async () => {
  clock = manualClock(T);
  sent = [];
  host = newHost();
  const ids = { tenantId: pg.tenantId, deviceId: crypto.randomUUID(), child: crypto.randomUUID() };
  const name = `edge-${ids.deviceId}`;
  await pg.db.tenant(pg.tenantId, (tx) =>
    tx.query(
      `insert into device (tenant_id, id, name, kind, secret_hash, created_at)
       values ($1, $2, $3, 'gateway', '', now()), ($1, $4, $5, 'device', '', now())`,
      [pg.tenantId, ids.deviceId, name, ids.child, `child-${ids.child}`],
    ),
  );
  edge = {
    ...{ tenantId: pg.tenantId, tenantSlug: 'acme', deviceId: ids.deviceId, name, kind: 'gateway', version: 1 },
    ...{ telemetryFormat: null, secretHash: null, previousSecret: null },
    children: new Map([['valve', { deviceId: ids.child, telemetryFormat: null }]]),
  };
});

/** A message as the intake offers it. @returns its readings, or why it is held */
function hear(type: string, payload: Buffer, device?: string, repeated = false) {
  const topic = `spBv1.0/acme/${type}/${edge.name}${device ? `/${device}` : ''}`;
  const { record, units, kept } = host.look(host.target(edge, topic)!, payload, repeated);
  kept();
  if (record === null) return units;
  const decoding = decodeSparkplug(record);
  return decoding.ok ? decoding.samples.map(({ point, value }) => [point, value]) : decoding.failure.code;
}

const birth = (bdSeq = 1) => nodeBirth(bdSeq, T, [{ name: 'a/b', alias: 4, value: 1 }]);
const data = (seq: number, value = seq) => encodePayload({ timestampMs: T, seq, metrics: [{ alias: 4, value }] });

test('a message that was only overtaken asks for nothing; one that stays away does, once its time is over', async () => {
  hear('NBIRTH', birth());
  expect(hear('NDATA', data(2))).toEqual([['a.b', 2]]);
  expect(hear('NDATA', data(3))).toEqual([['a.b', 3]]);
  hear('NDATA', data(1));
  await clock.advance(60_000);
  expect(sent).toEqual([]);
  hear('NDATA', data(5));
  await clock.advance(1_999);
  expect(sent).toEqual([]);
  await clock.advance(1);
  expect(sent).toEqual([`spBv1.0/acme/NCMD/${edge.name}`]);
  hear('NDATA', data(6)); // counts from here
  await clock.advance(60_000);
  expect(sent).toHaveLength(1);
});

test('seq goes round at 256, over births and data of the node and its devices', () => {
  const watch = new SequenceWatch();
  watch.born(250n);
  for (let seq = 251; seq < 251 + 600; seq++) watch.take(BigInt(seq % 256));
  expect(watch.gap).toBe(false);
  watch.take(200n);
  expect(watch.gap).toBe(true);
});

test('an edge node that does not answer is asked again, every ten seconds at most', async () => {
  for (let second = 0; second < 30; second++) {
    expect(hear('NDATA', data(second))).toBe('SPARKPLUG_BIRTH');
    await clock.advance(1_000);
  }
  expect(sent).toHaveLength(3);
});

test('a birth that could not be spooled has changed nothing', () => {
  const topic = `spBv1.0/acme/NBIRTH/${edge.name}`;
  host.look(host.target(edge, topic)!, birth(), false);
  expect(hear('NDATA', data(1))).toBe('SPARKPLUG_BIRTH');
});

test('an unknown alias holds the message whole; a metric of a name and a datatype needs no birth', () => {
  hear('NBIRTH', birth());
  const unknown = { alias: 99, value: 2 };
  expect(hear('NDATA', encodePayload({ seq: 1, metrics: [{ alias: 4, value: 1 }, unknown] }))).toBe('SPARKPLUG_BIRTH');
  expect(hear('NDATA', encodePayload({ seq: 2, metrics: [{ name: 'late', value: 3 }] }))).toEqual([['late', 3]]);
  expect(sent).toHaveLength(1);
});

test('two metrics of a birth that would be one point are both refused, with the other’s name', () => {
  const payload = nodeBirth(1, T, [
    { name: 'a/b', value: 1 },
    { name: 'a.b', value: 2 },
  ]);
  const topic = `spBv1.0/acme/NBIRTH/${edge.name}`;
  const { record, units } = host.look(host.target(edge, topic)!, payload, false);
  const decoding = decodeSparkplug(record!);
  expect(units).toBe(2);
  expect(decoding).toMatchObject({
    samples: [],
    rejected: [{ reason: 'a/b and a.b would be the same point; rename one of them' }, {}],
  });
});

test('a new birth of the node ends its devices’ lives', () => {
  hear('NBIRTH', birth());
  hear('DBIRTH', encodePayload({ seq: 1, metrics: [{ name: 'x', alias: 9, value: 1 }] }), 'valve');
  const reading = () => hear('DDATA', encodePayload({ seq: 2, metrics: [{ alias: 9, value: 2 }] }), 'valve');
  expect(reading()).toEqual([['x', 2]]);
  hear('NBIRTH', birth(2));
  expect(reading()).toBe('SPARKPLUG_BIRTH');
});

test('aliases outlive a restart of ours; what has died does not come back', async () => {
  hear('NBIRTH', birth(7));
  hear('DBIRTH', encodePayload({ seq: 1, metrics: [{ name: 'x', alias: 9, value: 1 }] }), 'valve');
  hear('DDEATH', encodePayload({ seq: 2, metrics: [] }), 'valve');
  await host.stop();
  host = newHost();
  await host.start();
  expect(hear('NDATA', data(200))).toEqual([['a.b', 200]]);
  expect(hear('DDATA', encodePayload({ seq: 201, metrics: [{ alias: 9, value: 2 }] }), 'valve')).toBe(
    'SPARKPLUG_BIRTH',
  );
  hear('NDEATH', nodeDeath(7));
  await host.stop();
  host = newHost();
  await host.start();
  expect(hear('NDATA', data(201))).toBe('SPARKPLUG_BIRTH');
});

test('a message that is history altogether goes to the lane of history; one with a reading of now does not', () => {
  hear('NBIRTH', birth());
  const topic = `spBv1.0/acme/NDATA/${edge.name}`;
  const old = { alias: 4, value: 1, timestampMs: T - 3_600_000, historical: true };
  const isOld = (...metrics: TestMetric[]) => {
    const payload = encodePayload({ timestampMs: T, seq: 1, metrics });
    const { record } = host.look(host.target(edge, topic)!, payload, false);
    return isHistory(BigInt(T) * 1_000_000n, record!, 0, record!.length);
  };
  expect(isOld(old, { ...old, value: 2 })).toBe(true);
  expect(isOld(old, { alias: 4, value: 3, timestampMs: T })).toBe(false);
});
