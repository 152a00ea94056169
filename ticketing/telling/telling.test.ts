import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type App, authRoutes, createLog, newId, type Role } from '../../platform/index.ts';
import { type TestTenant, testApplication } from '../../test/fixtures/application.ts';
import { type Bed, NOWHERE, service, testBed } from '../../test/fixtures/ticketing.ts';
import { readLog } from '../orders/log.ts';
import type { Contact } from '../ports.ts';
import { acknowledgementRoutes } from '../routes/acknowledgements.ts';
import { orderRoutes } from '../routes/orders.ts';
import { policyRoutes } from '../routes/policies.ts';
import { planTelling } from './plan.ts';

const person = (name: string, over: Partial<Contact> = {}): Contact => ({
  ...{ ciId: newId(), name, email: `${name.toLowerCase()}@plant.example`, phone: null, locale: 'en' },
  ...over,
});
const accountable = (who: Contact) => ({ ...who, role: 'accountable' });
const deputy = (who: Contact) => ({ ...who, role: 'deputy' });
const olga = person('Olga');
const dirk = person('Dirk');
const nora = person('Nora');

describe('who is told', () => {
  const plan = (services: Parameters<typeof planTelling>[0], onCall: Parameters<typeof planTelling>[1] = new Map()) => {
    const { recipients, ...rest } = planTelling(services, onCall);
    return { who: recipients.map(({ name, roles, later }) => [name, roles.join(), later]), ...rest };
  };

  test('the accountable and who is on call at once, deputies later, each once however much is theirs', () => {
    const shop = service('Shop', { owners: [accountable(olga), deputy(dirk)] });
    const phone = service('Phone', { owners: [accountable(dirk), deputy(olga)] });
    const onCall = new Map([[shop.ciId, [{ via: 'own' as const, person: olga }]]]);
    expect(plan([shop], onCall).who).toEqual([
      ['Olga', 'accountable,on_call', false],
      ['Dirk', 'deputy', true],
    ]);
    expect(plan([shop, phone], onCall).who).toEqual([
      ['Olga', 'accountable,on_call,deputy', false],
      ['Dirk', 'accountable,deputy', false],
    ]);
    const twin = person('O. Lga', { email: 'OLGA@plant.example' });
    expect(plan([service('Shop', { owners: [accountable(olga), accountable(twin)] })]).who).toHaveLength(1);
  });

  test('deputies at once where the accountable has no address, and no one on call stands for their team', () => {
    const crew = person('Crew', { email: null });
    const shop = service('Shop', { owners: [accountable(crew), deputy(dirk)] });
    const by = (via: 'own' | 'team') => new Map([[shop.ciId, [{ via, person: nora }]]]);
    expect(plan([shop]).who).toEqual([
      ['Crew', 'accountable', false],
      ['Dirk', 'deputy', false],
    ]);
    expect(plan([shop], by('own')).who.at(-1)).toEqual(['Dirk', 'deputy', false]);
    expect(plan([shop], by('team')).who.at(-1)).toEqual(['Dirk', 'deputy', true]);
  });

  test('nobody of what announced work takes; and where nobody is there, that is said', () => {
    const gap = service('Gap', { owners: [accountable(olga)] });
    const services = [service('Lone'), gap, service('Planned', { planned: true, owners: [accountable(dirk)] })];
    const said = plan(services, new Map([[gap.ciId, [{ via: 'own', person: null }]]]));
    expect(said).toEqual({ who: [['Olga', 'accountable', false]], nobodyFor: ['Lone'], onCallGaps: ['Gap'] });
  });
});

let bed: Bed;
let app: App;
let plant: TestTenant;
let other: TestTenant;
beforeAll(async () => {
  bed = await testBed();
  const application = await testApplication(bed.pg.db, { clock: bed.clock });
  ({ app, operator: plant, other } = application);
  const deps = { ...bed.deps, db: bed.pg.db, labelAnomaly: bed.labelAnomaly };
  for (const routes of [orderRoutes, acknowledgementRoutes, policyRoutes]) routes(deps)(app);
  const { passwords } = application;
  authRoutes({ db: bed.pg.db, clock: bed.clock, passwords, log: createLog('silent') })(app);
  await app.ready();
  bed.pg.tenantId = plant.id;
});
afterAll(async () => {
  await app.close();
  await bed.pg.stop();
});
beforeEach(() => {
  bed.messages.length = 0;
});
afterEach(() => bed.onCall.clear());

/** Opens an order whose fault takes a shop down. @returns its id */
async function fault(
  over: Parameters<typeof service>[1] = { owners: [accountable(olga), deputy(dirk)] },
  standing?: Contact,
) {
  const shop = service('Shop', over);
  if (standing) bed.onCall.set(shop.ciId, [{ via: 'own', person: standing }]);
  const assetId = newId();
  bed.assets.set(assetId, { context: NOWHERE, services: [shop] });
  await bed.take(bed.anomaly({ assetId, level: 'serious' }));
  return { orderId: (await bed.orders()).at(-1)!.id, shop };
}
const told = () => bed.messages.filter(({ template }) => template === 'impact-owner');
const secretOf = (name: string) =>
  told()
    .find(({ recipient }) => recipient.name === name)!
    .answerLink!.split('/')
    .at(-1)!;
const call = async (method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: unknown) => {
  const response = await app.inject({
    method,
    url: `/api/v1${url}`,
    headers,
    ...(payload ? { payload: payload as object } : {}),
  });
  return { status: response.statusCode, body: response.json() };
};
const withLink = (secret: string) => ({ authorization: `Bearer ${secret}` });
const detail = async (orderId: string) => (await call('GET', `/work-orders/${orderId}`, plant.as('dispatcher'))).body;
const kinds = async (orderId: string) =>
  (await bed.pg.db.tenant(plant.id, (tx) => readLog(tx, orderId))).map(({ kind }) => kind);

test('a message says why, carries a link of its own, and no secret of it is kept in the clear', async () => {
  const { orderId } = await fault(undefined, nora);
  expect(told().map(({ recipient, params }) => [recipient.name, params.role])).toEqual([
    ['Olga', 'accountable'],
    ['Nora', 'on_call'],
  ]);
  const secrets = [secretOf('Olga'), secretOf('Nora')];
  expect(secrets[0]).toMatch(/^fll_[\w-]{43}$/);
  expect(secrets[0]).not.toBe(secrets[1]);
  const rows = await bed.pg.asOwner('select to_jsonb(l)::text as kept from link_credential l');
  for (const secret of secrets) expect(JSON.stringify(rows)).not.toContain(secret);
  expect((await detail(orderId)).ownerNotices).toMatchObject([
    { name: 'Olga', roles: ['accountable'], acknowledgedAt: null, escalated: false },
    { name: 'Nora', roles: ['on_call'] },
    { name: 'Dirk', roles: ['deputy'], toldAt: null },
  ]);
  // Whoever is on call may read what they were told of.
  expect((await bed.orders()).at(-1)!.concerned).toContain('nora@plant.example');
});

test('the link tells what it is about, and acknowledges only when asked to: once, however often', async () => {
  const { orderId } = await fault();
  const link = withLink(secretOf('Olga'));
  const looked = await call('GET', '/owner-notice', link);
  expect(looked).toMatchObject({
    status: 200,
    body: { name: 'Olga', service: 'Shop', state: 'down', acknowledgedAt: null, over: false },
  });
  expect(await kinds(orderId)).not.toContain('acknowledged');
  const both = await Promise.all([1, 2].map(() => call('POST', '/owner-notice/acknowledgement', link, {})));
  for (const one of both) expect(one).toMatchObject({ status: 200, body: { acknowledgedBy: 'Olga' } });
  expect((await kinds(orderId)).filter((kind) => kind === 'acknowledged')).toHaveLength(1);
  expect(await detail(orderId)).toMatchObject({
    escalationDueAt: null,
    ownerNotices: [{ name: 'Olga', acknowledgedBy: 'Olga', acknowledgedVia: 'link' }, { name: 'Dirk' }],
  });
  // It is over: the deputy is never told.
  bed.messages.length = 0;
  await bed.clock.advance(24 * 3_600_000);
  await bed.expire(orderId);
  expect(told()).toEqual([]);
});

test('a link opens nothing else, ends in time, and a wrong one opens nothing', async () => {
  const { orderId } = await fault();
  const secret = secretOf('Olga');
  const refused = async (headers: Record<string, string>, url: string, payload?: object) =>
    (await call(payload ? 'POST' : 'GET', url, headers, payload)).status;
  expect(await refused(withLink(secret), '/work-orders')).toBe(403);
  expect(await refused(withLink(secret), '/session')).toBe(403);
  expect(await refused(withLink(secret), `/work-orders/${orderId}/acknowledge`, {})).toBe(404);
  expect(await refused(withLink(secret), '/owner-notice/acknowledgement', { more: 'x' })).toBe(400);
  expect(await refused(withLink(secret), '/owner-notice/acknowledgement', { more: 'x'.repeat(2_000) })).toBe(413);
  const last = secret.at(-1) === 'A' ? 'B' : 'A';
  expect(await refused(withLink(secret.slice(0, -1) + last), '/owner-notice')).toBe(401);
  expect(await refused(plant.as('admin'), '/owner-notice')).toBe(422);
  let spent = 0;
  while ((await refused(withLink(secret), '/owner-notice')) === 200) spent += 1;
  expect(spent).toBeLessThan(30);
  expect(await refused(withLink(secret), '/owner-notice')).toBe(429);
  await bed.clock.advance(169 * 3_600_000);
  expect(await refused(withLink(secret), '/owner-notice')).toBe(401);
});

test('nobody acknowledges: deputies, and who is on call by then, are told once; a late or repeated timer does no harm', async () => {
  const { orderId, shop } = await fault(undefined, nora);
  bed.messages.length = 0;
  await bed.expire(orderId);
  expect(told()).toEqual([]);
  const nils = person('Nils');
  bed.onCall.set(shop.ciId, [{ via: 'own', person: nils }]);
  const due = Date.parse((await detail(orderId)).escalationDueAt);
  await bed.clock.advance(due - bed.clock.nowMs());
  // What is due stands in the order: another process finds it as this one does.
  await Promise.all([bed.expire(orderId), bed.expire(orderId)]);
  await bed.expire(orderId);
  expect(told().map(({ recipient, params }) => [recipient.name, params.role, params.unacknowledgedMinutes])).toEqual([
    ['Dirk', 'deputy', 30],
    ['Nils', 'on_call', 30],
  ]);
  expect((await kinds(orderId)).filter((kind) => kind === 'owners_escalated')).toHaveLength(1);
  const [timer] = (await bed.events('WorkOrderTimer')).filter((event) => event.orderId === orderId);
  expect(timer).toBeDefined();
  await call('POST', '/owner-notice/acknowledgement', withLink(secretOf('Dirk')), {});
  expect(
    (await detail(orderId)).ownerNotices.filter((n: { acknowledgedAt: unknown }) => n.acknowledgedAt),
  ).toMatchObject([{ name: 'Dirk', escalated: true, acknowledgedVia: 'link' }]);
});

test('the rest of the services goes on to their deputies when only some are acknowledged', async () => {
  const eva = person('Eva');
  const shop = service('Shop', { owners: [accountable(olga), deputy(dirk)] });
  const phone = service('Phone', { owners: [accountable(nora), deputy(eva)] });
  const assetId = newId();
  bed.assets.set(assetId, { context: NOWHERE, services: [shop, phone] });
  await bed.take(bed.anomaly({ assetId, level: 'serious' }));
  const { id } = (await bed.orders()).at(-1)!;
  await call('POST', '/owner-notice/acknowledgement', withLink(secretOf('Olga')), {});
  bed.messages.length = 0;
  await bed.clock.advance(4 * 3_600_000);
  await bed.expire(id);
  expect(told().map(({ recipient }) => recipient.name)).toEqual(['Eva']);
});

test('signed in, one acknowledges what was told to one’s address, and nothing else', async () => {
  const owner = plant.user('business-owner');
  const { orderId } = await fault({
    owners: [accountable(person('Ownerin', { email: owner.email!.toUpperCase() })), deputy(dirk)],
  });
  const acknowledge = (role: Role, tenant = plant) =>
    call('POST', `/work-orders/${orderId}/acknowledge`, tenant.as(role), {});
  expect((await acknowledge('dispatcher')).body.error.code).toBe('NOTICE_NOT_TOLD');
  expect((await acknowledge('viewer')).status).toBe(403);
  expect((await acknowledge('business-owner', other)).status).toBe(404);
  expect(await acknowledge('business-owner')).toMatchObject({ status: 200, body: { escalationDueAt: null } });
  expect((await acknowledge('business-owner')).status).toBe(200);
  expect((await detail(orderId)).ownerNotices[0]).toMatchObject({
    acknowledgedVia: 'account',
    acknowledgedBy: owner.name,
  });
});

test('how long the first have is a policy', async () => {
  const url = '/ticketing/policies/owners';
  const { body } = await call('GET', url, plant.as('dispatcher'));
  expect(body.version).toBe(0);
  const document = { ...body.document, escalateMinutes: { P1: 1, P2: 1, P3: 1, P4: 1 } };
  const response = await app.inject({
    ...{ method: 'PUT', url: `/api/v1${url}`, headers: plant.as('dispatcher'), payload: { version: 0, document } },
  });
  expect(response.statusCode).toBe(200);
  const { orderId } = await fault();
  bed.messages.length = 0;
  await bed.clock.advance(60_000);
  await bed.expire(orderId);
  expect(told().map(({ recipient }) => recipient.name)).toEqual(['Dirk']);
});

test('what is appended to an order tells those whom it has come to concern, and no one again', async () => {
  const { orderId, shop } = await fault();
  const [order] = (await bed.orders()).filter(({ id }) => id === orderId);
  bed.messages.length = 0;
  const phone = service('Phone', { owners: [accountable(nora), deputy(olga)] });
  bed.assets.set(order!.assetId!, { context: NOWHERE, services: [shop, phone] });
  await bed.pg.asOwner(`update work_order set level = 'warning' where id = $1`, [orderId]);
  await bed.take(bed.anomaly({ assetId: order!.assetId, faultKey: order!.faultKey!, level: 'serious' }));
  expect(told().map(({ recipient }) => recipient.name)).toEqual(['Nora']);
  expect(await kinds(orderId)).toContain('escalated');
});
