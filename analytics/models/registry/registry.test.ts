import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualClock, systemClock } from '../../../platform/index.ts';
import { expectRoutesGuarded } from '../../../test/contracts/routes.ts';
import { bearingFacts, blockOf, type TestAnalytics, testAnalytics } from '../../../test/fixtures/analytics.ts';
import { type TestApplication, testApplication } from '../../../test/fixtures/application.ts';
import { readPoint } from '../../store/pointMemory.ts';
import { workPartition } from '../../worker/partitionJob.ts';
import type { ModelContract } from '../contract.ts';
import { fitPoint } from '../fit/fitPoint.ts';
import { fitRoutes } from '../fit/routes.ts';
import { encodeModel } from '../onnx/encodeModel.ts';
import { sha256Of } from '../onnxRunner.ts';
import { shippedModels } from '../shipped.ts';
import { modelRoutes } from './routes.ts';

const clock = manualClock();
const POINT = 'pump-7/de';
let a: TestAnalytics;
let t: TestApplication;
let template: ModelContract;
const nudges: { tenantId: string; fitId: string }[] = [];

beforeAll(async () => {
  a = await testAnalytics(clock);
  t = await testApplication(a.pg.db, { clock });
  // Validation waits for a real process, so it is timed by the real clock.
  modelRoutes({ db: a.pg.db, clock: systemClock() })(t.app);
  const jobs = { enqueue: async (_: unknown, payload: unknown) => void nudges.push(payload as never) };
  fitRoutes({ db: a.pg.db, clock, jobs })(t.app);
  await t.app.ready();
  template = (await shippedModels())[0]!.contract;
  a.facts.set(POINT, bearingFacts());
});
afterAll(async () => {
  await t.app.close();
  await a.stop();
});

const engineer = () => t.operator.as('reliability-engineer');
const get = async (url: string, headers = engineer()) => (await t.app.inject({ method: 'GET', url, headers })).json();
const post = (url: string, payload: object, headers = engineer()) =>
  t.app.inject({ method: 'POST', url, headers, payload });

/** Σ over the inputs times `gain`: a model as small as can be. */
function sumModel(gain: number): Uint8Array {
  const width = template.input.features.length;
  return encodeModel({
    name: 'sum',
    input: { name: 'features', width },
    output: { name: 'error', width: null },
    constants: { gain: { dims: [1], values: [gain] }, axes: { dims: [1], values: [1n] } },
    nodes: [
      { op: 'Mul', inputs: ['features', 'features'], output: 'squared' },
      { op: 'Mul', inputs: ['squared', 'gain'], output: 'scaled' },
      { op: 'ReduceMean', inputs: ['scaled', 'axes'], output: 'error', attributes: { keepdims: 0 } },
    ],
  });
}

function contractOf(data: Uint8Array, over: Partial<ModelContract> = {}): ModelContract {
  return { ...template, name: 'sum', version: '1', sha256: sha256Of(data), ...over };
}

async function upload(data: Uint8Array, contract: object, extra: Record<string, string> = {}, headers = engineer()) {
  const form = new FormData();
  form.set('contract', JSON.stringify(contract));
  form.set('model', new Blob([new Uint8Array(data)]), 'model.onnx');
  for (const [name, value] of Object.entries(extra)) form.set(name, value);
  const encoded = new Response(form);
  const type = encoded.headers.get('content-type')!;
  const payload = Buffer.from(await encoded.arrayBuffer());
  return t.app.inject({
    ...{ method: 'POST', url: '/api/v1/models', payload },
    headers: { ...headers, 'content-type': type },
  });
}

/** Lets a healthy block through the pipeline; returns the point's features as last judged. */
async function work(blocks: number): Promise<{ name: string; value: number; speaks: boolean }[]> {
  for (let i = 0; i < blocks; i++) {
    await clock.advance(60_000);
    taken += 1;
    await a.feed([blockOf(POINT, taken, clock.nowMs())], { tenantId: t.operator.id });
  }
  await workPartition(a.deps, t.operator.id, 0, new AbortController().signal);
  const memory = await a.pg.db.tenant(t.operator.id, (tx) => readPoint(tx, POINT));
  return [...(memory?.verdict?.features ?? [])];
}
let taken = 0;

test('every route refuses nobody, forgers and roles without the permission', async () => {
  const { refused } = await expectRoutesGuarded({ app: t.app, as: (role) => t.operator.as(role) });
  expect(refused).toBeGreaterThan(50);
});

test('an uploaded model is validated, begins in shadow, and runs with the next batch; live it may speak; retired it rests', async () => {
  const data = sumModel(1);
  const made = await upload(data, contractOf(data), { reason: 'a first try' });
  expect(made.statusCode, made.body).toBe(201);
  const { id } = made.json();
  expect(made.json()).toMatchObject({
    origin: 'uploaded',
    stages: [{ scope: { kind: 'all' }, stage: 'shadow' }],
    report: { opsets: { '': 18 }, operators: ['Mul', 'ReduceMean'], probes: 64 },
  });
  const file = await t.app.inject({ method: 'GET', url: `/api/v1/models/${id}/file`, headers: engineer() });
  expect(sha256Of(file.rawPayload)).toBe(sha256Of(data));
  const named = (features: { name: string }[]) =>
    features.map(({ name }) => name).filter((n) => n.startsWith('model '));
  const shipped = ['model spectral-autoencoder 1.0.0', 'model bearing-classifier 2.0.0'];
  expect(named(await work(1))).toEqual([...shipped, 'model sum 1']);

  const promoted = await post(`/api/v1/models/${id}/stage`, { stage: 'live', reason: 'agrees with the workshop' });
  // Too young a point has no calm past to compare with.
  expect(await get(`/api/v1/models/${id}/agreement`)).toMatchObject({ observations: 0, share: null });
  expect(promoted.json().steps).toMatchObject([{ from: 'shadow', to: 'live', reason: 'agrees with the workshop' }]);
  await work(1);
  await post(`/api/v1/models/${id}/stage`, { stage: 'retired', reason: 'no longer needed' });
  expect(named(await work(1))).toEqual(shipped);
  const { items } = await get(`/api/v1/models/${id}/history`);
  expect(items.map((step: { to: string }) => step.to)).toEqual(['retired', 'live', 'shadow']);
  expect(items[2]).toMatchObject({ from: null, reason: 'a first try', author: expect.any(String) });
});

test('a version that goes live replaces the one before, and a roll back brings it back', async () => {
  const ids: string[] = [];
  for (const [version, gain] of [
    ['2', 2],
    ['3', 3],
  ] as const) {
    const data = sumModel(gain);
    ids.push((await upload(data, contractOf(data, { name: 'double', version }))).json().id);
  }
  const [two, three] = ids;
  const stageOf = async (id: string) => (await get(`/api/v1/models/${id}`)).stages[0].stage;
  const live = { stage: 'live', reason: 'test of versions' };
  expect((await post(`/api/v1/models/${three}/rollback`, { reason: 'nothing yet' })).statusCode).toBe(409);
  await post(`/api/v1/models/${two}/stage`, live);
  const { steps } = (await post(`/api/v1/models/${three}/stage`, live)).json();
  expect(steps).toHaveLength(2);
  expect(steps[1]).toMatchObject({ modelId: two, from: 'live', to: 'retired', becauseOf: steps[0].id });
  expect([await stageOf(two!), await stageOf(three!)]).toEqual(['retired', 'live']);
  const back = await post(`/api/v1/models/${three}/rollback`, { reason: 'too many alarms' });
  expect(back.statusCode, back.body).toBe(200);
  expect([await stageOf(two!), await stageOf(three!)]).toEqual(['live', 'retired']);
  expect((await post(`/api/v1/models/${three}/rollback`, { reason: 'once more' })).statusCode).toBe(409);
  expect((await post(`/api/v1/models/${three}/stage`, live)).json().error.code).toBe('ANALYTICS_MODEL_STAGE');
});

test('the model of the product is an entry like any other: one point may be exempt from it', async () => {
  const [shipped] = await shippedModels();
  const scope = { kind: 'point', key: POINT };
  const url = `/api/v1/models/${shipped!.id}/stage`;
  expect((await post(url, { stage: 'retired', scope, reason: 'a test rig' })).statusCode).toBe(200);
  const off = await work(1);
  expect(off.some(({ name }) => name.startsWith('model spectral'))).toBe(false);
  expect((await post(url, { stage: 'shadow', scope, reason: 'look again' })).statusCode).toBe(200);
  expect((await post(url, { stage: 'live', scope, reason: 'as before' })).statusCode).toBe(200);
  expect((await work(1)).some(({ name }) => name.startsWith('model spectral'))).toBe(true);
});

test('what cannot be trusted is refused with the reason', async () => {
  const data = sumModel(1);
  const contract = contractOf(data, { version: '9' });
  const refusal = async (...args: Parameters<typeof upload>) => {
    const { code, message } = (await upload(...args)).json().error;
    return `${code}: ${message}`;
  };
  expect(await refusal(data, { ...contract, sha256: 'f'.repeat(64) })).toContain('MODEL_HASH');
  expect(await refusal(data, { ...contract, name: 'A' })).toContain('MODEL_CONTRACT');
  const noise = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 251);
  expect(await refusal(noise, { ...contract, sha256: sha256Of(noise) })).toContain('not an ONNX file');
  expect(await refusal(sumModel(1), contractOf(data))).toContain('MODEL_EXISTS');
  expect((await post('/api/v1/models', {})).statusCode).toBe(400);
  expect((await upload(data, contract, {}, t.operator.as('viewer'))).statusCode).toBe(403);
  const many = Buffer.alloc(18 * 1024 * 1024);
  expect((await upload(many, contract)).statusCode).toBe(413);
});

test('another tenant sees neither the models nor their stages', async () => {
  const { items } = await get('/api/v1/models', t.other.as('admin'));
  expect(items.map((model: { origin: string }) => model.origin)).toEqual(items.map(() => 'shipped'));
  expect(items[0].stages).toMatchObject([{ stage: 'live', since: null }]);
  const own = (await get('/api/v1/models')).items.at(-1);
  const foreign = { ...t.other.as('admin') };
  for (const path of ['', '/file', '/history', '/drift', '/agreement']) {
    const answer = await t.app.inject({ method: 'GET', url: `/api/v1/models/${own.id}${path}`, headers: foreign });
    expect(answer.statusCode).toBe(404);
  }
});

test('a model is fitted to a point’s own baseline: too few blocks fail with the reason, enough make one in shadow', async () => {
  expect((await post('/api/v1/points/none/such/models', {})).statusCode).toBe(404);
  const order = async () => {
    const answer = await post(`/api/v1/points/${POINT}/models`, {});
    expect(answer.statusCode, answer.body).toBe(202);
    return answer.json();
  };
  const early = await order();
  expect((await order()).id).toBe(early.id);
  expect(nudges.at(-1)).toEqual({ tenantId: t.operator.id, fitId: early.id });
  const deps = { db: a.pg.db, clock: systemClock() };
  await fitPoint(deps, nudges.at(-1)!);
  expect(await get(`/api/v1/model-fits/${early.id}`)).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('48'),
  });

  await work(60);
  const { id } = await order();
  await fitPoint(deps, nudges.at(-1)!);
  const fit = await get(`/api/v1/model-fits/${id}`);
  expect(fit).toMatchObject({ status: 'finished', percent: 100, reason: null });
  const model = await get(`/api/v1/models/${fit.modelId}`);
  expect(model).toMatchObject({
    origin: 'fitted',
    stages: [{ scope: { kind: 'point', key: POINT }, stage: 'shadow' }],
    report: { operators: ['Div', 'MatMul', 'Mul', 'ReduceMean', 'Sub'] },
  });
  const features = await work(1);
  const said = features.find(({ name }) => name === `model ${model.name} ${model.version}`);
  expect(said?.value).toBeGreaterThan(0.05);
  expect(said?.value).toBeLessThan(5);
});

test('drift is shown: the model of the product has seen the rows of this tenant', async () => {
  await a.deps.drift.flush();
  const [shipped] = await shippedModels();
  const agreement = await get(`/api/v1/models/${shipped!.id}/agreement`);
  expect(agreement).toMatchObject({ points: 1, bothSpeak: 0, onlyFault: 0 });
  expect(agreement.observations).toBeGreaterThan(48);
  expect(agreement.share).toBeGreaterThan(0.9);
  const { drift } = await get(`/api/v1/models/${shipped!.id}/drift`);
  expect(drift).toMatchObject({ reference: 'baseline', state: 'learning', rows: expect.any(Number) });
  expect(drift.inputs).toHaveLength(26);
  expect(drift.rows).toBeGreaterThan(60);
});
