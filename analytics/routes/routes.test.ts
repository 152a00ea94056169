import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualClock, type Tx } from '../../platform/index.ts';
import { bearingFacts, blockOf, outerRace, type TestAnalytics, testAnalytics } from '../../test/fixtures/analytics.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { modelRoutes } from '../models/registry/routes.ts';
import { workPartition } from '../worker/partitionJob.ts';
import { anomalyRoutes } from './anomalies.ts';
import { pointRoutes } from './points.ts';
import { systemRoutes } from './system.ts';

const clock = manualClock();
const POINT = 'pump-7/de';
let a: TestAnalytics;
let t: TestApplication;
let anomalyId: string;
/** Anomalies that were announced as closed. */
const told: string[] = [];

beforeAll(async () => {
  a = await testAnalytics(clock);
  t = await testApplication(a.pg.db, { clock });
  const deps = { db: a.pg.db, clock, facts: a.deps.facts, closed: async (_tx: Tx, id: string) => void told.push(id) };
  for (const routes of [anomalyRoutes, pointRoutes, systemRoutes, modelRoutes]) routes(deps)(t.app);
  await t.app.ready();
  a.facts.set(POINT, bearingFacts());
  for (let i = 1; i <= 4; i++) {
    const block = blockOf(POINT, i, clock.nowMs() + i * 1000, { defects: [outerRace(0.5)] });
    await a.feed([block], { tenantId: t.operator.id });
  }
  await workPartition(a.deps, t.operator.id, 0, new AbortController().signal);
  const { items } = (await get('/api/v1/anomalies')).json();
  anomalyId = items[0].id;
});
afterAll(async () => {
  await t.app.close();
  await a.stop();
});

const get = (url: string, headers = t.operator.as('reliability-engineer')) =>
  t.app.inject({ method: 'GET', url, headers });
const close = (label: string, headers = t.operator.as('reliability-engineer')) =>
  t.app.inject({ method: 'POST', url: `/api/v1/anomalies/${anomalyId}/close`, headers, payload: { label } });

test('the list shows the anomaly by its filters, and to its own tenant only', async () => {
  const listed = (await get('/api/v1/anomalies?status=confirmed&limit=1')).json();
  expect(listed).toMatchObject({ items: [{ id: anomalyId, fault: 'outer', pointKey: POINT }], nextCursor: null });
  expect((await get(`/api/v1/anomalies?pointKey=${encodeURIComponent('x/y')}`)).json().items).toEqual([]);
  const foreign = t.other.as('admin');
  expect((await get('/api/v1/anomalies', foreign)).json().items).toEqual([]);
  for (const path of ['', '/evidence', '/evidence.svg']) {
    expect((await get(`/api/v1/anomalies/${anomalyId}${path}`, foreign)).statusCode).toBe(404);
  }
  expect((await close('confirmed', foreign)).statusCode).toBe(404);
});

test('one anomaly names the points that show it', async () => {
  const anomaly = (await get(`/api/v1/anomalies/${anomalyId}`)).json();
  expect(anomaly).toMatchObject({ status: 'confirmed', points: [{ pointKey: POINT, part: 'origin' }] });
  // Four blocks are no course: a life is not made up from them.
  expect(anomaly.remainingLife).toEqual({ kind: 'withheld', reason: 'too-short' });
});

test('the evidence is served as data and as a picture', async () => {
  const card = (await get(`/api/v1/anomalies/${anomalyId}/evidence`)).json();
  expect(card).toMatchObject({ version: 2, anomalyId, fault: 'outer', severity: { part: expect.any(String) } });
  const picture = await get(`/api/v1/anomalies/${anomalyId}/evidence.svg`);
  expect(picture.statusCode).toBe(200);
  expect(picture.headers['content-type']).toContain('image/svg+xml');
  expect(picture.body).toContain('BPFO');
});

test('a point says its last verdict and what it has learnt; an unknown one is a clear 404', async () => {
  const point = (await get(`/api/v1/points/${POINT}/status`)).json();
  expect(point).toMatchObject({
    pointKey: POINT,
    kind: 'waveform',
    asset: { name: 'Pump 7 drive-end bearing' },
    verdict: { outcome: 'confirmed', anomalyId },
    baseline: { frozen: true, caution: 1 },
    maintenance: null,
  });
  const course = (await get(`/api/v1/points/${POINT}/features/velocityRms?limit=3`)).json();
  expect(course.items).toHaveLength(3);
  const unknown = await get('/api/v1/points/none/such/status');
  expect(unknown.statusCode).toBe(404);
  expect(unknown.json().error ?? unknown.json()).toMatchObject({ code: 'ANALYTICS_POINT_UNKNOWN' });
});

test('progress counts what waits', async () => {
  const before = (await get('/api/v1/analytics/progress', t.operator.as('admin'))).json();
  expect(before).toEqual({ pendingBatches: 0, lastProcessedAtMs: clock.nowMs(), skipped: 0 });
  await a.feed([blockOf(POINT, 9, clock.nowMs() + 9000)], { tenantId: t.operator.id });
  const after = (await get('/api/v1/analytics/progress', t.operator.as('admin'))).json();
  expect(after.pendingBatches).toBe(1);
});

test('the models in use come with their contracts', async () => {
  const { items } = (await get('/api/v1/models')).json();
  expect(items[0]).toMatchObject({ name: 'spectral-autoencoder', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('closing needs the right and a known label, works once, and frees the point', async () => {
  expect((await close('confirmed', t.operator.as('viewer'))).statusCode).toBe(403);
  expect((await close('perhaps')).statusCode).toBe(400);
  const closed = await close('confirmed');
  expect(closed.json()).toMatchObject({ status: 'closed', label: 'confirmed', closedReason: 'labelled' });
  expect((await close('false_alarm')).statusCode).toBe(409);
  expect(told).toEqual([anomalyId]);
  const point = (await get(`/api/v1/points/${POINT}/status`)).json();
  expect(point.baseline).toMatchObject({ frozen: false, regimes: [] });
  expect(point.remainingLife).toEqual({ kind: 'withheld', reason: 'no-onset' });
});
