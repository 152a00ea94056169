import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/index.ts';
import type { TestDatabase } from '../../test/engines/postgres.ts';
import { DEVICE_ID, type IngestBench, ingestBench } from '../../test/fixtures/ingestBench.ts';
import { publishPacket, type Rig, startRig } from '../../test/fixtures/intakeRig.ts';
import { compileMapping } from './compile.ts';
import { type MappingInput, mappingDefinition } from './definition.ts';
import { mappedFormatName } from './shelf.ts';

/** Saves a mapping's version and gives its devices' type, which is made once, that version. */
async function useMapping(pg: TestDatabase, type: string, definition: MappingInput): Promise<string> {
  const [mappingId, versionId] = [newId(), newId()];
  await pg.asOwner(
    `insert into tenant (id, slug, name, created_at) values ($1, 'acme', 'acme', now()) on conflict do nothing`,
    [pg.tenantId],
  );
  await pg.asOwner(
    `insert into payload_mapping (tenant_id, id, name, created_at, created_by) values ($1, $2::uuid, $2::uuid::text, now(), 'test')`,
    [pg.tenantId, mappingId],
  );
  await pg.asOwner(
    `insert into payload_mapping_version (tenant_id, id, mapping_id, version, definition, created_at, created_by)
     values ($1, $2, $3, 1, $4, now(), 'test')`,
    [pg.tenantId, versionId, mappingId, JSON.stringify(definition)],
  );
  await pg.asOwner(
    `insert into device_type (tenant_id, id, key, name, mapping_version_id, points, created_at, updated_at)
     values ($1, $2, $3, $3, $4, '[]', now(), now())
     on conflict (tenant_id, key) do update set mapping_version_id = excluded.mapping_version_id`,
    [pg.tenantId, newId(), type, versionId],
  );
  return versionId;
}

async function giveType(pg: TestDatabase, type: string, devices: readonly string[]): Promise<void> {
  await pg.asOwner(
    `update device set version = version + 1, type_id = (select id from device_type where tenant_id = $1 and key = $2)
      where tenant_id = $1 and name = any($3)`,
    [pg.tenantId, type, devices],
  );
}

describe('at the front', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.stop());

  test('a device of a type publishes in its vendor’s shape, to its vendor’s topics and to ours', async () => {
    const versionId = await useMapping(rig.pg, 'meter', {
      topics: ['plant/+/{device}/{point}', 'status/{device}'],
      readings: [{ each: '/values/*', point: '{key}' }],
    });
    const own = await rig.register({ name: 'm7' });
    const gateway = await rig.register({ name: 'gate', kind: 'gateway' });
    await rig.register({ name: 'child', gateway: 'gate' });
    await giveType(rig.pg, 'meter', ['m7', 'child']);
    const raw = await rig.rawClient(own);
    raw.socket.write(publishPacket('plant/a/m7/x', '{"values":{"x":1,"y":2}}', 1, 1));
    raw.socket.write(publishPacket('fl/1/acme/m7/telemetry', '{"values":{"x":1,"y":2,"z":3}}', 1, 2));
    raw.socket.write(publishPacket('fl/1/acme/m7/telemetry/json', '{"point":"x","value":2}', 1, 3));
    raw.socket.write(publishPacket('status/m7', 'nothing that fits', 1, 4));
    await raw.bytes(4 + 4 * 4);
    const behind = await rig.rawClient(gateway);
    behind.socket.write(publishPacket('plant/b/child/x', '{"values":{"x":1}}', 1, 1));
    await behind.bytes(4 + 4);
    const kept = (await rig.records()).map(({ deviceName, format, vendorTopic, units }) => [
      deviceName,
      format,
      vendorTopic,
      units,
    ]);
    const mapped = mappedFormatName(versionId);
    expect(kept).toEqual([
      ['m7', mapped, 'plant/a/m7/x', 2],
      ['m7', mapped, null, 3],
      ['m7', 'json', null, 1],
      ['m7', mapped, 'status/m7', 1],
      ['child', mapped, 'plant/b/child/x', 1],
    ]);
  });

  test('a will on a topic of its vendor’s is taken in when the device is gone; one on another’s is refused', async () => {
    const versionId = await useMapping(rig.pg, 'mortal', { topics: ['last/{device}'], readings: [{ point: 'p' }] });
    const device = await rig.register({ name: 'mortal' });
    await giveType(rig.pg, 'mortal', ['mortal']);
    const will = { topic: 'last/mortal', payload: Buffer.from('7'), qos: 1 as const, retain: false };
    await expect(rig.client(device, { will: { ...will, topic: 'last/other' } })).rejects.toThrow(/[Nn]ot authorized/);
    const client = await rig.client(device, { will });
    client.stream.destroy();
    const kept = async () =>
      (await rig.records())
        .filter(({ deviceName }) => deviceName === 'mortal')
        .map(({ format, vendorTopic, payload }) => [format, vendorTopic, Buffer.from(payload).toString()]);
    await expect.poll(kept).toEqual([[mappedFormatName(versionId), 'last/mortal', '7']]);
  });

  test('a live consumer hears a vendor’s message under the device’s own topic', async () => {
    await useMapping(rig.pg, 'heard', { topics: ['heard/{device}'], readings: [{ point: 'p' }] });
    const device = await rig.register({ name: 'speaker' });
    await giveType(rig.pg, 'heard', ['speaker']);
    const consumer = await rig.client(await rig.register({ name: 'listener', kind: 'consumer' }));
    const messages: string[] = [];
    consumer.on('message', (topic, payload) => messages.push(`${topic} ${payload}`));
    await consumer.subscribeAsync('fl/1/acme/+/telemetry');
    const raw = await rig.rawClient(device);
    raw.socket.write(publishPacket('heard/speaker', '5', 1, 1));
    await expect.poll(() => messages).toEqual(['fl/1/acme/speaker/telemetry 5']);
  });

  test.each([
    ['another device’s', 'plant/a/m7/x'],
    ['one that no rule takes', 'plant/a/stranger'],
    ['one of a type that is not its own', 'heard/stranger'],
  ])('a topic that is %s closes the connection', async (_, topic) => {
    await useMapping(rig.pg, 'strange', { topics: ['plant/+/{device}/{point}'], readings: [{ point: 'p' }] });
    const name = `stranger-${newId()}`;
    const device = await rig.register({ name });
    await giveType(rig.pg, 'strange', [name]);
    const raw = await rig.rawClient(device);
    raw.socket.write(publishPacket(topic, '{}', 1, 1));
    await raw.closed;
    expect(raw.received()).toHaveLength(4);
  });
});

describe('behind the spool', () => {
  let bench: IngestBench;
  beforeAll(async () => {
    bench = await ingestBench();
    await bench.stores.start();
    await useMapping(bench.pg, 'meter', { readings: [{ point: 'p' }] });
    await bench.pg.asOwner(
      `insert into device (tenant_id, id, name, kind, secret_hash, created_at) values ($1, $2, 'pump-3', 'device', '', now())`,
      [bench.pg.tenantId, DEVICE_ID],
    );
    await giveType(bench.pg, 'meter', ['pump-3']);
  });
  afterAll(() => bench.stop());

  const books = async () => {
    const [row] = await bench.pg.asOwner<Record<string, string>>(
      `select accepted, stored, quarantined, duplicate, pending from ingest_ledger where device = 'pump-3'`,
    );
    return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
  };
  const waiting = async () =>
    bench.pg.asOwner<{
      id: string;
      reason_code: string;
      reason: string;
      format: string;
      unit_indexes: number[] | null;
      units: number;
    }>('select id, reason_code, reason, format, unit_indexes, units from quarantine where units > 0 order by id');
  const accept = async (definition: MappingInput, message: unknown) => {
    const versionId = await useMapping(bench.pg, 'meter', definition);
    const mapping = compileMapping('mapped:test', mappingDefinition.parse(definition));
    const payload = Buffer.from(JSON.stringify(message));
    const units = mapping.count(payload, 0, payload.length);
    await bench.accept([{ payload, format: mappedFormatName(versionId), units }]);
    await bench.drained();
    return versionId;
  };
  const points = async () =>
    (await bench.pg.asOwner<{ point: string; value: number }>('select point, value from telemetry order by point')).map(
      ({ point, value }) => `${point}=${value}`,
    );

  test('records are stored by the version they came in under, also by a process that never heard of it', async () => {
    await accept({ readings: [{ each: '/v/*', point: 'a.{key}' }] }, { v: { x: 1, y: 2 } });
    expect(await points()).toEqual(['a.x=1', 'a.y=2']);
    expect(await books()).toEqual({ accepted: 2, stored: 2, quarantined: 0, duplicate: 0, pending: 0 });
  });

  test('after the mapping is corrected, a replay stores what waited, each once', async () => {
    const before = await books();
    const versionId = await accept(
      { seq: '/seq', readings: [{ each: '/v/*', point: 'b.{key}' }] },
      { seq: 9, v: { x: '1,5', y: 2, z: '3,5' } },
    );
    const [entry] = await waiting();
    expect(entry).toMatchObject({
      reason_code: 'VALUE_TYPE',
      format: mappedFormatName(versionId),
      unit_indexes: [0, 2],
      units: 2,
    });
    // The new version also finds another reading, which stands first and was never asked for.
    await useMapping(bench.pg, 'meter', {
      seq: '/seq',
      readings: [
        { each: '/seq', point: 'b.seq' },
        { each: '/v/*', point: 'b.{key}', decimalComma: true },
      ],
    });
    expect(await bench.stores.replay(bench.pg.tenantId, entry!.id)).toMatchObject({
      stored: 2,
      duplicate: 0,
      remaining: 0,
    });
    expect((await points()).filter((point) => point.startsWith('b.'))).toEqual(['b.x=1.5', 'b.y=2', 'b.z=3.5']);
    const after = await books();
    expect(after).toMatchObject({ accepted: before.accepted! + 3, stored: before.stored! + 3, quarantined: 0 });
  });

  test('a message that came before its device had a mapping is read by it', async () => {
    const before = await books();
    await bench.accept([{ payload: { d: { c1: 5, c2: 6 } } }]);
    await bench.drained();
    const [entry] = await waiting();
    expect(entry).toMatchObject({ format: 'json', units: 1 });
    await useMapping(bench.pg, 'meter', { readings: [{ each: '/d/*', point: '{key}' }] });
    expect(await bench.stores.replay(bench.pg.tenantId, entry!.id)).toMatchObject({ stored: 2, remaining: 0 });
    expect(await points()).toEqual(expect.arrayContaining(['c1=5', 'c2=6']));
    expect(await books()).toMatchObject({ accepted: before.accepted! + 2, stored: before.stored! + 2, quarantined: 0 });
  });

  test('a version that nobody knows keeps its messages waiting', async () => {
    await bench.accept([{ payload: { v: 1 }, format: mappedFormatName(newId()), units: 1 }]);
    await bench.drained();
    expect(await waiting()).toMatchObject([{ reason_code: 'FORMAT_UNKNOWN', units: 1 }]);
  });
});
