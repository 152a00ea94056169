import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeviceBed, deviceBed } from '../../../test/fixtures/devices.ts';
import { secretMatches } from '../index.ts';

let bed: DeviceBed;
beforeAll(async () => {
  bed = await deviceBed();
  await bed.call('POST', '/device-types', { key: 'vs', name: 'VS' });
  await bed.call('POST', '/devices', { name: 'taken' });
});
afterAll(() => bed.stop());

const send = (csv: string, more: object = {}) => bed.call('POST', '/devices/import', { csv, ...more });

const MIXED = [
  'Name,kind,type,gateway,interval,description',
  'good,device,vs,hub,5m,"a, b"',
  'hub,gateway,,,,',
  'taken,,,,,',
  'good,,,,,',
  'x/y,robot,nope,,soon,',
  'orphan,,,nowhere,,',
  'childofwrong,,,badhub,,',
  'badhub,gateway,nope,,,',
  'few,cells',
].join('\r\n');

test('each wrong line is told with its column, and a dry run registers nothing', async () => {
  const { status, body } = await send(MIXED, { dryRun: true });
  expect(status).toBe(200);
  expect(body).toMatchObject({ lines: 9, right: 2, registered: [] });
  const found = body.errors.map(({ line, column }: { line: number; column: string }) => `${line} ${column}`);
  expect(new Set(found)).toEqual(
    new Set(['4 name', '5 name', '6 name', '6 kind', '6 interval', '7 gateway', '8 gateway', '9 type', '10 null']),
  );
  expect((await bed.call('GET', '/devices/good')).status).toBe(404);
});

test('all or nothing, or each line that is right', async () => {
  const all = await send(MIXED);
  expect([all.status, all.body.registered]).toEqual([422, []]);
  expect((await bed.call('GET', '/devices/hub')).status).toBe(404);
  const each = await send(MIXED, { mode: 'each' });
  expect(each.body.registered.map(({ name }: { name: string }) => name).sort()).toEqual(['good', 'hub']);
  expect((await bed.call('GET', '/devices/good')).body).toMatchObject({
    ...{ gateway: 'hub', type: 'vs', description: 'a, b', silence: { expectedIntervalMs: 300_000 } },
  });
});

test('the credentials come as a file, once', async () => {
  const { body } = await send('name\n"quoted"\n', { answer: 'csv' });
  const rows = parse(body) as string[][];
  expect(rows[0]).toEqual(['name', 'username', 'secret']);
  const identity = await bed.find('default/quoted');
  expect(secretMatches(Buffer.from(rows[1]![2]!), identity!.secretHash!)).toBe(true);
});

test.each([
  ['no header for names', 'kind\ndevice\n', 'name'],
  ['an unknown column', 'name,colour\na,red\n', 'colour'],
  ['a column twice', 'name,name\na,b\n', 'name'],
  ['an open quote', 'name\n"a\n', null],
])('%s is refused', async (_what, csv, column) => {
  const { status, body } = await send(csv);
  expect(status).toBe(422);
  expect(body.errors[0]).toMatchObject({ column, reason: expect.any(String) });
});

test('10,000 devices within seconds', async () => {
  const csv = ['name,kind,gateway,type,interval', 'big-hub,gateway,,,'];
  for (let i = 0; i < 9_999; i++) csv.push(`big-${i},device,big-hub,vs,10`);
  const at = performance.now();
  const { status, body } = await send(csv.join('\n'));
  const seconds = (performance.now() - at) / 1000;
  expect([status, body.registered.length]).toEqual([200, 10_000]);
  expect(seconds).toBeLessThan(20);
});

test('another tenant’s names, types and gateways are not there', async () => {
  const { body } = await bed.call(
    'POST',
    '/devices/import',
    { csv: 'name,type,gateway\ntaken,,\nb,vs,\nc,,hub\n', mode: 'each' },
    bed.http.other,
  );
  expect(body.registered.map(({ username }: { username: string }) => username)).toEqual(['other/taken']);
  expect(body.errors.map(({ column }: { column: string }) => column)).toEqual(['type', 'gateway']);
});
