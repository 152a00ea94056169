import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { permissionsOf } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import { manualClock } from '../clock/manualClock.ts';
import { defineErrors } from '../errors/errors.ts';
import { createLog } from '../log/log.ts';
import { createHttp } from './app.ts';
import type { App, HttpLimits } from './application.ts';
import { int64Text } from './json.ts';
import { createReadiness } from './probes.ts';

const errors = defineErrors({
  T_PUMP_UNKNOWN: { status: 404, message: (p: { id: string }) => `No pump ${p.id}; register it.` },
});
const lines: string[] = [];
const clock = manualClock();
const log = createLog('debug', { write: (line) => void lines.push(line) });

const viewer: Principal = {
  tenantId: '01890000-0000-7000-8000-000000000001',
  operator: true,
  userId: '01890000-0000-7000-8000-000000000002',
  name: 'Vera',
  roles: ['viewer'],
  permissions: permissionsOf(['viewer'], { operator: true }),
  credential: { kind: 'session', id: 'c1' },
};

async function build(limits: Partial<HttpLimits> = {}): Promise<App> {
  return createHttp({
    log,
    metrics: new Registry(),
    authenticate: async (secret) => (secret === 'good' ? viewer : null),
    readiness: createReadiness({ clock, log }),
    version: '1.2.3',
    limits,
  });
}

const bearer = { authorization: 'Bearer good' };
const open = { tags: ['t'], summary: 's' };
let app: App;

beforeAll(async () => {
  app = await build({ bodyBytes: 20_000 });
  app.route({
    method: 'POST',
    url: '/pumps/:id',
    config: { permission: 'devices:read' },
    schema: {
      ...open,
      params: z.object({ id: z.uuid() }),
      body: z.object({ name: z.string().min(2), atNs: int64Text, spec: z.unknown().optional() }),
      response: { 200: z.object({ by: z.string(), atNs: z.bigint(), plusOne: int64Text, when: z.date() }) },
    },
    handler: async ({ principal, body }) => ({
      by: principal.name,
      atNs: body.atNs,
      plusOne: body.atNs + 1n,
      when: new Date(0),
    }),
  });
  const plain = { ...open, response: { 200: z.object({ ok: z.boolean() }) } };
  app.route({
    method: 'GET',
    url: '/fails/:how',
    config: { public: true },
    schema: { ...plain, params: z.object({ how: z.string() }) },
    handler: async ({ params: { how } }) => {
      if (how === 'known') throw errors.T_PUMP_UNKNOWN({ id: 'p1' }, { field: 'id' });
      if (how === 'shape') return { ok: 'yes' } as never;
      throw Object.assign(new Error('secret inside: hunter2'), how === 'database' ? { code: '57P03' } : {});
    },
  });
  app.route({
    method: 'PUT',
    url: '/orders',
    config: { permission: 'orders:write' },
    schema: plain,
    handler: async () => ({ ok: true }),
  });
  await app.ready();
});
afterAll(() => app.close());

const id = '01890000-0000-7000-8000-000000000003';
const post = (payload: string, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: `/pumps/${id}`,
    headers: { ...bearer, 'content-type': 'application/json', ...headers },
    payload,
  });

describe('answers', () => {
  test('bigints travel as decimal strings in both directions, dates as ISO texts', async () => {
    const response = await post('{"name":"P1","atNs":"9007199254740993"}');
    expect(response.json()).toEqual({
      by: 'Vera',
      atNs: '9007199254740993',
      plusOne: '9007199254740994',
      when: '1970-01-01T00:00:00.000Z',
    });
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });

  test('the OpenAPI document names every route, its permission and the form of errors', async () => {
    const { paths, components } = (await app.inject({ url: '/docs/json' })).json();
    const operation = paths['/pumps/{id}'].post;
    expect(operation.description).toContain('devices:read');
    expect(operation.security).toEqual([{ bearer: [] }, { cookie: [] }]);
    expect(operation.responses.default.content['application/json'].schema.$ref).toBe('#/components/schemas/Error');
    expect(operation.responses[200].content['application/json'].schema.properties.atNs.type).toBe('string');
    expect(components.schemas.Error.properties.error.properties.code.type).toBe('string');
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/health', '/ready', '/metrics', '/fails/{how}']));
  });

  test('the documentation page is served with a policy that lets its own script run', async () => {
    const page = await app.inject({ url: '/docs/' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect((await app.inject({ url: '/docs/static/swagger-ui-bundle.js' })).statusCode).toBe(200);
  });
});

describe('errors have one form', () => {
  const failing = async (how: string) => {
    const response = await app.inject({ url: `/fails/${how}` });
    return { status: response.statusCode, ...response.json().error };
  };

  test('a declared error', async () => {
    expect(await failing('known')).toEqual({
      status: 404,
      code: 'T_PUMP_UNKNOWN',
      message: 'No pump p1; register it.',
      field: 'id',
      requestId: expect.any(String),
    });
  });

  test('an unexpected one tells nothing of the inside, and the log tells it under the same id', async () => {
    lines.length = 0;
    const error = await failing('boom');
    expect(error).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(JSON.stringify(error)).not.toContain('hunter2');
    const logged = lines.find((line) => line.includes('hunter2'));
    expect(JSON.parse(logged!).requestId).toBe(error.requestId);
  });

  test('an answer that breaks its own schema is our fault; a database that is away is a 503', async () => {
    expect(await failing('shape')).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(await failing('database')).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
  });

  test('every bad field is named', async () => {
    const response = await post('{"name":"x","atNs":12}');
    expect(response.statusCode).toBe(400);
    const { error } = response.json();
    expect(error).toMatchObject({ code: 'VALIDATION', field: 'name' });
    expect(error.message).toMatch(/body field name: .*body field atNs: /);
    expect(error.detail.problems).toHaveLength(2);
    const badId = await app.inject({
      method: 'POST',
      url: '/pumps/7',
      headers: bearer,
      payload: { name: 'xx', atNs: '1' },
    });
    expect(badId.json().error).toMatchObject({ code: 'VALIDATION', field: 'id' });
  });

  test.each([
    ['malformed', '{"name":', {}, 400, 'JSON_MALFORMED'],
    ['a prototype', '{"name":"P1","atNs":"1","__proto__":{"admin":true}}', {}, 400, 'JSON_MALFORMED'],
    ['an overflowing number', '{"name":"P1","atNs":"1","spec":[{"v":1e999}]}', {}, 400, 'JSON_NOT_FINITE'],
    ['endless nesting', `{"name":"P1","spec":${'['.repeat(9000)}${']'.repeat(9000)}}`, {}, 400, 'JSON_TOO_DEEP'],
    ['too large', `{"name":"${'x'.repeat(20_001)}"}`, {}, 413, 'BODY_TOO_LARGE'],
    ['another type', '<a/>', { 'content-type': 'text/xml' }, 415, 'MEDIA_TYPE'],
    ['plain text', 'a', { 'content-type': 'text/plain' }, 415, 'MEDIA_TYPE'],
    ['compressed', 'x', { 'content-encoding': 'gzip' }, 415, 'MEDIA_TYPE'],
  ])('a body that is %s', async (_what, payload, headers, status, code) => {
    const response = await post(payload, headers);
    expect(response.statusCode).toBe(status);
    expect(response.json().error.code).toBe(code);
  });

  test('the offending number is named, and a bracket inside a string is no nesting', async () => {
    const response = await post('{"name":"P1","atNs":"1","spec":[{"v":-1e999}]}');
    expect(response.json().error.field).toBe('spec.0.v');
    expect((await post(`{"name":"${'['.repeat(100)}\\"[","atNs":"1"}`)).statusCode).toBe(200);
  });

  test('an unknown path and an impossible URL', async () => {
    const unknown = await app.inject({ url: '/nowhere?token=abc' });
    expect(unknown.json().error).toMatchObject({ code: 'NOT_FOUND' });
    expect(unknown.body).not.toContain('abc');
    const impossible = await app.inject({ url: '/fails/%E0%A4%A' });
    expect([impossible.statusCode, impossible.json().error.code]).toEqual([400, 'REQUEST_REFUSED']);
  });
});

describe('access', () => {
  test('a route without a declaration, or without documentation, stops the start', async () => {
    const other = await build();
    const handler = async () => ({});
    expect(() => other.route({ method: 'GET', url: '/a', handler })).toThrow(/config\.permission or config\.public/);
    expect(() =>
      other.route({ method: 'GET', url: '/b', config: { public: true, permission: 'self' }, handler }),
    ).toThrow(/either/);
    expect(() => other.route({ method: 'GET', url: '/c', config: { public: true }, handler })).toThrow(
      /schema\.summary/,
    );
  });

  test('nobody, a forger, somebody without the permission', async () => {
    const put = (headers: Record<string, string>) => app.inject({ method: 'PUT', url: '/orders', headers });
    const nobody = await put({});
    expect(nobody.statusCode).toBe(401);
    expect(nobody.headers['www-authenticate']).toBe('Bearer');
    expect((await put({ authorization: 'Bearer forged' })).statusCode).toBe(401);
    expect((await put({ authorization: 'Basic good' })).statusCode).toBe(401);
    const lacking = await put(bearer);
    expect([lacking.statusCode, lacking.json().error.message]).toEqual([403, expect.stringContaining('orders:write')]);
  });

  test.each([
    [{}, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example', host: 'plant.example' }, 403],
    [{ origin: 'null', host: 'plant.example' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ origin: 'https://plant.example', host: 'plant.example' }, 200],
  ])('a cookie changes things from our own pages only: %o', async (headers, status) => {
    const response = await app.inject({
      method: 'POST',
      url: `/pumps/${id}`,
      headers: { cookie: 'faultline_session=good', ...headers } as Record<string, string>,
      payload: { name: 'P1', atNs: '1' },
    });
    expect(response.statusCode).toBe(status);
  });

  test('a cookie may read from anywhere; a broken bearer header is not covered up by a cookie', async () => {
    const cookie = 'faultline_session=good';
    expect((await app.inject({ url: '/metrics', headers: { cookie } })).statusCode).toBe(403);
    expect((await app.inject({ url: '/metrics', headers: { cookie, authorization: 'nonsense' } })).statusCode).toBe(
      401,
    );
  });
});

describe('limits', () => {
  test('an address that guesses is stopped before it is looked up, and told when to come back', async () => {
    let looked = 0;
    const limited = await createHttp({
      log,
      metrics: new Registry(),
      authenticate: async () => {
        looked++;
        return null;
      },
      readiness: createReadiness({ clock, log }),
      version: '1',
      limits: { anonymousPerMinute: 5 },
    });
    const guess = (remoteAddress = '10.0.0.1') =>
      limited.inject({ url: '/metrics', headers: { authorization: 'Bearer x' }, remoteAddress });
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++) statuses.push((await guess()).statusCode);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(6)).toEqual(Array(14).fill(429));
    expect(looked).toBeLessThanOrEqual(6);
    const refused = await guess();
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.json().error.code).toBe('RATE_LIMITED');
    expect((await guess('10.0.0.2')).statusCode).toBe(401);
    await limited.close();
  });

  test('a principal has a budget of its own, whatever the address', async () => {
    const limited = await build({ principalPerMinute: 3, anonymousPerMinute: 1000 });
    const call = (n: number) => limited.inject({ url: '/metrics', headers: bearer, remoteAddress: `10.0.0.${n}` });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await call(i)).statusCode);
    expect(statuses).toEqual([403, 403, 403, 429, 429]);
    expect((await limited.inject({ url: '/health' })).statusCode).toBe(200);
    await limited.close();
  });
});

describe('probes and the log', () => {
  test('ready only while every part is; a check that hangs counts as failing', async () => {
    const readiness = createReadiness({ clock, log });
    const probed = await createHttp({
      log,
      metrics: new Registry(),
      authenticate: async () => ({ ...viewer, permissions: new Set(['metrics:read' as const]) }),
      readiness,
      version: '1',
    });
    let databaseUp = true;
    readiness.add('database', async () => {
      if (!databaseUp) throw new Error('password hunter2 rejected');
    });
    expect((await probed.inject({ url: '/ready' })).json()).toEqual({ ready: true, checks: { database: 'ok' } });
    databaseUp = false;
    readiness.add('broker', () => new Promise(() => undefined));
    const waiting = probed.inject({ url: '/ready' });
    for (let i = 0; i < 20; i++) await clock.advance(200);
    const response = await waiting;
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({ ready: false, checks: { database: 'failing', broker: 'failing' } });
    expect(response.body).not.toContain('hunter2');
    const metrics = await probed.inject({ url: '/metrics', headers: bearer });
    expect(metrics.body).toContain('faultline_http_request_seconds_count{method="GET",route="/ready",status="503"} 1');
    await probed.close();
  });

  test('the log tells the route, never the URL or a credential', async () => {
    lines.length = 0;
    await app.inject({ url: '/fails/known?key=hunter2', headers: { ...bearer, cookie: 'faultline_session=hunter3' } });
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ route: '/fails/:how', status: 404, msg: 'answered' }),
    );
    expect(lines.join('')).not.toMatch(/hunter|Bearer/);
  });
});
