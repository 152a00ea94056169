import { afterAll, beforeAll, expect, test } from 'vitest';
import { authMigrations, createLog, type ManualClock, manualClock } from '../../platform/index.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { Quotas } from './quotas.ts';
import { quotaRoutes } from './routes.ts';
import { quotaMigration } from './schema.ts';

const LIMITS = { maxConnections: 7, messagesPerSecond: 100, bytesPerSecond: null };

let pg: TestDatabase;
let clock: ManualClock;
let http: TestApplication;
const log = createLog('silent');

beforeAll(async () => {
  pg = await testDatabase([...authMigrations, quotaMigration]);
  clock = manualClock(Date.UTC(2026, 0, 2));
  http = await testApplication(pg.db, { clock });
  quotaRoutes({ db: pg.db, clock, log })(http.app);
  await http.app.ready();
});
afterAll(async () => {
  await http.app.close();
  await pg.stop();
});

async function call(method: 'GET' | 'PUT', url: string, tenant = http.operator, payload?: object) {
  const headers = tenant.as('admin');
  const response = await http.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: response.statusCode, body: response.json() };
}

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: http.app, as: (role) => http.operator.as(role) });
  expect(refused).toBeGreaterThan(10);
});

test('only the operator sets quotas and sees all; a tenant sees its own', async () => {
  expect(await call('PUT', '/api/v1/tenants/other/quota', http.other, LIMITS)).toMatchObject({ status: 403 });
  expect(await call('GET', '/api/v1/quotas', http.other)).toMatchObject({ status: 403 });
  expect(await call('PUT', '/api/v1/tenants/other/quota', http.operator, LIMITS)).toMatchObject({
    status: 200,
    body: { tenant: 'other', limits: LIMITS },
  });
  expect((await call('GET', '/api/v1/quota', http.other)).body).toMatchObject({ tenant: 'other', limits: LIMITS });
  expect((await call('GET', '/api/v1/quota', http.operator)).body).toMatchObject({
    tenant: 'default',
    limits: { maxConnections: null, messagesPerSecond: null, bytesPerSecond: null },
  });
  expect(await call('PUT', '/api/v1/tenants/nobody/quota', http.operator, LIMITS)).toMatchObject({
    status: 404,
    body: { error: { code: 'QUOTA_TENANT' } },
  });
  for (const wrong of [{ ...LIMITS, maxConnections: -1 }, { ...LIMITS, messagesPerSecond: 0 }, { maxConnections: 1 }])
    expect((await call('PUT', '/api/v1/tenants/other/quota', http.operator, wrong)).status).toBe(400);
});

test('what intakes report is summed, and forgotten when an intake has fallen silent', async () => {
  const intakes = ['one', 'two'].map((intake) => new Quotas({ db: pg.db, clock, log, intake }));
  const { id: tenantId, slug: tenantSlug } = http.other;
  for (const quotas of intakes) await quotas.exchange();
  for (const quotas of intakes) {
    const meter = quotas.meter({ tenantId, tenantSlug });
    meter.connections = 3;
    meter.refusedConnections = 1;
    for (let index = 0; index < 40; index++) meter.took(100);
  }
  await clock.advance(2_000);
  for (const quotas of intakes) await quotas.exchange();
  const usage = async () => {
    const { body } = await call('GET', '/api/v1/quotas');
    return body.items.find(({ tenant }: { tenant: string }) => tenant === 'other').usage;
  };
  expect(await usage()).toEqual({
    connections: 6,
    messagesPerSecond: 40,
    bytesPerSecond: 4_000,
    refusedConnections: 2,
    slowed: 0,
  });
  // The second has heard of the first: half the rate each, seven connections together.
  const second = intakes[1]!.meter({ tenantId, tenantSlug });
  expect(second.limits.messagesPerSecond).toBe(50);
  second.connections = 4;
  expect(second.admitsConnection()).toBe(false);
  await clock.advance(10_001);
  expect(await usage()).toMatchObject({ connections: 0 });
});
