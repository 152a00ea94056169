import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { ADMIN_PASSWORD, type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { type ManualClock, manualClock } from '../clock/manualClock.ts';
import type { App } from '../http/application.ts';
import { newId } from '../ids.ts';
import { createLog } from '../log/log.ts';
import { bootstrap } from './bootstrap.ts';
import { authMigrations } from './migrations.ts';
import { authRoutes } from './routes/all.ts';
import { SESSION_LIFE_MS } from './sessions.ts';

let pg: TestDatabase;
let clock: ManualClock;
let rig: TestApplication;
let app: App;

beforeAll(async () => {
  pg = await testDatabase(authMigrations);
  clock = manualClock();
  rig = await testApplication(pg.db, { clock, http: { limits: { anonymousPerMinute: 100_000 } } });
  app = rig.app;
  authRoutes({ db: pg.db, clock, passwords: rig.passwords, log: createLog('silent') })(app);
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await pg.stop();
});

type Headers = Record<string, string>;
const call = async (method: string, url: string, headers: Headers, payload?: object) => {
  const response = await app.inject({ method: method as 'GET', url, headers, ...(payload && { payload }) });
  return { status: response.statusCode, body: response.body === '' ? null : response.json(), response };
};
const login = (payload: object, headers: Headers = {}) => call('POST', '/api/v1/session', headers, payload);
const signIn = async (who: string, password: string, tenant = 'default'): Promise<Headers> => {
  const { status, body } = await login({ tenant, login: who, password });
  expect(status).toBe(201);
  return { authorization: `Bearer ${body.token}` };
};
const createUser = async (roles: string[], password = 'a good long password') => {
  const name = `u${newId().slice(-12)}`;
  const made = await call('POST', '/api/v1/users', rig.operator.as('admin'), { login: name, name, roles, password });
  expect(made.status).toBe(201);
  return { id: made.body.id as string, login: name, password };
};

test('every route refuses nobody, forgers and roles without the permission', async () => {
  const walked = await expectRoutesGuarded({ app, as: (role) => rig.operator.as(role) });
  expect(walked.routes).toBeGreaterThan(20);
  expect(walked.refused).toBeGreaterThan(100);
});

describe('signing in', () => {
  test('a session tells who it is, expires by the clock and is kept as a hash', async () => {
    const user = await createUser(['viewer', 'technician']);
    const headers = await signIn(user.login.toUpperCase(), user.password);
    const me = await call('GET', '/api/v1/session', headers);
    expect(me.body).toMatchObject({ tenant: { slug: 'default' }, userId: user.id, roles: ['technician', 'viewer'] });
    const secret = headers.authorization!.slice(7);
    const stored = await pg.asOwner<{ hash: string }>(
      `select encode(secret_hash, 'hex') as hash from session where user_id = $1`,
      [user.id],
    );
    expect(stored).toHaveLength(1);
    expect(stored[0]!.hash).toHaveLength(64);
    expect(JSON.stringify(await pg.asOwner('select * from session'))).not.toContain(secret);
    await clock.advance(SESSION_LIFE_MS - 1);
    expect((await call('GET', '/api/v1/session', headers)).status).toBe(200);
    await clock.advance(1);
    expect((await call('GET', '/api/v1/session', headers)).status).toBe(401);
  });

  test('wrong password, unknown login, unknown tenant and disabled account look alike', async () => {
    const user = await createUser(['viewer']);
    const off = await createUser(['viewer']);
    await call('PATCH', `/api/v1/users/${off.id}`, rig.operator.as('admin'), { disabled: true });
    const answers = await Promise.all([
      login({ login: user.login, password: 'wrong wrong wrong' }),
      login({ login: 'nobody', password: user.password }),
      login({ tenant: 'nowhere', login: user.login, password: user.password }),
      login({ tenant: 'other', login: user.login, password: user.password }),
      login({ login: off.login, password: off.password }),
    ]);
    const seen = answers.map(({ status, body }) => [status, body.error.code, body.error.message]);
    expect(new Set(seen.map(String)).size).toBe(1);
    expect(seen[0]!.slice(0, 2)).toEqual([401, 'LOGIN_FAILED']);
  });

  test('guessing is slowed down and the answer says for how long', async () => {
    const user = await createUser(['viewer']);
    const guess = () =>
      app.inject({
        method: 'POST',
        url: '/api/v1/session',
        remoteAddress: '10.9.9.9',
        payload: { login: user.login, password: 'guess guess' },
      });
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await guess()).statusCode);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await guess()).headers['retry-after']).toBe('1');
    expect((await login({ login: user.login, password: user.password })).status).toBe(201);
  });

  test('a browser’s session lives in a cookie that scripts and other sites cannot use', async () => {
    const user = await createUser(['viewer']);
    const payload = { login: user.login, password: user.password, as: 'cookie' };
    expect((await login(payload)).status).toBe(403);
    const { response, body } = await login(payload, { 'sec-fetch-site': 'same-origin' });
    expect(body.token).toBeNull();
    const cookie = response.cookies[0]!;
    expect(cookie).toMatchObject({ name: 'faultline_session', httpOnly: true, sameSite: 'Strict', path: '/' });
    const headers = { cookie: `faultline_session=${cookie.value}` };
    expect((await call('GET', '/api/v1/session', headers)).status).toBe(200);
    expect((await call('DELETE', '/api/v1/session', headers)).status).toBe(403);
    const leave = await call('DELETE', '/api/v1/session', { ...headers, 'sec-fetch-site': 'same-origin' });
    expect(leave.status).toBe(204);
    expect((await call('GET', '/api/v1/session', headers)).status).toBe(401);
  });

  test('more than twenty sessions push out the oldest', async () => {
    const user = await createUser(['viewer']);
    const sessions: Headers[] = [];
    for (let i = 0; i < 21; i++) {
      sessions.push(await signIn(user.login, user.password));
      await clock.advance(1);
    }
    expect((await call('GET', '/api/v1/session', sessions[0]!)).status).toBe(401);
    expect((await call('GET', '/api/v1/session', sessions[1]!)).status).toBe(200);
  });

  test('changing a password needs the old one and a session, and ends the other sessions', async () => {
    const user = await createUser(['viewer']);
    const [here, elsewhere] = [await signIn(user.login, user.password), await signIn(user.login, user.password)];
    const change = (headers: Headers, currentPassword: string, newPassword = 'another long password') =>
      call('PUT', '/api/v1/session/password', headers, { currentPassword, newPassword });
    expect((await change(here, 'not the one')).body.error).toMatchObject({
      code: 'PASSWORD_WRONG',
      field: 'currentPassword',
    });
    expect((await change(here, user.password, 'short')).body.error.code).toBe('PASSWORD_WEAK');
    expect((await change(rig.operator.as('viewer'), 'x')).body.error.code).toBe('SESSION_NEEDED');
    expect((await change(here, user.password)).status).toBe(204);
    expect((await call('GET', '/api/v1/session', here)).status).toBe(200);
    expect((await call('GET', '/api/v1/session', elsewhere)).status).toBe(401);
    expect((await login({ login: user.login, password: user.password })).status).toBe(401);
  });
});

describe('users', () => {
  test('are listed by page, and only those of one’s own tenant', async () => {
    const admin = rig.operator.as('admin');
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await call('GET', `/api/v1/users?limit=3${cursor ? `&cursor=${cursor}` : ''}`, admin);
      expect(page.body.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.body.items.map((u: { login: string }) => u.login));
      cursor = page.body.nextCursor;
    } while (cursor);
    const stored = await pg.asOwner<{ login: string }>('select login from user_account where tenant_id = $1', [
      rig.operator.id,
    ]);
    expect([...seen].sort()).toEqual(stored.map((r) => r.login).sort());
  });

  test('of another tenant do not exist', async () => {
    const foreign = rig.other.user('viewer').id;
    const admin = rig.operator.as('admin');
    for (const [method, url, payload] of [
      ['GET', `/api/v1/users/${foreign}`, undefined],
      ['PATCH', `/api/v1/users/${foreign}`, { name: 'Mine' }],
      ['PUT', `/api/v1/users/${foreign}/roles`, { roles: ['viewer'] }],
      ['PUT', `/api/v1/users/${foreign}/password`, { password: 'a good long password' }],
    ] as const) {
      expect((await call(method, url, admin, payload)).body.error.code).toBe('USER_UNKNOWN');
    }
  });

  test('a login is taken once, across letter cases', async () => {
    const user = await createUser(['viewer']);
    const again = { login: user.login.toUpperCase(), name: 'x', roles: ['viewer'], password: 'a good long password' };
    const refused = await call('POST', '/api/v1/users', rig.operator.as('admin'), again);
    expect(refused.body.error).toMatchObject({ code: 'USER_EXISTS', field: 'login' });
  });

  test('a changed role and a disabled account take effect with the next request', async () => {
    const user = await createUser(['dispatcher']);
    const headers = await signIn(user.login, user.password);
    expect((await call('GET', '/api/v1/users', headers)).status).toBe(200);
    const admin = rig.operator.as('admin');
    await call('PUT', `/api/v1/users/${user.id}/roles`, admin, { roles: ['viewer'] });
    expect((await call('GET', '/api/v1/users', headers)).status).toBe(403);
    await call('PATCH', `/api/v1/users/${user.id}`, admin, { disabled: true });
    expect((await call('GET', '/api/v1/session', headers)).status).toBe(401);
    const enabled = await call('PATCH', `/api/v1/users/${user.id}`, admin, {
      disabled: false,
      email: 'u@plant.example',
    });
    expect(enabled.body).toMatchObject({ disabled: false, email: 'u@plant.example', login: user.login });
    expect((await call('GET', '/api/v1/session', headers)).status).toBe(401);
  });

  test('the last administrator stays, even when two demote each other at once', async () => {
    const tenant = await call('POST', '/api/v1/tenants', rig.operator.as('admin'), { slug: 'two-admins', name: 'T' });
    const first = await signIn('admin', tenant.body.admin.password, 'two-admins');
    const firstId = (await call('GET', '/api/v1/session', first)).body.userId;
    const second = { login: 'second', name: 'S', roles: ['admin'], password: 'a good long password' };
    const secondId = (await call('POST', '/api/v1/users', first, second)).body.id;
    const other = await signIn('second', second.password, 'two-admins');
    const outcomes = await Promise.all([
      call('PUT', `/api/v1/users/${secondId}/roles`, first, { roles: ['viewer'] }),
      call('PUT', `/api/v1/users/${firstId}/roles`, other, { roles: ['viewer'] }),
    ]);
    expect(outcomes.map((o) => o.status).sort()).not.toEqual([200, 200]);
    const admins = await pg.asOwner(`select 1 from user_role where tenant_id = $1 and role = 'admin'`, [
      tenant.body.id,
    ]);
    expect(admins).toHaveLength(1);
    const left = (await call('GET', '/api/v1/session', first)).body.roles.includes('admin')
      ? [first, firstId]
      : [other, secondId];
    const refused = await call('PATCH', `/api/v1/users/${left[1]}`, left[0], { disabled: true });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'USER_LAST_ADMIN']);
  });
});

describe('API tokens', () => {
  const make = (headers: Headers, payload: object) => call('POST', '/api/v1/tokens', headers, payload);

  test('carry the named part of their owner’s rights, while the owner has them', async () => {
    const user = await createUser(['it-operator']);
    const session = await signIn(user.login, user.password);
    const made = await make(session, {
      name: 'scraper',
      permissions: ['metrics:read', 'tokens:write'],
      expiresInDays: 1,
    });
    expect(made.body).toMatchObject({ name: 'scraper', permissions: ['metrics:read', 'tokens:write'] });
    const token = { authorization: `Bearer ${made.body.token}` };
    expect((await call('GET', '/api/v1/session', token)).body).toMatchObject({
      credential: 'token',
      permissions: ['metrics:read', 'tokens:write'],
    });
    expect((await make(token, { name: 'wider', permissions: ['cmdb:write'] })).body.error.code).toBe(
      'RIGHTS_BEYOND_OWN',
    );
    const listed = await call('GET', '/api/v1/tokens', session);
    expect(listed.body.items).toHaveLength(1);
    expect(JSON.stringify(listed.body)).not.toContain(made.body.token);
    await call('PUT', `/api/v1/users/${user.id}/roles`, rig.operator.as('admin'), { roles: ['viewer'] });
    expect((await call('GET', '/api/v1/session', token)).body.permissions).toEqual([]);
    await clock.advance(86_400_000);
    expect((await call('GET', '/api/v1/session', token)).status).toBe(401);
  });

  test('are revoked by their owner only', async () => {
    const user = await createUser(['it-operator']);
    const session = await signIn(user.login, user.password);
    const made = (await make(session, { name: 't', permissions: ['cmdb:read'] })).body;
    const stranger = await call('DELETE', `/api/v1/tokens/${made.id}`, rig.operator.as('admin'));
    expect(stranger.body.error.code).toBe('TOKEN_UNKNOWN');
    expect((await call('DELETE', `/api/v1/tokens/${made.id}`, session)).status).toBe(204);
    expect((await call('GET', '/api/v1/session', { authorization: `Bearer ${made.token}` })).status).toBe(401);
  });

  test('that may manage users cannot become an administrator', async () => {
    const admin = await signIn('boss', ADMIN_PASSWORD);
    const narrow = (await make(admin, { name: 'hr', permissions: ['users:read', 'users:write'] })).body;
    const token = { authorization: `Bearer ${narrow.token}` };
    const evil = { login: 'evil', name: 'E', roles: ['admin'], password: 'a good long password' };
    const boss = (await call('GET', '/api/v1/session', admin)).body.userId;
    const victim = rig.operator.user('dispatcher').id;
    for (const refused of [
      await call('POST', '/api/v1/users', token, evil),
      await call('PUT', `/api/v1/users/${victim}/roles`, token, { roles: ['admin'] }),
      await call('PUT', `/api/v1/users/${boss}/password`, token, { password: 'a good long password' }),
      await call('PATCH', `/api/v1/users/${boss}`, token, { disabled: true }),
    ]) {
      expect(refused.body.error.code).toBe('RIGHTS_BEYOND_OWN');
    }
  });
});

describe('tenants', () => {
  test('are created by the operator’s administrators only, once per slug', async () => {
    const payload = { slug: 'acme', name: 'Acme', admin: { login: 'root', password: 'a good long password' } };
    expect((await call('POST', '/api/v1/tenants', rig.other.as('admin'), payload)).status).toBe(403);
    const made = await call('POST', '/api/v1/tenants', rig.operator.as('admin'), payload);
    expect(made.body).toMatchObject({ slug: 'acme', admin: { login: 'root', password: null } });
    const again = await call('POST', '/api/v1/tenants', rig.operator.as('admin'), payload);
    expect(again.body.error.code).toBe('TENANT_EXISTS');
    const root = await signIn('root', 'a good long password', 'acme');
    expect((await call('GET', '/api/v1/users', root)).body.items).toHaveLength(1);
    expect((await call('GET', '/api/v1/tenants', root)).status).toBe(403);
    const listed = await call('GET', '/api/v1/tenants', rig.operator.as('admin'));
    expect(listed.body.items.map((t: { slug: string }) => t.slug)).toEqual(
      expect.arrayContaining(['acme', 'default', 'other']),
    );
  });

  test.each(['../x', 'a/b', 'A', '-a', '#', ''])('the slug %j is refused', async (slug) => {
    const refused = await call('POST', '/api/v1/tenants', rig.operator.as('admin'), { slug, name: 'x' });
    expect([refused.status, refused.body.error.field]).toEqual([400, 'slug']);
  });
});

test('the narrow role reads credentials across tenants, and neither password hashes nor a right to write', async () => {
  await expect(pg.db.as('auth', (tx) => tx.query('select password_hash from user_account'))).rejects.toThrow(/denied/);
  await expect(pg.db.as('auth', (tx) => tx.query('select email from user_account'))).rejects.toThrow(/denied/);
  await expect(pg.db.as('auth', (tx) => tx.query('delete from session'))).rejects.toThrow(/denied/);
  const seen = await pg.db.tenant(rig.other.id, (tx) => tx.query<{ slug: string }>('select slug from tenant'));
  expect(seen.rows).toEqual([{ slug: 'other' }]);
});

describe('the first start', () => {
  test('makes one tenant and one administrator, also when two processes start at once', async () => {
    const fresh = await testDatabase(authMigrations);
    const deps = { db: fresh.db, clock, passwords: rig.passwords };
    const both = await Promise.all([bootstrap(deps), bootstrap(deps)]);
    expect(both[0]!.tenant).toEqual(both[1]!.tenant);
    expect(both[0]!.tenant).toMatchObject({ slug: 'default', operator: true });
    expect(both.filter((b) => b.generatedPassword !== null)).toHaveLength(1);
    expect(await bootstrap(deps)).toEqual({ tenant: both[0]!.tenant, generatedPassword: null });
    await fresh.stop();
  });

  test('a configured password is used and not told', async () => {
    const fresh = await testDatabase(authMigrations);
    const first = await bootstrap({
      db: fresh.db,
      clock,
      passwords: rig.passwords,
      adminPassword: 'chosen by the owner',
    });
    expect(first.generatedPassword).toBeNull();
    const [row] = await fresh.asOwner<{ password_hash: string }>('select password_hash from user_account');
    expect(await rig.passwords.verify(row!.password_hash, 'chosen by the owner')).toBe(true);
    await fresh.stop();
  });
});
