import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog, manualClock } from '../../../platform/index.ts';
import { bearingFacts, readingOf, type TestAnalytics, testAnalytics } from '../../../test/fixtures/analytics.ts';
import { type TestApplication, testApplication } from '../../../test/fixtures/application.ts';
import { createLabelAnomaly } from '../../anomalies/label.ts';
import type { Label } from '../../detectors/rebaseline.ts';
import { readPoint } from '../../store/pointMemory.ts';
import { runRound } from '../../worker/round.ts';
import { thresholdMetrics } from '../metrics/thresholdMetrics.ts';
import type { ClosedOrder } from '../ports.ts';
import { workRun } from '../runs.ts';
import { replayInThread } from '../simulate/runner.ts';
import { changeRoutes } from './changes.ts';
import { labelRoutes } from './labels.ts';
import { runRoutes } from './runs.ts';
import { valueRoutes } from './values.ts';

const clock = manualClock();
const POINT = 'pump-9/temperature';
const MACHINE = '01890000-0000-7000-8000-0000000000aa';
let a: TestAnalytics;
let t: TestApplication;
const orders: ClosedOrder[] = [];
const enqueued: { tenantId: string; runId: string }[] = [];

const engineer = () => t.operator.as('reliability-engineer');
const call = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object, headers = engineer()) => {
  const response = await t.app.inject({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) });
  return { status: response.statusCode, body: response.json() };
};
const get = (url: string, headers = engineer()) => call('GET', url, undefined, headers);
const post = (url: string, payload: object, headers = engineer()) => call('POST', url, payload, headers);

async function read(values: readonly number[], pointKey = POINT): Promise<void> {
  const items = [];
  for (const value of values) {
    await clock.advance(1000);
    items.push(readingOf(pointKey, value, clock.nowMs()));
  }
  await a.feed(items, { tenantId: t.operator.id });
  while ((await runRound(a.deps, t.operator.id, 0, { atMost: 8 })).batches > 0);
}
const wander = (count: number, level: number) =>
  Array.from({ length: count }, (_, i) => level + 0.3 * Math.sin(i * 1.7) + 0.2 * Math.cos(i * 0.37));

async function close(as: Label): Promise<string> {
  const [open] = await a.pg.asOwner<{ id: string }>(`select id from anomaly where status = 'confirmed'`);
  const labelAnomaly = createLabelAnomaly(clock);
  await a.pg.db.tenant(t.operator.id, (tx) => labelAnomaly(tx, open!.id, as, 'Engineer'));
  return open!.id;
}

beforeAll(async () => {
  a = await testAnalytics(clock);
  t = await testApplication(a.pg.db, { clock });
  const deps = {
    ...{ db: a.pg.db, clock, facts: a.deps.facts, inForce: a.deps.thresholds },
    orders: { closed: async () => orders },
    jobs: { enqueue: async (_: unknown, payload: unknown) => void enqueued.push(payload as never) },
  };
  for (const routes of [valueRoutes, changeRoutes, runRoutes, labelRoutes]) routes(deps as never)(t.app);
  await t.app.ready();
  a.facts.set(POINT, bearingFacts({ machineId: MACHINE, machineClass: 'pump', machineName: 'Pump 9' }));
  await read(wander(200, 40));
  await read([...wander(60, 40), ...wander(30, 50)]); // a jump by ten degrees: a fault that was there
  const anomalyId = await close('confirmed');
  orders.push({
    ...{ orderId: crypto.randomUUID(), number: 'WO-000007', assetId: null, anomalyIds: [anomalyId] },
    ...{ outcome: 'confirmed', openedAtMs: clock.nowMs() - 20_000, closedAtMs: clock.nowMs() },
  });
  await read([...wander(200, 40), ...wander(30, 45)]); // a smaller one that was none
  await close('false_alarm');
  await read(wander(150, 45));
});
afterAll(async () => {
  await t.app.close();
  await a.stop();
});

const scope = { pointKey: POINT };
const simulate = async (edits: object[], over: object = {}) => {
  const { status, body } = await post('/thresholds/simulate', { edits, pointKeys: [POINT], ...over });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

test('a point says what holds, where it comes from, and what can be replayed', async () => {
  const { body } = await get(`/points/${POINT}/thresholds`);
  expect(body).toMatchObject({
    kind: 'reading',
    version: 0,
    machine: { id: MACHINE, machineClass: 'pump' },
    features: ['value'],
    history: { observations: 670 },
  });
  const z = body.settings.find((s: { setting: string }) => s.setting === 'reading.deviationZ');
  expect(z).toMatchObject({ value: 8, source: 'default', held: null, narrower: [] });
  const { body: catalogue } = await get('/thresholds/catalogue');
  const known = new Set(catalogue.items.map((item: { name: string }) => item.name));
  for (const { setting } of body.settings) expect(known).toContain(setting);
  expect((await get('/points/no/such/thresholds')).status).toBe(404);
});

test('simulating what holds tells history as it was: exactly, with its orders', async () => {
  const { result } = await simulate([]);
  expect(result.reproduced).toEqual({ compared: 670, equal: 670 });
  expect(result.current.score).toMatchObject({ alarms: 2, caught: 1, missed: 0, falseAlarms: 1, unknown: 0 });
  expect(result.current.score).toMatchObject({ precision: 0.5, recall: 1 });
  expect(result.proposed.score).toEqual(result.current.score);
  expect(result.anomalies[0]).toMatchObject({ order: 'WO-000007', label: 'confirmed', earlierByMs: 0 });
});

test('a simulation shows what a stricter and a looser limit would have caught, missed and hastened', async () => {
  const at = (value: number) => [{ setting: 'reading.deviationZ', scope, value }];
  const stricter = (await simulate(at(20), { watch: 'value' })).result;
  expect(stricter.proposed.score).toMatchObject({ caught: 1, falseAlarms: 0, precision: 1, recall: 1 });
  const deaf = (await simulate(at(50))).result;
  expect(deaf.proposed.score).toMatchObject({ alarms: 0, caught: 0, missed: 1, recall: 0, precision: null });
  const count = (result: typeof deaf, side: 'current' | 'proposed') => result.features[0][side].spoke;
  expect(count(stricter, 'proposed')).toBeLessThan(count(stricter, 'current'));
  expect(count(deaf, 'proposed')).toBe(0);
  expect(stricter.series).toMatchObject({ pointKey: POINT, feature: 'value' });
  const upper = (points: { upper: number | null }[]) => points.find((point) => point.upper !== null)!.upper!;
  expect(upper(stricter.series.proposed)).toBeGreaterThan(upper(stricter.series.current));
  const hasty = (await simulate([{ setting: 'reading.deviation.needed', scope, value: 3 }])).result;
  const confirmed = hasty.anomalies.find((x: { label: string }) => x.label === 'confirmed');
  expect(confirmed.earlierByMs).toBe(11_000); // three instead of fourteen readings, one a second
});

test('a value goes from proposal over simulation to force, with who, why and from what; and back', async () => {
  const edits = [{ setting: 'reading.deviationZ', scope, value: 20 }];
  const proposed = await post('/thresholds/changes', { edits, reason: 'five degrees are the season', seen: [null] });
  expect(proposed).toMatchObject({
    status: 201,
    body: { status: 'proposed', author: 'reliability-engineer of default' },
  });
  const { id } = proposed.body;
  const apply = (simulationId: string) => post(`/thresholds/changes/${id}/apply`, { simulationId });
  expect((await apply(id)).body.error).toMatchObject({ code: 'THRESHOLD_SIMULATION_NEEDED' });
  const other = await simulate([{ ...edits[0]!, value: 21 }]);
  expect((await apply(other.id)).body.error.message).toMatch(/tried other values/);
  const simulation = await simulate(edits);
  expect(await apply(simulation.id)).toMatchObject({
    status: 200,
    body: { status: 'applied', version: 1, simulationId: simulation.id, edits: [{ from: null, to: 20 }] },
  });
  expect((await apply(simulation.id)).status).toBe(409);

  await read([45.1]);
  const live = await a.pg.db.tenant(t.operator.id, (tx) => readPoint(tx, POINT));
  expect(live!.verdict!.settingsVersion).toBe(1);
  const held = (await get(`/points/${POINT}/thresholds`)).body;
  expect(held).toMatchObject({ version: 1 });
  expect(held.settings.find((s: { setting: string }) => s.setting === 'reading.deviationZ')).toMatchObject({
    value: 20,
    source: 'point',
    held: { changeId: id, reason: 'five degrees are the season' },
  });
  expect((await get('/thresholds')).body.items).toHaveLength(1);

  const back = await post(`/thresholds/changes/${id}/revert`, { reason: 'it was not' });
  expect(back.body).toMatchObject({ origin: 'revert', reverts: id, version: 2, edits: [{ from: 20, to: null }] });
  expect((await get('/thresholds')).body.items).toEqual([]);
  const listed = (await get(`/thresholds/changes?pointKey=${encodeURIComponent(POINT)}`)).body.items;
  expect(listed.map((change: { origin: string; status: string }) => [change.origin, change.status])).toEqual([
    ['revert', 'applied'],
    ['person', 'applied'],
  ]);
});

test('of two engineers the second is told who was faster, and with what', async () => {
  const edit = (value: number) => [{ setting: 'reading.fadeAfter', scope, value }];
  const [one, two] = await Promise.all([
    post('/thresholds/changes', { edits: edit(20), reason: 'calmer' }),
    post('/thresholds/changes', { edits: edit(30), reason: 'calmer still' }, t.operator.as('admin')),
  ]);
  const simulations = [await simulate(edit(20)), await simulate(edit(30))];
  const outcomes = await Promise.all([
    post(`/thresholds/changes/${one.body.id}/apply`, { simulationId: simulations[0].id }),
    post(`/thresholds/changes/${two.body.id}/apply`, { simulationId: simulations[1].id }, t.operator.as('admin')),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 409]);
  const winner = outcomes.findIndex(({ status }) => status === 200);
  const lost = outcomes[1 - winner]!.body.error;
  expect(lost).toMatchObject({ code: 'THRESHOLD_CONFLICT', detail: { value: winner === 0 ? 20 : 30 } });
  expect(lost.message).toContain(winner === 0 ? 'reliability-engineer of default' : 'admin of default');
  const late = await post('/thresholds/changes', { edits: edit(40), reason: 'x', seen: [null] });
  expect(late.body.error).toMatchObject({ code: 'THRESHOLD_CONFLICT' });
});

test('what cannot be is refused with the reason, and nobody touches another tenant’s', async () => {
  const bad = await post('/thresholds/changes', {
    edits: [{ setting: 'reading.deviationZ', scope, value: 1 }],
    reason: 'x',
  });
  expect(bad).toMatchObject({ status: 400 });
  expect(JSON.stringify(bad.body)).toMatch(/between 2 and 50/);
  expect((await post('/thresholds/simulate', { edits: [{ setting: 'none', value: 1 }] })).status).toBe(400);
  const viewer = t.operator.as('viewer');
  for (const path of ['/thresholds/simulate', '/thresholds/changes', '/thresholds/proposals'])
    expect((await post(path, {}, viewer)).status).toBe(403);
  expect((await get('/thresholds/changes', viewer)).status).toBe(200);
  const foreign = t.other.as('admin');
  expect((await get('/thresholds/changes', foreign)).body.items).toEqual([]);
  expect((await get(`/points/${POINT}/thresholds`, foreign)).status).toBe(404);
  expect((await post('/thresholds/simulate', { pointKeys: [POINT] }, foreign)).body.error).toMatchObject({
    code: 'THRESHOLD_NO_HISTORY',
  });
  const [{ id }] = (await get('/thresholds/changes')).body.items;
  const [run] = (await get('/thresholds/simulations')).body.items;
  for (const path of [`/thresholds/changes/${id}`, `/thresholds/simulations/${run.id}`]) {
    expect((await get(path)).status).toBe(200);
    expect((await get(path, foreign)).status).toBe(404);
  }
  expect((await post(`/thresholds/changes/${id}/revert`, { reason: 'x' }, foreign)).status).toBe(404);
});

test('labels say how good the detectors are, and propose one bounded step; applied only where that is allowed', async () => {
  const report = (await get('/thresholds/performance')).body;
  expect(report).toMatchObject({ told: 1, foundByPeople: 0, recall: 1, precision: 0.5 });
  expect(report.rows[0]).toMatchObject({ machineClass: 'pump', basis: 'deviation', confirmed: 1, falseAlarms: 1 });

  const policy = { autoApply: false, maxStepShare: 1, minLabels: 2 };
  expect((await call('PUT', '/thresholds/policy', policy)).body).toMatchObject(policy);
  const propose = async () => {
    const { status, body } = await post('/thresholds/proposals', {});
    expect(status).toBe(202);
    const { tenantId, runId } = enqueued.at(-1)!;
    const deps = { ...a.deps, inForce: a.deps.thresholds, orders: { closed: async () => orders } };
    await workRun({ ...deps, log: createLog('silent') }, tenantId, runId, new AbortController().signal, replayInThread);
    return (await get(`/thresholds/proposals/${body.id}`)).body;
  };
  const first = await propose();
  expect(first).toMatchObject({ status: 'finished', result: { tooFew: 0 } });
  const [verdict] = first.result.scopes;
  expect(verdict).toMatchObject({
    scope: { machineClass: 'pump' },
    labels: 2,
    applied: false,
    current: { falseAlarms: 1, missed: 0 },
    best: { from: 8, score: { falseAlarms: 0, missed: 0, caught: 1 } },
  });
  expect(verdict.best.to).toBeLessThanOrEqual(16);
  const proposal = (await get(`/thresholds/changes/${verdict.changeId}`)).body;
  expect(proposal).toMatchObject({ status: 'proposed', origin: 'labels', expected: { proposed: { falseAlarms: 0 } } });
  const before = (await get('/thresholds')).body.items.length;

  await call('PUT', '/thresholds/policy', { ...policy, autoApply: true });
  const second = await propose();
  expect(second.result.scopes[0]).toMatchObject({ applied: true });
  expect((await get(`/thresholds/changes/${verdict.changeId}`)).body).toMatchObject({ status: 'withdrawn' });
  await call('PUT', '/thresholds/policy', { ...policy, reason: 'a quarter went well' });
  const history = (await get('/thresholds/policy/history')).body.items;
  expect(history).toMatchObject([
    { autoApply: false, reason: 'a quarter went well' },
    { autoApply: true, reason: null },
    { autoApply: false, maxStepShare: 1, minLabels: 2 },
  ]);
  expect((await get('/thresholds/policy/history', t.other.as('admin'))).body.items).toEqual([]);
  expect((await get('/thresholds/policy')).body).toMatchObject({
    reason: 'a quarter went well',
    changedBy: history[0].changedBy,
  });
  const items = (await get('/thresholds')).body.items;
  expect(items).toHaveLength(before + 1);
  expect(items[0]).toMatchObject({ author: 'Faultline (labels)', scope: { machineClass: 'pump' } });
});

test('dashboards see what holds, how near points are to their limits, and how good that was', async () => {
  const registry = new Registry();
  const orderSource = { closed: async () => orders };
  thresholdMetrics(registry, { ...a.deps, inForce: a.deps.thresholds, orders: orderSource });
  const text = await registry.metrics();
  const { items } = (await get('/thresholds')).body;
  expect(text.match(/^faultline_threshold_value\{.*\} /gm)).toHaveLength(items.length);
  expect(text).toMatch(
    /faultline_threshold_value\{tenant="[^"]+",setting="[^"]+",level="class",scope="pump",[^}]*\} [\d.]+/,
  );
  expect(text).toMatch(/faultline_threshold_alarms\{[^}]*detector="deviation"[^}]*found="confirmed"\} 1\n/);
  expect(text).toMatch(/faultline_threshold_faults\{tenant="[^"]+",by="anomaly"\} 1\n/);
  const shares = [...text.matchAll(/faultline_threshold_limit_share\{[^}]*point="([^"]+)"[^}]*\} ([\d.e+-]+)/g)];
  expect(shares.map(([, point]) => point)).toContain(POINT);
  for (const [, , share] of shares) expect(Number(share)).toBeGreaterThanOrEqual(0);
});
