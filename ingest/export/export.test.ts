import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { authMigrations, createLog, type JobHandler, systemClock } from '../../platform/index.ts';
import { DAY_NS, NOON_NS, reading } from '../../test/contracts/readings.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { storingMigrations } from '../migrations.ts';
import { exportRoutes } from '../routes/exports.ts';
import { partitionsOf } from '../store/postgres/partitions.ts';
import { postgresTelemetryStore } from '../store/postgres/telemetryStore.ts';
import type { TelemetryStore } from '../store/telemetryStore.ts';
import { createExporter, type Exporter } from './exporter.ts';

const LONG = 40_000;
type Payload = { tenantId: string; exportId: string };

let pg: TestDatabase;
let web: TestApplication;
let exporter: Exporter;
let handler: JobHandler<Payload>;
let waiting: Payload[] = [];
/** Called before each page that an export reads. */
let onPage: (page: number) => Promise<void> | void = () => undefined;
let pages = 0;
const limits: { maxBytes?: number } = {};

beforeAll(async () => {
  pg = await testDatabase([...authMigrations, ...storingMigrations]);
  web = await testApplication(pg.db);
  const store = postgresTelemetryStore(pg.db, partitionsOf(pg.db));
  const telemetry: TelemetryStore = {
    ...store,
    range: async (...asked) => {
      await onPage(++pages);
      return store.range(...asked);
    },
  };
  const jobs = {
    enqueue: async (_type: unknown, payload: unknown) => void waiting.push(payload as Payload),
    work: (_type: unknown, work: unknown) => {
      handler = work as JobHandler<Payload>;
    },
  };
  const clock = systemClock();
  exporter = createExporter({
    ...{ db: pg.db, jobs, telemetry, clock, log: createLog('silent') },
    get maxBytes() {
      return limits.maxBytes ?? 1e9;
    },
  });
  exportRoutes({ db: pg.db, clock, jobs, telemetry })(web.app);
  await web.app.ready();
  const batch = [
    ...Array.from({ length: LONG }, (_, i) =>
      reading(web.operator.id, { timeNs: NOON_NS + BigInt(i) * 1_000_001n, point: 'long', value: Math.sin(i) / 3 }),
    ),
    reading(web.operator.id, { point: '=evil', value: -2.5, unit: '+1', deviceTimeNs: null, corrected: true }),
    reading(web.other.id, { point: 'long', value: 666 }),
  ];
  for (let at = 0; at < batch.length; at += 10_000)
    await pg.db.as('shipper', (tx) => store.write(tx, batch.slice(at, at + 10_000)));
});
afterAll(async () => {
  await web.app.close();
  await pg.stop();
});
afterEach(() => {
  onPage = () => undefined;
  pages = 0;
  waiting = [];
  delete limits.maxBytes;
});

const URL_OF = '/api/v1/telemetry/exports';
const viewer = () => web.operator.as('viewer');
const call = async (method: 'GET' | 'POST' | 'DELETE', path = '', payload?: object, headers = viewer()) => {
  const response = await web.app.inject({ method, url: `${URL_OF}${path}`, headers, ...(payload ? { payload } : {}) });
  return { status: response.statusCode, body: response, json: () => response.json() };
};
const span = { from: NOON_NS.toString(), to: (NOON_NS + DAY_NS).toString() };
const ask = async (over: object = {}, headers = viewer()) =>
  (await call('POST', '', { format: 'csv', series: ['press-1/long'], ...span, ...over }, headers)).json();
const work = (id: string, signal = new AbortController().signal, tenantId = web.operator.id) =>
  handler({ tenantId, exportId: id }, signal);
const partsOf = async (id: string) =>
  (
    await pg.asOwner<{ n: number }>('select count(*)::int as n from telemetry_export_part where export_id = $1', [id])
  )[0]!.n;

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: web.app, as: (role) => web.operator.as(role) });
  expect(refused).toBeGreaterThan(15);
});

test('CSV: asked for, worked on, downloaded whole; every value and nanosecond is there', async () => {
  const made = await ask({ devices: ['press-1'] });
  expect(made).toMatchObject({
    status: 'waiting',
    percent: 0,
    series: ['press-1/=evil', 'press-1/long'],
    requestedBy: 'viewer of default',
  });
  expect(waiting).toEqual([{ tenantId: web.operator.id, exportId: made.id }]);
  expect((await call('GET', `/${made.id}/file`)).status).toBe(409);
  await work(made.id);
  const done = (await call('GET', `/${made.id}`)).json();
  expect(done).toMatchObject({ status: 'finished', percent: 100, rows: LONG + 1, etaSeconds: 0, reason: null });
  const { body } = await call('GET', `/${made.id}/file`);
  expect(body.headers).toMatchObject({
    'content-type': expect.stringContaining('text/csv'),
    'content-length': String(done.bytes),
    'content-disposition': `attachment; filename="telemetry-${made.id}.csv"`,
  });
  expect(body.rawPayload).toHaveLength(done.bytes);
  const rows = parse(body.payload, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
  expect(rows).toHaveLength(LONG + 1);
  expect(rows[0]).toMatchObject({ point: "'=evil", value: '-2.5', unit: "'+1", device_time_ns: '', corrected: 'true' });
  for (const [i, row] of rows.slice(1).entries()) {
    if (Number(row.value) !== Math.sin(i) / 3 || BigInt(row.time_ns!) !== NOON_NS + BigInt(i) * 1_000_001n)
      throw new Error(`row ${i} differs`);
  }
  expect(await partsOf(made.id)).toBeGreaterThan(3); // a megabyte each
});

test('Parquet: the same, of several parts', async () => {
  const made = await ask({ format: 'parquet' });
  await work(made.id);
  const { body } = await call('GET', `/${made.id}/file`);
  const file = body.rawPayload.buffer.slice(
    body.rawPayload.byteOffset,
    body.rawPayload.byteOffset + body.rawPayload.byteLength,
  ) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, parsers: { timestampFromNanoseconds: (ns: bigint) => ns } as never });
  expect(rows).toHaveLength(LONG);
  for (const [i, row] of rows.entries()) {
    if (row.value !== Math.sin(i) / 3 || row.time !== NOON_NS + BigInt(i) * 1_000_001n)
      throw new Error(`row ${i} differs`);
  }
});

test('another tenant sees none of it, and exports its own', async () => {
  const made = await ask();
  const stranger = web.other.as('admin');
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/file'],
    ['DELETE', ''],
  ] as const)
    expect((await call(method, `/${made.id}${path}`, undefined, stranger)).status).toBe(404);
  expect((await call('GET', '', undefined, stranger)).json().items).toEqual([]);
  const theirs = await ask({}, stranger);
  await work(theirs.id, undefined, web.other.id);
  expect((await call('GET', `/${theirs.id}`, undefined, stranger)).json()).toMatchObject({ rows: 1 });
  expect((await call('GET', `/${made.id}`)).json().status).toBe('waiting');
});

test('cancelled in the middle: it stops, and nothing of it stays', async () => {
  const made = await ask();
  onPage = async (page) => {
    if (page === 4) expect((await call('DELETE', `/${made.id}`)).json().status).toBe('cancelled');
  };
  await work(made.id);
  expect((await call('GET', `/${made.id}`)).json()).toMatchObject({ status: 'cancelled', percent: 0 });
  expect(await partsOf(made.id)).toBe(0);
  expect((await call('GET', `/${made.id}/file`)).status).toBe(409);
});

test('a process that stops lets another take it up; what the first had made is nobody’s', async () => {
  const made = await ask();
  const stopping = new AbortController();
  onPage = (page) => {
    if (page === 6) stopping.abort();
  };
  await work(made.id, stopping.signal);
  expect((await call('GET', `/${made.id}`)).json().status).toBe('waiting');
  await work(made.id);
  const done = (await call('GET', `/${made.id}`)).json();
  expect(done).toMatchObject({ status: 'finished', rows: LONG });
  expect((await call('GET', `/${made.id}/file`)).body.rawPayload).toHaveLength(done.bytes);
});

test('one at a time works on an export; one that died is found by the sweep', async () => {
  const made = await ask();
  let twin: Promise<void> | undefined;
  onPage = (page) => {
    if (page === 2) twin = Promise.resolve(work(made.id));
  };
  await work(made.id);
  await twin;
  expect(pages).toBe(LONG / 5_000 + 1); // the twin read nothing
  const left = await ask();
  await pg.asOwner(
    `update telemetry_export set status = 'running', attempt = id, touched_at = now() - interval '2 minutes' where id = $1`,
    [left.id],
  );
  waiting = [];
  await exporter.sweep();
  expect(waiting).toEqual([{ tenantId: web.operator.id, exportId: left.id }]);
  await work(left.id);
  expect((await call('GET', `/${left.id}`)).json().status).toBe('finished');
});

test('an export that would be too large fails and says what to do', async () => {
  const made = await ask();
  limits.maxBytes = 100_000;
  await work(made.id);
  const failed = (await call('GET', `/${made.id}`)).json();
  expect(failed).toMatchObject({ status: 'failed', reason: expect.stringContaining('shorter span') });
  expect(await partsOf(made.id)).toBe(0);
});

test('what fails again and again is given up, not tried for ever', async () => {
  const made = await ask();
  onPage = () => {
    throw new Error('the store is away');
  };
  for (let attempt = 1; attempt <= 5; attempt++) await work(made.id);
  expect((await call('GET', `/${made.id}`)).json()).toMatchObject({ status: 'failed' });
});

test('an export expires with its file', async () => {
  const made = await ask();
  await work(made.id);
  await pg.asOwner(`update telemetry_export set expires_at = now() - interval '1 second' where id = $1`, [made.id]);
  await exporter.sweep();
  expect((await call('GET', `/${made.id}`)).status).toBe(404);
  expect(await partsOf(made.id)).toBe(0);
});

test.each([
  [{ series: [] }, 400, 'series'],
  [{ series: ['nodash'] }, 400, 'SERIES_NAME'],
  [{ from: span.to, to: span.from }, 400, 'RANGE_ORDER'],
  [{ format: 'xlsx' }, 400, 'format'],
])('%j is refused', async (over, status, word) => {
  const answer = await call('POST', '', { format: 'csv', series: ['press-1/long'], ...span, ...over });
  expect(answer.status).toBe(status);
  expect(answer.body.payload).toContain(word);
});

test('a tenant cannot fill the database with exports', async () => {
  const first = (await call('GET', '?limit=200')).json().items.length;
  for (let i = first; i < 50; i++) expect((await ask()).status).toBe('waiting');
  expect((await call('POST', '', { format: 'csv', series: ['press-1/long'], ...span })).status).toBe(409);
});
