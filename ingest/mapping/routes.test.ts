import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeviceBed, deviceBed } from '../../test/fixtures/devices.ts';
import { mappingRoutes } from './routes.ts';

let bed: DeviceBed;
beforeAll(async () => {
  bed = await deviceBed({ routes: ({ db, clock, http }) => mappingRoutes({ db, clock })(http.app) });
});
afterAll(() => bed.stop());

const definition = {
  topics: ['plant/{device}/{point}'],
  time: { path: '/ts', format: 'ms' },
  readings: [{ each: '/values/*', point: '{key}', unit: 'mm/s' }],
};

test('a mapping is tried on a sample: readings, and for each that is none the place and what to do', async () => {
  const text = JSON.stringify({ ts: 1_767_323_045_123, values: { x: 1.5, y: 'high' } });
  const { status, body } = await bed.call('POST', '/mappings/try', { definition, text, topic: 'plant/m7/x' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ failure: null, unitCount: 2, rejectedCount: 1, topicMatches: true });
  expect(body.units).toEqual([
    {
      index: 0,
      place: '/values/x',
      failure: null,
      sample: {
        point: 'x',
        value: 1.5,
        unit: 'mm/s',
        time: '1767323045123000000',
        sentAt: null,
        boot: null,
        seq: null,
      },
    },
    {
      index: 1,
      place: '/values/y',
      sample: null,
      failure: { code: 'VALUE_TYPE', field: '/values/y', reason: expect.stringContaining('number'), entry: '"high"' },
    },
  ]);
  const other = await bed.call('POST', '/mappings/try', { definition, base64: Buffer.from('{}').toString('base64') });
  expect(other.body).toMatchObject({
    failure: { code: 'MAPPING_PATH', field: '/values/*' },
    units: [],
    topicMatches: null,
  });
});

test.each([
  [{ definition, text: '{}', base64: 'e30=' }, 'text'],
  [{ definition }, 'text'],
  [{ definition: { readings: [{ point: '{', each: '/a' }] }, text: '{}' }, 'definition.readings.0.point'],
  [{ definition: { ...definition, topics: ['fl/1/#'] }, text: '{}' }, 'definition.topics.0'],
])('a trial that is not one names its field: %j', async (request, field) => {
  const { status, body } = await bed.call('POST', '/mappings/try', request);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(field);
});

test('a mapping is saved, and grows by versions that never change', async () => {
  const saved = await bed.call('POST', '/mappings', { name: 'Acme meter', definition });
  expect(saved).toMatchObject({ status: 201, body: { name: 'Acme meter', latestVersion: 1 } });
  const { id, latestVersionId } = saved.body;
  expect((await bed.call('POST', '/mappings', { name: 'Acme meter', definition })).status).toBe(409);
  const changed = { ...definition, readings: [{ each: '/v/*', point: '{key}' }] };
  const added = await Promise.all(
    [1, 2].map(() => bed.call('POST', `/mappings/${id}/versions`, { definition: changed })),
  );
  expect(added.map(({ body }) => body.version).sort()).toEqual([2, 3]);
  expect(
    (await bed.call('GET', `/mappings/${id}`)).body.versions.map(({ version }: { version: number }) => version),
  ).toEqual([3, 2, 1]);
  const first = await bed.call('GET', `/mapping-versions/${latestVersionId}`);
  expect(first.body).toMatchObject({ version: 1, definition: { time: { path: '/ts', format: 'ms' } } });
  expect((await bed.call('GET', '/mappings')).body.items).toMatchObject([{ name: 'Acme meter', latestVersion: 3 }]);
});

test('another tenant sees and uses none of it', async () => {
  const saved = await bed.call('POST', '/mappings', { name: 'Own', definition });
  const { id, latestVersionId } = saved.body;
  const other = bed.http.other;
  expect((await bed.call('GET', `/mappings/${id}`, undefined, other)).status).toBe(404);
  expect((await bed.call('GET', `/mapping-versions/${latestVersionId}`, undefined, other)).status).toBe(404);
  expect((await bed.call('POST', `/mappings/${id}/versions`, { definition }, other)).status).toBe(404);
  expect((await bed.call('GET', '/mappings', undefined, other)).body.items).toEqual([]);
});
