import { afterAll, beforeAll, expect, test } from 'vitest';
import { authMigrations, systemClock } from '../../platform/index.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { type IngestBench, ingestBench, waveformPayload } from '../../test/fixtures/ingestBench.ts';
import { decodeWaveform } from '../decode/index.ts';
import { storedRoutes } from './stored.ts';

let bench: IngestBench;
let web: TestApplication;
const T0 = Date.now() - 600_000;

beforeAll(async () => {
  bench = await ingestBench({ migrations: authMigrations });
  web = await testApplication(bench.pg.db);
  const jobs = { enqueue: async () => undefined };
  storedRoutes({ db: bench.pg.db, stores: bench.stores, clock: systemClock(), jobs })(web.app);
  await web.app.ready();
  const mine = { tenantId: web.operator.id };
  await bench.stores.start();
  await bench.accept([
    ...Array.from({ length: 30 }, (_, i) => ({
      ...mine,
      payload: { boot: 'b', seq: i, time: T0 + i * 1000, values: { temperature: 20 + i, load: 0.5 } },
    })),
    {
      ...mine,
      kind: 'waveform' as const,
      payload: waveformPayload({ time: T0, boot: 'x' }, new Int16Array([1, -2, 3])),
    },
    { ...mine, kind: 'waveform' as const, payload: waveformPayload({ time: T0 + 5, boot: 'y' }) },
    { ...mine, payload: Buffer.from('{"point":"t","value":"hot"}') },
    { ...mine, payload: Buffer.from([0xff, 0xfe, 1]) },
    { tenantId: web.other.id, payload: { point: 'secret', value: 42, time: T0 } },
  ]);
  await bench.drained();
});
afterAll(async () => {
  await web.app.close();
  await bench.stop();
});

const get = async (url: string, headers = web.operator.as('reliability-engineer')) => {
  const response = await web.app.inject({ method: 'GET', url, headers });
  return { status: response.statusCode, body: response.json(), raw: response.rawPayload };
};
const ns = (ms: number) => (BigInt(ms) * 1_000_000n).toString();

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: web.app, as: (role) => web.operator.as(role) });
  expect(refused).toBeGreaterThan(20);
});

test('a range is paged, times are whole strings', async () => {
  const url = `/api/v1/telemetry/range?series=pump-3/temperature&from=${T0}&to=${T0 + 30_000}&limit=20`;
  const first = await get(url);
  expect(first.status).toBe(200);
  expect(first.body.items).toHaveLength(20);
  expect(first.body.items[1]).toMatchObject({
    time: ns(T0 + 1000),
    value: 21,
    deviceTime: ns(T0 + 1000),
    future: false,
  });
  const second = await get(`${url}&cursor=${first.body.nextCursor}`);
  expect(second.body.items.map((i: { value: number }) => i.value)).toEqual(
    Array.from({ length: 10 }, (_, i) => 40 + i),
  );
  expect(second.body.nextCursor).toBeNull();
});

test('windows, latest and count answer what was stored', async () => {
  const from = Math.floor(T0 / 10_000) * 10_000;
  const windows = await get(
    `/api/v1/telemetry/windows?series=pump-3/temperature&from=${from}&to=${T0 + 40_000}&window=10s&aggregate=count`,
  );
  expect(windows.body.items.reduce((sum: number, w: { value: number }) => sum + w.value, 0)).toBe(30);
  const latest = await get('/api/v1/telemetry/latest?series=pump-3/temperature&series=pump-3/load&series=pump-3/none');
  expect(latest.body.items.map((i: { series: string; value: number }) => [i.series, i.value])).toEqual([
    ['pump-3/temperature', 49],
    ['pump-3/load', 0.5],
  ]);
  expect((await get('/api/v1/telemetry/latest?device=pump-3')).body.items).toHaveLength(2);
  expect((await get('/api/v1/telemetry/count')).body).toEqual({ count: 60, items: [{ device: 'pump-3', count: 60 }] });
});

test('waveforms: listed, read as numbers, read as the file a device would send', async () => {
  const page = await get('/api/v1/waveforms?device=pump-3&limit=1');
  expect(page.body.items).toHaveLength(1);
  const rest = await get(`/api/v1/waveforms?device=pump-3&limit=1&cursor=${page.body.nextCursor}`);
  const { ref } = rest.body.items[0];
  const block = await get(`/api/v1/waveforms/${ref}`);
  expect(block.body).toMatchObject({
    series: 'pump-3/de',
    samplingRateHz: 12_000,
    count: 3,
    kept: false,
    time: ns(T0),
  });
  expect(block.body.samples.map((v: number) => v.toFixed(6))).toEqual(['0.001000', '-0.002000', '0.003000']);
  const file = await web.app.inject({
    method: 'GET',
    url: `/api/v1/waveforms/${ref}/file`,
    headers: web.operator.as('reliability-engineer'),
  });
  expect(file.headers['content-type']).toBe('application/octet-stream');
  const decoded = decodeWaveform(file.rawPayload);
  expect(decoded).toMatchObject({ ok: true, waveform: { point: 'de', count: 3, timeNs: BigInt(T0) * 1_000_000n } });
});

test('quarantine: listed by reason, shown with its payload, replayed', async () => {
  const list = await get('/api/v1/quarantine?reason=VALUE_TYPE');
  expect(list.body.items).toEqual([
    expect.objectContaining({ reasonCode: 'VALUE_TYPE', field: 'value', units: 1, topic: 'pump-3/telemetry' }),
  ]);
  const { id } = list.body.items[0];
  expect((await get(`/api/v1/quarantine/${id}`)).body).toMatchObject({
    payloadText: '{"point":"t","value":"hot"}',
    payloadCut: false,
  });
  const binary = (await get('/api/v1/quarantine?reason=JSON_SYNTAX')).body.items[0];
  expect((await get(`/api/v1/quarantine/${binary.id}`)).body).toMatchObject({
    payloadText: null,
    payloadBase64: '//4B',
  });
  const replay = (headers: Record<string, string>, of: string) =>
    web.app.inject({ method: 'POST', url: `/api/v1/quarantine/${of}/replay`, headers });
  expect((await replay(web.operator.as('admin'), id)).json()).toMatchObject({ stored: 0, duplicate: 0, remaining: 1 });
  expect((await replay(web.other.as('admin'), id)).statusCode).toBe(404);
});

test('the ledger balances, per device too', async () => {
  const { body } = await get('/api/v1/ledger');
  expect(body).toMatchObject({
    ...{
      accepted: 64,
      stored: 62,
      duplicate: 0,
      pending: 0,
      quarantined: 2,
      expired: 0,
      storedCount: 62,
      balanced: true,
    },
    devices: [expect.objectContaining({ device: 'pump-3', accepted: 64 })],
  });
  expect((await get('/api/v1/ledger?count=false')).body).toMatchObject({ storedCount: null, balanced: true });
});

test('another tenant sees its own and nothing else', async () => {
  const other = web.other.as('reliability-engineer');
  const { ref } = (await get('/api/v1/waveforms?limit=1')).body.items[0];
  expect(
    (await get(`/api/v1/waveforms/${ref}`, other)).body.error ?? (await get(`/api/v1/waveforms/${ref}`, other)),
  ).toMatchObject({});
  expect((await get(`/api/v1/waveforms/${ref}`, other)).status).toBe(404);
  expect((await get('/api/v1/waveforms', other)).body.items).toEqual([]);
  expect((await get('/api/v1/quarantine', other)).body.items).toEqual([]);
  expect((await get('/api/v1/telemetry/count', other)).body.count).toBe(1);
  expect((await get('/api/v1/ledger', other)).body).toMatchObject({ accepted: 1, stored: 1, balanced: true });
});

test.each([
  ['/api/v1/telemetry/range?series=nodash&from=1&to=2', 'SERIES_NAME'],
  ['/api/v1/telemetry/range?series=a/b&from=2&to=1', 'RANGE_ORDER'],
  ['/api/v1/telemetry/windows?series=a/b&from=0&to=1700000000&window=1s', 'RANGE_WINDOW'],
  ['/api/v1/waveforms?cursor=forged', 'CURSOR_INVALID'],
  ['/api/v1/quarantine?cursor=forged', 'CURSOR_INVALID'],
])('%s is refused as %s', async (url, code) => {
  const { status, body } = await get(url);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(code);
});

test.each(['from=soon&to=2', 'from=1', 'from=1&to=2&limit=0'])(
  'a malformed query (%s) names its field',
  async (query) => {
    expect((await get(`/api/v1/telemetry/range?series=a/b&${query}`)).status).toBe(400);
  },
);
