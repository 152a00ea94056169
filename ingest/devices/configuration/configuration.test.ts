import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog, type Service, systemClock, type Tx } from '../../../platform/index.ts';
import { type DeviceBed, deviceBed } from '../../../test/fixtures/devices.ts';
import { type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';
import { SYSTEM } from '../audit/audit.ts';
import { differences, mergePatch } from './mergePatch.ts';
import { hearReported } from './reported.ts';
import { createConfigurationSender } from './sender.ts';
import { configureDevice, getConfiguration } from './store.ts';

let bed: DeviceBed;
let rig: Rig;
let sender: Service;
beforeAll(async () => {
  bed = await deviceBed();
  const clock = systemClock();
  rig = await startRig({ heard: (said) => hearReported({ db: rig.pg.db, clock })(said) });
  sender = createConfigurationSender({ db: rig.pg.db, clock, log: createLog('silent'), link: rig.intake.link });
  await sender.start();
});
afterAll(async () => {
  await sender.stop();
  await rig.stop();
  await bed.stop();
});

// RFC 7386, appendix A.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('merging %j with %j', (target, patch, merged) => {
  expect(mergePatch(target, patch)).toEqual(merged);
});

test('a key such as __proto__ is a key like any other', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__": {"polluted": 1}}'));
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
});

test('differences name their place', () => {
  const desired = { rate: 10, mqtt: { qos: 1, 'a/b': [1, { x: 2 }] } };
  expect(differences(desired, { rate: 10, more: true, mqtt: { qos: 0, 'a/b': [1, { x: 2 }] } })).toEqual([
    { path: '/mqtt/qos', desired: 1, reported: 0 },
  ]);
  expect(differences(desired, { mqtt: { qos: 1, 'a/b': [1, { x: 3 }] } }).map(({ path }) => path)).toEqual([
    '/rate',
    '/mqtt/a~1b',
  ]);
});

test('a type’s default, a device’s own over it, and the history of both', async () => {
  await bed.call('POST', '/device-types', { key: 'k', name: 'K' });
  await bed.call('POST', '/devices', { name: 'd', type: 'k' });
  expect((await bed.call('PUT', '/device-types/k/configuration', { document: { rate: 10, led: true } })).status).toBe(
    204,
  );
  await bed.call('PUT', '/devices/d/configuration', { document: { rate: 5, net: { ip: 'x' } } });
  const { body } = await bed.call('PATCH', '/devices/d/configuration', { document: { led: null, net: { port: 1 } } });
  expect(body).toMatchObject({ version: 3, desired: { rate: 5, net: { ip: 'x', port: 1 } }, reported: {} });
  expect(body.desired).not.toHaveProperty('led');
  const { items } = (await bed.call('GET', '/devices/d/history')).body;
  expect(items.filter(({ action }: { action: string }) => action === 'configured')).toHaveLength(2);
  const tooLarge = await bed.call('PUT', '/devices/d/configuration', { document: { text: 'x'.repeat(33_000) } });
  expect([tooLarge.status, tooLarge.body.code]).toEqual([422, 'CONFIGURATION_SIZE']);
  expect((await bed.call('GET', '/devices/d/configuration', undefined, bed.http.other)).status).toBe(404);
});

test('a device gets the newest when it begins to listen and at each change, and its report is kept and compared', async () => {
  const inTenant = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => rig.pg.db.tenant(rig.pg.tenantId, work);
  const configure = (rate: number) =>
    inTenant((tx) => configureDevice(tx, 'c-1', { rate }, 'replace', SYSTEM, Date.now()));
  const credential = await rig.register({ name: 'c-1' });
  await configure(1);
  await configure(2);
  const client = await rig.client(credential);
  const heard: unknown[] = [];
  client.on('message', (_topic, payload) => heard.push(JSON.parse(payload.toString())));
  await client.subscribeAsync('fl/1/acme/c-1/config', { qos: 1 });
  await expect.poll(() => heard).toEqual([{ version: 2, config: { rate: 2 } }]);
  await configure(3);
  await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toEqual({ version: 3, config: { rate: 3 } });
  const report = (text: string) => client.publishAsync('fl/1/acme/c-1/reported', text, { qos: 1 });
  await report('{"version": 3, "config": {"rate": 2, "firmware": "1.2"}}');
  expect(await inTenant((tx) => getConfiguration(tx, 'c-1'))).toMatchObject({
    ...{ version: 3, sentVersion: 3, reportedVersion: 3, reported: { rate: 2, firmware: '1.2' } },
    differences: [{ path: '/rate', desired: 3, reported: 2 }],
  });
  await report('{"config": {"rate": 3, "firmware": null}}');
  expect(await inTenant((tx) => getConfiguration(tx, 'c-1'))).toMatchObject({ reported: { rate: 3 }, differences: [] });
  await report('[1]');
  await report(`{"config": ${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`);
  expect((await inTenant((tx) => getConfiguration(tx, 'c-1'))).reported).toEqual({ rate: 3 });
});
