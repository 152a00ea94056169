import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLE_NAMES, type Role } from '../../platform/index.ts';
import { Api } from '../../simulators/attach/index.ts';
import { Qos1Publisher } from '../../simulators/mqtt/index.ts';
import { expectRoutesGuarded } from '../contracts/routes.ts';
import { type Composed, composed, PASSWORD } from './composed.ts';

/** The console's files, the probes, signing in and redeeming a claim code: all slowed down by address. */
const OPEN_ROUTES = [
  'GET /',
  'GET /console/*',
  'GET /health',
  'GET /ready',
  'POST /api/v1/claim',
  'POST /api/v1/session',
];

let faultline: Composed;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  faultline = await composed();
  for (const role of ROLE_NAMES) {
    await faultline.api.post('/api/v1/users', {
      login: `the-${role}`,
      name: role,
      password: `${PASSWORD} ${role.length}`,
      roles: [role],
    });
    const { token } = await faultline.api.post<{ token: string }>('/api/v1/session', {
      login: `the-${role}`,
      password: `${PASSWORD} ${role.length}`,
    });
    tokens.set(role, token);
  }
});
afterAll(() => faultline?.stop());

test('every route of the composed application: nobody → 401, each role without its permission → 403', async () => {
  const as = (role: Role) => ({ authorization: `Bearer ${tokens.get(role)}` });
  const { routes, refused } = await expectRoutesGuarded({ app: faultline.app, as });
  expect(routes).toBeGreaterThan(90);
  expect(refused).toBeGreaterThan(400);
});

test('only these routes are open to whoever has no credentials', () => {
  const open = faultline.app.routeAccess
    .filter(({ permission, url, method }) => permission === null && method !== 'HEAD' && !url.startsWith('/docs'))
    .map(({ method, url }) => `${method} ${url}`);
  expect(open.sort()).toEqual(OPEN_ROUTES);
});

test('every route is in the OpenAPI document, with a summary', async () => {
  const { paths } = await faultline.api.get<{ paths: Record<string, Record<string, { summary?: string }>> }>(
    '/docs/json',
  );
  const documented = Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => ({ route: `${method.toUpperCase()} ${url}`, summary })),
  );
  expect(documented.filter(({ summary }) => !summary)).toEqual([]);
  const known = new Set(documented.map(({ route }) => route));
  const undocumented = faultline.app.routeAccess
    .map(({ method, url }) => `${method} ${url.replaceAll(/:([A-Za-z]+)/g, '{$1}').replace('*', '{*}')}`)
    .filter((route) => !route.startsWith('HEAD ') && !route.includes('/docs') && !known.has(route));
  expect(undocumented).toEqual([]);
});

test('what belongs to one tenant does not exist for the other, on any route that names it', async () => {
  const { api } = faultline;
  await api.post('/api/v1/tenants', {
    slug: 'other',
    name: 'Other',
    admin: { login: 'boss', name: 'Boss', password: PASSWORD },
  });
  const stranger = new Api(faultline.httpUrl);
  await stranger.signIn('boss', PASSWORD, 'other');

  const device = await api.post<{ id: string; username: string; secret: string }>('/api/v1/devices', {
    name: 'pump-1',
  });
  const publisher = new Qos1Publisher({
    url: faultline.mqttUrl!,
    clientId: 'x',
    username: device.username,
    password: device.secret,
  });
  await publisher.connect();
  const acknowledged = (payload: string) =>
    new Promise<void>((done) => void publisher.offer('fl/1/default/pump-1/telemetry', Buffer.from(payload), done));
  await acknowledged('{"point":"temperature","value":1}');
  await acknowledged('{"point":');
  await publisher.close();
  await api.post('/api/v1/cmdb/import', { cis: [{ key: 'pump-1', type: 'equipment', name: 'Pump' }], relations: [] });
  const [ci] = await api.list<{ id: string }>('/api/v1/cmdb/cis');
  const order = await api.post<{ id: string }>('/api/v1/work-orders', { summary: 'Look at the pump', assetId: ci!.id });
  const [user] = await api.list<{ id: string }>('/api/v1/users');
  let quarantined: { id: string }[] = [];
  for (let tries = 0; quarantined.length === 0 && tries < 100; tries++) {
    quarantined = await api.list<{ id: string }>('/api/v1/quarantine');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  const mine = [
    `/api/v1/devices/${device.id}`,
    '/api/v1/devices/pump-1',
    `/api/v1/cmdb/cis/${ci!.id}`,
    `/api/v1/cmdb/cis/${ci!.id}/neighbours`,
    `/api/v1/work-orders/${order.id}`,
    `/api/v1/users/${user!.id}`,
    `/api/v1/quarantine/${quarantined[0]!.id}`,
  ];
  for (const path of mine) {
    await expect(api.get(path), `${path} for its owner`).resolves.toBeDefined();
    await expect(stranger.get(path), `${path} for a stranger`).rejects.toMatchObject({ status: 404 });
  }
  for (const path of [
    `/api/v1/devices/${device.id}/revoke`,
    `/api/v1/work-orders/${order.id}/cancel`,
    `/api/v1/quarantine/${quarantined[0]!.id}/replay`,
  ]) {
    await expect(stranger.post(path, { reason: 'x', outcome: 'other_cause', note: 'x' }), path).rejects.toMatchObject({
      status: expect.toBeOneOf([400, 404]),
    });
  }
  for (const list of [
    'devices',
    'cmdb/cis',
    'work-orders',
    'quarantine',
    'anomalies',
    'notifications',
    'waveforms?from=0&to=1',
  ]) {
    expect(await stranger.list(`/api/v1/${list}`), list).toEqual([]);
  }
  // A CI that was deleted keeps its history, so an unknown one has an empty one.
  expect(await stranger.list(`/api/v1/cmdb/cis/${ci!.id}/history`)).toEqual([]);
  expect(await stranger.get('/api/v1/ledger')).toMatchObject({ accepted: 0, stored: 0 });
  // Platform-wide facts are for the tenant that runs the platform.
  await expect(stranger.get('/metrics')).rejects.toMatchObject({ status: 403 });
});
