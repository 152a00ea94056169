import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRoutesGuarded } from '../../../test/contracts/routes.ts';
import { type DeviceBed, deviceBed } from '../../../test/fixtures/devices.ts';

let bed: DeviceBed;
beforeAll(async () => {
  bed = await deviceBed();
});
afterAll(() => bed.stop());

const draft = {
  key: 'acme-vs-900',
  name: 'Acme vibration sensor',
  vendor: 'Acme',
  model: 'VS-900',
  expectedIntervalMs: 5000,
  points: [{ name: 'temperature', unit: '°C', min: -40, max: 120 }, { name: 'rms' }],
};

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: bed.http.app, as: (role) => bed.http.operator.as(role) });
  expect(refused).toBeGreaterThan(30);
});

test('a type is declared, read, changed with its history kept, and deleted once nothing is of it', async () => {
  const made = await bed.call('POST', '/device-types', draft);
  expect(made).toMatchObject({ status: 201, body: { ...draft, version: 1, devices: 0 } });
  expect((await bed.call('POST', '/device-types', draft)).status).toBe(409);
  await bed.call('POST', '/devices', { name: 'vs-1', type: draft.key });
  expect((await bed.call('GET', '/devices/vs-1')).body).toMatchObject({
    type: draft.key,
    silence: { expectedIntervalMs: 5000 },
  });
  const changed = await bed.call('PUT', `/device-types/${draft.key}?version=1`, { ...draft, vendor: 'Acme Ltd' });
  expect(changed).toMatchObject({ status: 200, body: { vendor: 'Acme Ltd', version: 2, devices: 1 } });
  const late = await bed.call('PUT', `/device-types/${draft.key}?version=1`, draft);
  expect([late.status, late.body.code]).toEqual([409, 'DEVICE_TYPE_CHANGED']);
  const history = await bed.call('GET', `/device-types/${made.body.id}/history`);
  expect(history.body.items.map(({ action, actor, data }: Record<string, unknown>) => [action, actor, data])).toEqual([
    ['changed', expect.any(String), { vendor: { from: 'Acme', to: 'Acme Ltd' } }],
    ['created', expect.any(String), expect.objectContaining({ key: draft.key })],
  ]);
  expect((await bed.call('DELETE', `/device-types/${draft.key}`)).body.code).toBe('DEVICE_TYPE_USED');
  await bed.call('PATCH', '/devices/vs-1', { type: null });
  expect((await bed.call('DELETE', `/device-types/${draft.key}`)).status).toBe(204);
  expect((await bed.call('GET', `/device-types/${draft.key}`)).status).toBe(404);
});

test('another tenant sees and uses none of our types', async () => {
  await bed.call('POST', '/device-types', { key: 'ours', name: 'Ours' });
  expect((await bed.call('GET', '/device-types/ours', undefined, bed.http.other)).status).toBe(404);
  const used = await bed.call('POST', '/devices', { name: 'x', type: 'ours' }, bed.http.other);
  expect([used.status, used.body.code]).toEqual([422, 'DEVICE_TYPE_NAMED']);
});

test.each([
  { key: '+', name: 'x' },
  { key: 'k', name: '' },
  { key: 'k', name: 'x', telemetryFormat: 'json', mappingVersionId: crypto.randomUUID() },
  { key: 'k', name: 'x', points: [{ name: 'a', min: 2, max: 1 }] },
  { key: 'k', name: 'x', points: [{ name: 'a' }, { name: 'a' }] },
  { key: 'k', name: 'x', more: 1 },
])('refuses %j', async (body) => {
  expect((await bed.call('POST', '/device-types', body)).status).toBe(400);
});

/** @returns the id of the mapping's only version */
async function savedMapping(): Promise<string> {
  const [id, versionId] = [crypto.randomUUID(), crypto.randomUUID()];
  await bed.db.tenant(bed.http.operator.id, async (tx) => {
    await tx.query(
      `insert into payload_mapping (tenant_id, id, name, created_at, created_by) values ($1, $2, 'm', now(), 'test')`,
      [tx.tenantId, id],
    );
    await tx.query(
      `insert into payload_mapping_version (tenant_id, id, mapping_id, version, definition, created_at, created_by)
       values ($1, $2, $3, 1, '{}', now(), 'test')`,
      [tx.tenantId, versionId, id],
    );
  });
  return versionId;
}

test('a type names no version of a mapping that is not there', async () => {
  const unknown = { key: 'unmapped', name: 'U', mappingVersionId: crypto.randomUUID() };
  const refused = { status: 422, body: { code: 'DEVICE_TYPE_MAPPING', field: 'mappingVersionId' } };
  expect(await bed.call('POST', '/device-types', unknown)).toMatchObject(refused);
  expect((await bed.call('GET', '/device-types/unmapped')).status).toBe(404);
  await bed.call('POST', '/device-types', { key: 'unmapped', name: 'U' });
  expect(await bed.call('PUT', '/device-types/unmapped', unknown)).toMatchObject(refused);
  expect((await bed.call('GET', '/device-types/unmapped')).body).toMatchObject({ version: 1 });
});

test('a connected device and the gateway of a child learn of a new format at once', async () => {
  await bed.call('POST', '/device-types', { key: 'formats', name: 'F', telemetryFormat: 'senml-json' });
  await bed.call('POST', '/devices/batch', {
    devices: [
      { name: 'f-gw', kind: 'gateway' },
      { name: 'f-child', gateway: 'f-gw', type: 'formats' },
      { name: 'f-own', type: 'formats' },
    ],
  });
  const [gateway, own] = await Promise.all([bed.find('default/f-gw'), bed.find('default/f-own')]);
  expect(gateway!.children.get('f-child')!.telemetryFormat).toBe('senml-json');
  expect([gateway!.telemetryFormat, own!.telemetryFormat]).toEqual([null, 'senml-json']);
  const versionId = await savedMapping();
  await bed.call('PUT', '/device-types/formats', { key: 'formats', name: 'F', mappingVersionId: versionId });
  await bed.directory.check();
  const [gatewayNow, ownNow] = await Promise.all([bed.find('default/f-gw'), bed.find('default/f-own')]);
  expect(ownNow!.telemetryFormat).toBe(`mapped:${versionId}`);
  expect(gatewayNow!.children.get('f-child')!.telemetryFormat).toBe(`mapped:${versionId}`);
  expect(gatewayNow!.version).toBeGreaterThan(gateway!.version);
});
