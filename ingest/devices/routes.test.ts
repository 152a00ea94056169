import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authMigrations, createLog, type ManualClock, manualClock } from '../../platform/index.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import {
  createDeviceRegistry,
  DeviceDirectory,
  deviceMigrations,
  deviceRoutes,
  PresenceBoard,
  secretMatches,
} from './index.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
let pg: TestDatabase;
let clock: ManualClock;
let http: TestApplication;
let presence: PresenceBoard;
let directory: DeviceDirectory;

beforeAll(async () => {
  pg = await testDatabase([...authMigrations, ...deviceMigrations]);
  clock = manualClock(NOW_MS);
  http = await testApplication(pg.db, { clock });
  const log = createLog('silent');
  presence = new PresenceBoard({ db: pg.db, clock, log });
  directory = new DeviceDirectory({ db: pg.db, clock, log });
  const registry = createDeviceRegistry({ db: pg.db, clock });
  deviceRoutes({ db: pg.db, clock, log, registry, silentAfterMs: 60_000 })(http.app);
  await http.app.ready();
});
afterAll(async () => {
  await http.app.close();
  await pg.stop();
});

async function call(method: 'GET' | 'POST', url: string, payload?: object, tenant = http.operator) {
  const response = await http.app.inject({
    method,
    url: `/api/v1/devices${url}`,
    headers: tenant.as('admin'),
    ...(payload ? { payload } : {}),
  });
  return { status: response.statusCode, body: response.body === '' ? null : response.json() };
}

async function find(username: string) {
  const found = directory.find(username);
  await clock.advance(10);
  return found;
}

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: http.app, as: (role) => http.operator.as(role) });
  expect(refused).toBeGreaterThan(10);
});

describe('registration', () => {
  test('the secret is shown once, kept as a hash, and lets the device in', async () => {
    const { status, body } = await call('POST', '', {
      name: 'pump-1',
      description: 'feed pump',
      expectedIntervalMs: 1000,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'pump-1',
      username: 'default/pump-1',
      secret: expect.stringMatching(/^fld_.{43}$/),
    });
    const identity = await find('default/pump-1');
    expect(identity).toMatchObject({ tenantSlug: 'default', name: 'pump-1', kind: 'device' });
    expect(secretMatches(Buffer.from(body.secret), identity!.secretHash!)).toBe(true);
    const shown = await call('GET', '/pump-1');
    expect(JSON.stringify(shown.body)).not.toContain(body.secret);
    expect(shown.body).toMatchObject({
      id: body.id,
      state: 'offline',
      silence: { silent: true, expectedIntervalMs: 1000 },
    });
  });

  test('a batch is registered whole or not at all', async () => {
    const devices = Array.from({ length: 1000 }, (_, index) => ({ name: `batch-${index}`, gateway: 'batch-gw' }));
    const missing = await call('POST', '/batch', { devices });
    expect([missing.status, missing.body.error?.code ?? missing.body.code]).toEqual([422, 'DEVICE_GATEWAY']);
    await call('POST', '', { name: 'batch-gw', kind: 'gateway' });
    const made = await call('POST', '/batch', { devices });
    expect(made.status).toBe(201);
    expect(new Set(made.body.items.map(({ secret }: { secret: string }) => secret)).size).toBe(1000);
    const again = await call('POST', '/batch', { devices: [{ name: 'batch-new' }, { name: 'batch-7' }] });
    expect(again.status).toBe(409);
    expect((await call('GET', '/batch-new')).status).toBe(404);
    expect((await find('default/batch-gw'))?.children.size).toBe(1000);
  });

  test.each(['a/b', '', '+', '#', '$SYS', 'x'.repeat(64), ' a', 'a\u0000'])('the name %j is refused', async (name) => {
    const { status } = await call('POST', '', { name });
    expect(status).toBe(400);
  });

  test('a name given twice in one request is refused', async () => {
    expect((await call('POST', '/batch', { devices: [{ name: 'same' }, { name: 'same' }] })).status).toBe(409);
  });
});

describe('tenants', () => {
  test('another tenant sees, rotates and revokes nothing of ours; the same name is free to it', async () => {
    const { body } = await call('POST', '', { name: 'ours' });
    for (const [method, url] of [
      ['GET', `/${body.id}`],
      ['POST', `/${body.id}/rotate`],
      ['POST', `/${body.id}/revoke`],
    ] as const)
      expect((await call(method, url, undefined, http.other)).status).toBe(404);
    expect((await call('POST', '', { name: 'ours' }, http.other)).body.username).toBe('other/ours');
    const list = await call('GET', '?limit=200', undefined, http.other);
    expect(list.body.items.map(({ name }: { name: string }) => name)).toEqual(['ours']);
  });
});

describe('credentials', () => {
  test('rotation replaces the secret, revocation ends it; both are noticed by a check', async () => {
    const first = (await call('POST', '', { name: 'rotating' })).body;
    const before = await find('default/rotating');
    const changes: (number | null)[] = [];
    const stop = directory.onChange(({ name, secretHash, version }) => {
      if (name === 'rotating') changes.push(secretHash ? version : null);
    });
    const second = (await call('POST', '/rotating/rotate')).body;
    expect(second.secret).not.toBe(first.secret);
    await directory.check();
    const revokedAt = new Date(clock.nowMs()).toISOString();
    expect((await call('POST', '/rotating/revoke')).status).toBe(204);
    await directory.check();
    stop();
    expect(changes).toEqual([before!.version + 1, null]);
    expect((await find('default/rotating'))?.secretHash).toBeNull();
    expect((await call('GET', '/rotating')).body.revokedAt).toBe(revokedAt);
  });

  test('a thousand look-ups at once share one query each way', async () => {
    const fresh = new DeviceDirectory({ db: pg.db, clock, log: createLog('silent') });
    const wanted = Array.from({ length: 1000 }, (_, index) => fresh.find(`default/batch-${index}`));
    await clock.advance(10);
    const identities = await Promise.all(wanted);
    expect(identities.every((identity, index) => identity?.name === `batch-${index}`)).toBe(true);
  });
});

describe('presence', () => {
  test('online, silent and offline are separate facts', async () => {
    const { body } = await call('POST', '', { name: 'facts', expectedIntervalMs: 10_000 });
    const entry = presence.entry(http.operator.id, body.id);
    const view = async () => (await call('GET', '/facts')).body;
    presence.connected(entry);
    entry.lastMessageMs = clock.nowMs();
    await presence.write();
    expect(await view()).toMatchObject({
      state: 'online',
      connection: { connected: true },
      silence: { silent: false },
    });
    await clock.advance(20_001);
    expect(await view()).toMatchObject({ state: 'silent', connection: { connected: true }, silence: { silent: true } });
    await clock.advance(30_000);
    expect(await view()).toMatchObject({ state: 'offline', connection: { connected: false } });
    await presence.write();
    expect(await view()).toMatchObject({ state: 'silent', connection: { connected: true } });
    presence.disconnected(entry);
    await presence.write();
    expect(await view()).toMatchObject({
      state: 'offline',
      connection: { connected: false, since: new Date(clock.nowMs()).toISOString() },
    });
  });

  test('an older last message never replaces a newer one', async () => {
    const { body } = await call('POST', '', { name: 'newest' });
    const entry = presence.entry(http.operator.id, body.id);
    for (const ms of [NOW_MS + 5000, NOW_MS]) {
      entry.lastMessageMs = ms;
      presence.touched(entry);
      await presence.write();
    }
    expect((await call('GET', '/newest')).body.lastMessageAt).toBe(new Date(NOW_MS + 5000).toISOString());
  });

  test('a gateway’s child is connected through its gateway', async () => {
    await call('POST', '', { name: 'p-gw', kind: 'gateway' });
    await call('POST', '', { name: 'p-child', gateway: 'p-gw' });
    presence.connected(presence.entry(http.operator.id, (await call('GET', '/p-gw')).body.id));
    await presence.write();
    expect((await call('GET', '/p-child')).body).toMatchObject({ gateway: 'p-gw', connection: { connected: true } });
  });
});
