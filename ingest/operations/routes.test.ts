import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authMigrations, createLog, systemClock } from '../../platform/index.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { type IngestBench, ingestBench } from '../../test/fixtures/ingestBench.ts';
import { serveReplays } from './bulkReplay.ts';
import { snapshotLedger } from './ledgerHours.ts';
import { operationsRoutes } from './routes.ts';

let bench: IngestBench;
let web: TestApplication;
/** The job that a replay is carried out by; run by the test when it wants to. */
let replayJob: (payload: { tenantId: string; replayId: string }) => Promise<void>;
const enqueued: { tenantId: string; replayId: string }[] = [];
const T0 = Date.now() - 600_000;

beforeAll(async () => {
  bench = await ingestBench({ migrations: authMigrations });
  web = await testApplication(bench.pg.db);
  const clock = systemClock();
  serveReplays({
    ...{ db: bench.pg.db, clock, log: createLog('silent') },
    jobs: {
      work: (_type, handler) => {
        replayJob = (payload) => handler(payload as never, neverAborted);
      },
    },
    replay: (tenantId, id) => bench.stores.replay(tenantId, id),
  });
  const jobs = { enqueue: async (_type: unknown, payload: unknown) => void enqueued.push(payload as never) };
  operationsRoutes({ db: bench.pg.db, clock, jobs })(web.app);
  await web.app.ready();
  await bench.stores.start();
  const mine = { tenantId: web.operator.id };
  await bench.accept([
    ...Array.from({ length: 5 }, (_, i) => ({ ...mine, payload: { boot: 'b', seq: i, time: T0, values: { t: i } } })),
    { ...mine, payload: Buffer.from('{"point":"t","value":"hot"}') },
    { ...mine, device: 'pump-4', payload: Buffer.from('{"point":"t","value":"hotter"}') },
    { ...mine, payload: Buffer.from('not json at all') },
    { tenantId: web.other.id, payload: Buffer.from('{') },
  ]);
  await bench.drained();
  await bench.pg.db.as('shipper', (tx) => snapshotLedger(tx, Date.now()));
});
const neverAborted = new AbortController().signal;
afterAll(async () => {
  await web.app.close();
  await bench.stop();
});

const call = async (
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
  headers = web.operator.as('it-operator'),
) => {
  const response = await web.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: response.statusCode, body: response.json() };
};

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: web.app, as: (role) => web.operator.as(role) });
  expect(refused).toBeGreaterThan(10);
});

test('the ledger by hour and by device balances', async () => {
  const { body } = await call('GET', '/api/v1/ledger/hours');
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).toMatchObject({ accepted: 8, stored: 5, quarantined: 3, pending: 0, duplicate: 0 });
  const devices = await call('GET', '/api/v1/ledger/devices');
  expect(devices.body.items.map((item: { device: string; accepted: number }) => [item.device, item.accepted])).toEqual([
    ['pump-3', 7],
    ['pump-4', 1],
  ]);
  const empty = await call('GET', '/api/v1/ledger/hours?from=2026-01-02&to=2026-01-01');
  expect(empty).toMatchObject({ status: 400, body: { error: { code: 'RANGE_ORDER', field: 'from' } } });
  const long = await call('GET', '/api/v1/ledger/hours?from=2020-01-02&to=2026-01-01');
  expect(long.body.error.code).toBe('LEDGER_SPAN');
});

test('the spool is reported from its process', async () => {
  await expect.poll(async () => (await call('GET', '/api/v1/operations/spools')).body.items.length).toBe(1);
  const [spool] = (await call('GET', '/api/v1/operations/spools')).body.items;
  expect(spool).toMatchObject({ spoolId: bench.spool.id, full: false, heldSince: null });
  expect(spool.limitBytes).toBe(1 << 30);
});

test('quarantine is told by reason, with an example, and another tenant sees nothing of it', async () => {
  const { body } = await call('GET', '/api/v1/quarantine/reasons');
  expect(
    body.items.map((item: { reasonCode: string; units: number; devices: number }) => [
      item.reasonCode,
      item.units,
      item.devices,
    ]),
  ).toEqual([
    ['VALUE_TYPE', 2, 2],
    ['JSON_SYNTAX', 1, 1],
  ]);
  expect(body.items[0].example).toMatchObject({ device: expect.stringMatching(/^pump-[34]$/), field: 'value' });
  const others = await call('GET', '/api/v1/quarantine/reasons', undefined, web.other.as('it-operator'));
  expect(others.body.items.map((item: { units: number }) => item.units)).toEqual([1]);
});

test('a whole reason is replayed, once, with its progress; an interrupted one goes on', async () => {
  // The device's words are mended where they lie, as a corrected mapping would.
  await bench.pg.asOwner(
    `update quarantine set payload = convert_to('{"point":"t","value":1}', 'utf8'), payload_bytes = 23 where device = 'pump-4'`,
  );
  const asked = await call('POST', '/api/v1/quarantine/replays', { reasonCode: 'VALUE_TYPE' });
  expect(asked).toMatchObject({ status: 202, body: { entries: 2, done: 0, finishedAt: null } });
  const job = enqueued.pop()!;
  await replayJob(job);
  await replayJob(job); // delivered again
  const done = await call('GET', `/api/v1/quarantine/replays/${asked.body.id}`);
  expect(done.body).toMatchObject({ entries: 2, done: 2, stored: 1, duplicate: 0, remaining: 1 });
  expect(done.body.finishedAt).not.toBeNull();
  expect((await call('GET', '/api/v1/quarantine/replays')).body.items).toHaveLength(1);
  const foreign = await call(
    'GET',
    `/api/v1/quarantine/replays/${asked.body.id}`,
    undefined,
    web.other.as('it-operator'),
  );
  expect(foreign.body.error.code).toBe('REPLAY_UNKNOWN');
  const ledger = await bench.stores.ledger(web.operator.id);
  expect(ledger).toMatchObject({ stored: 6, quarantined: 2, balanced: true });
});

test('the figures are in /metrics', async () => {
  expect(bench.metrics).toBeInstanceOf(Registry);
  const text = await bench.metrics.metrics();
  expect(text).toMatch(/faultline_ingest_quarantined_units\{reason="JSON_SYNTAX"\} 2/);
  expect(text).toContain('faultline_ingest_spool_hours');
  expect(text).toContain('faultline_ingest_drained_in_seconds');
});
