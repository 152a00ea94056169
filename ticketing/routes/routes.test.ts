import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type App, newId, type Role } from '../../platform/index.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestTenant, testApplication } from '../../test/fixtures/application.ts';
import { type Bed, NOWHERE, service, testBed } from '../../test/fixtures/ticketing.ts';
import { takeAnomalies } from '../intake/intake.ts';
import { DEFAULT_PRIORITY_POLICY } from '../priority/policy.ts';
import { failStop } from '../response/stopCommand.ts';
import { inUnit } from '../unit.ts';
import { moveRoutes } from './moves.ts';
import { orderRoutes } from './orders.ts';
import { policyRoutes } from './policies.ts';
import { stopCommandRoutes } from './stopCommands.ts';
import { technicianRoutes } from './technicians.ts';

let bed: Bed;
let app: App;
let plant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  bed = await testBed();
  const application = await testApplication(bed.pg.db, { clock: bed.clock });
  ({ app, operator: plant, other } = application);
  const deps = { ...bed.deps, db: bed.pg.db, labelAnomaly: bed.labelAnomaly };
  for (const routes of [orderRoutes, moveRoutes, technicianRoutes, policyRoutes, stopCommandRoutes]) routes(deps)(app);
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await bed.pg.stop();
});
beforeEach(async () => {
  await bed.pg.asOwner('truncate work_order, technician, ticketing_policy, event cascade');
  await bed.pg.asOwner(`drop sequence if exists work_order_number_${plant.id.replaceAll('-', '')}`);
  bed.labels.length = 0;
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
async function call(who: Role, method: Method, url: string, payload?: object, tenant = plant) {
  const response = await app.inject({
    method,
    url: `/api/v1${url}`,
    headers: tenant.as(who),
    ...(payload ? { payload } : {}),
  });
  return { status: response.statusCode, body: response.body === '' ? null : response.json() };
}
const profile = { skills: { bearings: 4, mechanics: 3 }, maxLoad: 5 };
const makeTechnician = () => call('dispatcher', 'PUT', `/technicians/${plant.user('technician').id}`, profile);
const confirm = (over = {}) => bed.pg.db.tenant(plant.id, (tx) => takeAnomalies(bed.deps, tx, [bed.anomaly(over)]));
const onlyOrder = async () => (await call('dispatcher', 'GET', '/work-orders')).body.items[0];
const closure = { outcome: 'confirmed', failureMode: 'VIB', failureMechanism: '2.6', failureCause: '3.4' };

it('every route refuses nobody, the forged and the unentitled', async () => {
  const { routes, refused } = await expectRoutesGuarded({ app, as: (role) => plant.as(role) });
  expect(routes).toBeGreaterThan(25);
  expect(refused).toBeGreaterThan(100);
});

describe('the life of an order over HTTP', () => {
  it('goes from the anomaly through the technician to the closed order, all of it logged', async () => {
    expect((await makeTechnician()).status).toBe(200);
    await confirm();
    const { id } = await onlyOrder();
    const steps: [Role, string, object][] = [
      ['technician', 'accept', {}],
      ['technician', 'start', {}],
      ['technician', 'hold', { reason: 'bearing on its way' }],
      ['technician', 'resume', {}],
      ['technician', 'complete', { note: 'bearing replaced' }],
      ['dispatcher', 'close', closure],
    ];
    for (const [who, move, payload] of steps) {
      const { status, body } = await call(who, 'POST', `/work-orders/${id}/${move}`, payload);
      expect([move, status]).toEqual([move, 200]);
      expect(body.number).toBe('WO-000001');
    }
    const { body } = await call('reliability-engineer', 'GET', `/work-orders/${id}`);
    expect(body).toMatchObject({ state: 'closed', closure, allowedMoves: [] });
    expect(body.assignments[0].choice.ranking[0]).toMatchObject({ name: 'technician of default', skill: 0.8 });
    expect(body.log.map((e: { data: { move?: string } }) => e.data.move).filter(Boolean)).toEqual(
      steps.map(([, move]) => move),
    );
    expect(bed.labels).toMatchObject([{ label: 'confirmed', by: 'dispatcher of default' }]);
    const changes = await bed.pg.asOwner(`select payload->>'to' as to from event where type = 'WorkOrderStateChanged'`);
    expect(changes.map((c) => c.to)).toEqual([
      'accepted',
      'in_progress',
      'on_hold',
      'in_progress',
      'completed',
      'closed',
    ]);
  });

  it('answers an illegal move with 409 and what is allowed, an old version with 409', async () => {
    await confirm();
    const { id, version } = await onlyOrder();
    const illegal = await call('dispatcher', 'POST', `/work-orders/${id}/complete`, {});
    expect(illegal.status).toBe(409);
    expect(illegal.body.error).toMatchObject({
      code: 'ORDER_MOVE_ILLEGAL',
      detail: { state: 'new', allowed: ['assign', 'cancel'] },
    });
    const old = await call('dispatcher', 'POST', `/work-orders/${id}/assign`, { version: version - 1 });
    expect([old.status, old.body.error.field]).toEqual([409, 'version']);
  });

  it('demands the closure codes of the lists', async () => {
    await confirm();
    const { id } = await onlyOrder();
    const bad = await call('dispatcher', 'POST', `/work-orders/${id}/close`, { ...closure, failureMode: 'XXX' });
    expect(bad.status).toBe(400);
    expect(JSON.stringify(bad.body)).toContain('failureMode');
    const { body } = await call('viewer', 'GET', '/work-orders/closure-codes');
    expect(body.failureModes).toContainEqual({ code: 'VIB', en: 'vibration', zh: '振动' });
  });

  it('takes an order by hand, with the priority of what depends on the asset', async () => {
    const assetId = newId();
    bed.assets.set(assetId, { context: NOWHERE, services: [service('Packing', { criticality: 1 })] });
    await makeTechnician();
    const { status, body } = await call('requester', 'POST', '/work-orders', { summary: 'It squeals', assetId });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      number: 'WO-000001',
      state: 'assigned',
      priority: 'P3',
      requesterName: 'requester of default',
      priorityBasis: { impact: 'extensive' },
    });
    const set = await call('requester', 'POST', '/work-orders', { summary: 'Urgent', priority: 'P1' });
    expect(set.body).toMatchObject({ number: 'WO-000002', priority: 'P1' });
    const unknown = await call('requester', 'POST', '/work-orders', { summary: 'x', assetId: newId() });
    expect([unknown.status, unknown.body.error.code]).toEqual([422, 'ASSET_UNKNOWN']);
    const nul = await call('requester', 'POST', '/work-orders', { summary: 'a\u0000b' });
    expect(nul.status).toBe(400);
    const closed = await call('requester', 'POST', `/work-orders/${body.id}/cancel`, { reason: 'it stopped' });
    expect(closed.body.state).toBe('cancelled');
  });
});

describe('who sees and does what', () => {
  it('a technician works on their own orders and cannot see others', async () => {
    await confirm();
    const { id } = await onlyOrder();
    expect((await call('technician', 'GET', '/work-orders')).body.items).toEqual([]);
    expect((await call('technician', 'GET', `/work-orders/${id}`)).status).toBe(404);
    expect((await call('technician', 'POST', `/work-orders/${id}/accept`, {})).status).toBe(404);
    await makeTechnician();
    await call('dispatcher', 'POST', `/work-orders/${id}/assign`, {});
    expect((await call('technician', 'GET', '/work-orders?assignee=me')).body.items).toHaveLength(1);
    expect((await call('technician', 'POST', `/work-orders/${id}/accept`, {})).status).toBe(200);
    expect((await call('technician', 'POST', `/work-orders/${id}/comments`, { text: 'on my way' })).status).toBe(201);
  });

  it('a business owner sees the orders that hit their services, a requester their own', async () => {
    const assetId = newId();
    const owner = { ciId: newId(), name: 'o', email: 'Business-Owner@default.example', phone: null, locale: 'en' };
    const services = [service('Sales', { owners: [{ ...owner, role: 'accountable' }] })];
    bed.assets.set(assetId, { context: NOWHERE, services });
    await confirm({ assetId });
    await confirm();
    expect((await call('business-owner', 'GET', '/work-orders')).body.items).toHaveLength(1);
    expect((await call('requester', 'GET', '/work-orders')).body.items).toEqual([]);
    const { body } = await call('requester', 'POST', '/work-orders', { summary: 'mine' });
    expect((await call('requester', 'GET', '/work-orders')).body.items).toMatchObject([{ id: body.id }]);
    expect((await call('viewer', 'GET', '/work-orders')).body.items).toHaveLength(3);
    expect((await call('viewer', 'POST', `/work-orders/${body.id}/comments`, { text: 'hm' })).status).toBe(403);
  });

  it('another tenant sees and reaches nothing', async () => {
    await confirm({ level: 'serious' });
    const { id } = await onlyOrder();
    const stop = (await call('dispatcher', 'GET', '/stop-commands')).body.items[0];
    expect((await call('admin', 'GET', '/work-orders', undefined, other)).body.items).toEqual([]);
    expect((await call('admin', 'GET', '/stop-commands', undefined, other)).body.items).toEqual([]);
    const attempts: [Method, string, object?][] = [
      ['GET', `/work-orders/${id}`],
      ['POST', `/work-orders/${id}/assign`, {}],
      ['POST', `/work-orders/${id}/comments`, { text: 'x' }],
      ['POST', `/stop-commands/${stop.id}/confirm`, { device: 'plc' }],
    ];
    for (const [method, url, payload] of attempts) {
      expect([url, (await call('admin', method, url, payload, other)).status]).toEqual([url, 404]);
    }
    const foreign = await call('admin', 'PUT', `/technicians/${plant.user('technician').id}`, profile, other);
    expect(foreign.status).toBe(422);
  });
});

it('lists by state, priority, assignee and words, page by page', async () => {
  const summary = (en: string) => ({ summary: { en, zh: '故障' } });
  for (const en of ['Fan 100% loud', 'Fan quiet', 'Pump']) await confirm(summary(en));
  const list = async (query: string) =>
    (await call('dispatcher', 'GET', `/work-orders?${query}`)).body.items.map((o: { number: string }) => o.number);
  expect(await list('q=fan')).toEqual(['WO-000002', 'WO-000001']);
  expect(await list(`q=${encodeURIComponent('100%')}`)).toEqual(['WO-000001']);
  expect(await list('q=wo-3')).toEqual(['WO-000003']);
  expect(await list('assignee=none&state=new')).toHaveLength(3);
  expect(await list('state=closed')).toEqual([]);
  expect(await list('priority=P1')).toEqual([]);
  const first = (await call('dispatcher', 'GET', '/work-orders?limit=2')).body;
  expect(first.items).toHaveLength(2);
  const second = (await call('dispatcher', 'GET', `/work-orders?limit=2&cursor=${first.nextCursor}`)).body;
  expect(second).toMatchObject({ items: [{ number: 'WO-000001' }], nextCursor: null });
});

describe('technicians', () => {
  it('are users with the role; a profile with open orders stays', async () => {
    expect((await call('dispatcher', 'PUT', `/technicians/${plant.user('viewer').id}`, profile)).status).toBe(422);
    const made = await makeTechnician();
    expect(made.body).toMatchObject({ ...profile, name: 'technician of default', active: true, openOrders: 0 });
    await confirm();
    const { userId } = made.body;
    const busy = await call('admin', 'DELETE', `/technicians/${userId}`);
    expect([busy.status, busy.body.error.code]).toEqual([409, 'TECHNICIAN_BUSY']);
    const { id } = await onlyOrder();
    await call('dispatcher', 'POST', `/work-orders/${id}/cancel`, { reason: 'x', outcome: 'other_cause' });
    expect((await call('admin', 'DELETE', `/technicians/${userId}`)).status).toBe(204);
    expect((await call('dispatcher', 'GET', `/technicians/${userId}`)).status).toBe(404);
  });
});

describe('policies', () => {
  it('are data: a written one applies to the next order, each version is kept with its author', async () => {
    const shipped = (await call('viewer', 'GET', '/ticketing/policies/priority')).body;
    expect(shipped).toMatchObject({ version: 0, document: DEFAULT_PRIORITY_POLICY, updatedBy: null });
    const document = structuredClone(DEFAULT_PRIORITY_POLICY);
    for (const row of Object.values(document.matrix)) row.medium = row.low = 'P1';
    const put = (version: number) => call('dispatcher', 'PUT', '/ticketing/policies/priority', { version, document });
    expect((await put(0)).body).toMatchObject({ version: 1, updatedBy: 'dispatcher of default' });
    const late = await put(0);
    expect([late.status, late.body.error.code]).toEqual([409, 'POLICY_CHANGED']);
    await confirm();
    expect((await onlyOrder()).priority).toBe('P1');
    const { items } = (await call('viewer', 'GET', '/ticketing/policies/priority/history')).body;
    expect(items.map((v: { version: number }) => v.version)).toEqual([1, 0]);
  });

  it('refuses a policy that makes no sense', async () => {
    for (const kind of ['priority', 'response', 'dispatch']) {
      const { status } = await call('dispatcher', 'PUT', `/ticketing/policies/${kind}`, { version: 0, document: {} });
      expect([kind, status]).toEqual([kind, 400]);
    }
  });

  it('lets rules open no order and only warn', async () => {
    const document = { rules: [{ name: 'only warn', when: {}, actions: ['message_leader'] }] };
    await call('dispatcher', 'PUT', '/ticketing/policies/response', { version: 0, document });
    const assetId = newId();
    const leader = { ciId: newId(), name: 'Lena', email: 'lena@plant.example', phone: null, locale: 'en' as const };
    bed.assets.set(assetId, { context: { ...NOWHERE, leaders: [leader] }, services: [] });
    bed.messages.length = 0;
    await confirm({ assetId });
    expect(await onlyOrder()).toBeUndefined();
    expect(bed.messages).toMatchObject([{ template: 'leader-warning', params: { orderNumber: null } }]);
  });
});

describe('stop commands', () => {
  it('do nothing until one person decides; confirmed, they are published for the device', async () => {
    const assetId = newId();
    const line = { ciId: newId(), name: 'Line 1', device: null };
    bed.assets.set(assetId, { context: { ...NOWHERE, line }, services: [] });
    await confirm({ assetId, level: 'serious' });
    const published = () => bed.events('StopCommandConfirmed');
    const [command] = (await call('dispatcher', 'GET', '/stop-commands?state=proposed')).body.items;
    expect(command).toMatchObject({ lineName: 'Line 1', state: 'proposed', orderNumber: 'WO-000001' });
    expect(await published()).toEqual([]);
    const url = `/stop-commands/${command.id}/confirm`;
    const nowhere = await call('dispatcher', 'POST', url, {});
    expect([nowhere.status, nowhere.body.error.field]).toEqual([422, 'device']);
    const decisions = await Promise.all([
      call('dispatcher', 'POST', url, { device: 'plc-1', note: 'go' }),
      call('reliability-engineer', 'POST', url, { device: 'plc-1' }),
      call('admin', 'POST', `/stop-commands/${command.id}/reject`, {}),
    ]);
    expect(decisions.map((d) => d.status).sort()).toEqual([200, 409, 409]);
    const { state } = decisions.find((d) => d.status === 200)!.body;
    expect(await published()).toHaveLength(state === 'confirmed' ? 1 : 0);
    const { body } = await call('viewer', 'GET', `/work-orders/${command.orderId}`);
    expect(body.stopCommands[0].state).toBe(state);
    expect(body.log.at(-1).kind).toBe(`stop_${state}`);
  });

  it('that cannot reach their device have failed, with the reason, and can be confirmed for another', async () => {
    const assetId = newId();
    const line = { ciId: newId(), name: 'Line 1', device: 'no-such-plc' };
    bed.assets.set(assetId, { context: { ...NOWHERE, line }, services: [] });
    await confirm({ assetId, level: 'serious' });
    const [{ id, orderId }] = (await call('dispatcher', 'GET', '/stop-commands')).body.items;
    const fail = () =>
      bed.pg.db.tenant(plant.id, (tx) => inUnit(bed.deps, tx, (unit) => failStop(unit, id, 'no such device')));
    await fail();
    expect((await call('dispatcher', 'GET', '/stop-commands')).body.items[0].state).toBe('proposed');
    await call('dispatcher', 'POST', `/stop-commands/${id}/confirm`, {});
    await fail();
    await fail();
    expect((await call('dispatcher', 'GET', '/stop-commands?state=failed')).body.items).toMatchObject([
      { id, note: 'no such device' },
    ]);
    const { log } = (await call('viewer', 'GET', `/work-orders/${orderId}`)).body;
    expect(log.map(({ kind }: { kind: string }) => kind).slice(-2)).toEqual(['stop_confirmed', 'stop_failed']);
    const again = await call('dispatcher', 'POST', `/stop-commands/${id}/confirm`, { device: 'plc-1' });
    expect(again.body).toMatchObject({ state: 'confirmed', device: 'plc-1' });
    expect(await bed.events('StopCommandConfirmed')).toHaveLength(2);
  });
});
