import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../platform/clock/manualClock.ts';
import { ROLE_PERMISSIONS } from '../../platform/index.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';

/** Stands in the key, the name and the attributes of all that is restricted, and nowhere else. */
const SECRET = 'zebra';
const DAY_MS = 86_400_000;

const clock = manualClock();
let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp(clock);
});
afterAll(() => http.stop());

const secret = (key: string, type: string, attributes: Record<string, unknown> = {}) => ({
  ...{ key: `${SECRET}-${key}`, type, name: `${SECRET} ${key}` },
  attributes: { restricted: true, note: SECRET, ...attributes },
});
const open = (key: string, type: string, attributes: Record<string, unknown> = {}) => ({
  ...{ key, type, name: key, attributes },
});
const relation = (from: string, type: string, to: string, more: Record<string, unknown> = {}) => ({
  ...{ from, type, to },
  ...more,
});

/** A shop and a casting line on a hidden host; a hidden service with a hidden owner; all that can be told of a CI is of them. */
async function plant() {
  const tenantId = randomUUID();
  const as =
    (role: string) => async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
      http.send(method, path, body, { tenantId, role });
  const admin = as('admin');
  const take = async (body: object) => {
    const taken = await admin('POST', '/import', body);
    expect(taken.status, JSON.stringify(taken.body)).toBe(200);
  };
  await admin('PUT', '/authority', { ciType: '*', attribute: 'note', sources: ['agent', 'NetBox'] });
  await take({
    source: 'agent',
    cis: [
      open('shop', 'business_service', { criticality: 1, costPerHour: 900, users: 40, maxOutageMinutes: 30 }),
      open('app', 'application'),
      open('till', 'application'),
      open('kiosk', 'business_service'),
      open('ann', 'person', { email: 'ann@example.org' }),
      open('spare', 'server', { serialNumber: 'S1' }),
      secret('host', 'server'),
      secret('rack', 'server'),
      secret('club', 'business_service'),
      secret('twin', 'server', { serialNumber: 'S2' }),
      secret('gone', 'server'),
      secret('pay', 'business_service', { criticality: 1, costPerHour: 100, users: 2, maxOutageMinutes: 5 }),
      secret('bob', 'person', { email: `${SECRET}@example.org` }),
    ],
    relations: [
      relation('app', 'RUNS_ON', `${SECRET}-host`),
      relation('shop', 'DEPENDS_ON', 'app'),
      relation('till', 'RUNS_ON', `${SECRET}-rack`),
      relation('kiosk', 'DEPENDS_ON', 'till'),
      relation(`${SECRET}-club`, 'DEPENDS_ON', 'till'),
      relation('shop', 'OWNED_BY', 'ann'),
      relation('shop', 'OWNED_BY', `${SECRET}-bob`, { attributes: { role: 'deputy' } }),
      relation(`${SECRET}-pay`, 'DEPENDS_ON', `${SECRET}-host`),
      relation(`${SECRET}-twin`, 'DEPENDS_ON', `${SECRET}-gone`),
      relation('spare', 'DEPENDS_ON', `${SECRET}-gone`),
    ],
  });
  // Proposals, a failed import that names one, duplicates, a change, a removal, a window and an alert.
  await take({ source: 'NetBox', cis: [secret('host', 'server', { note: `${SECRET}!` })] });
  const lost = { relations: [relation('app', 'DEPENDS_ON', `${SECRET}-nowhere`)], runId: IMPORT_RUN };
  expect((await admin('POST', '/import', lost)).status).toBe(400);
  await take({ cis: [secret('host', 'server', { serialNumber: 'S2' })] });
  await admin('PATCH', `/cis/${SECRET}-host`, { status: 'tuned' });
  const gone = (await admin('GET', `/cis/${SECRET}-gone`)).body.id as string;
  await admin('DELETE', `/cis/${SECRET}-gone`);
  const at = (ms: number) => new Date(clock.nowMs() + ms).toISOString();
  await admin('POST', '/maintenance-windows', {
    ...{ ciId: `${SECRET}-twin`, from: at(-1), to: at(90 * DAY_MS), reason: SECRET },
  });
  const alert = {
    ...{ status: 'firing', labels: { instance: `${SECRET}-host`, severity: 'critical', alertname: 'Down' } },
    ...{ annotations: {}, startsAt: at(0), endsAt: '0001-01-01T00:00:00Z', fingerprint: 'f1' },
  };
  const notice = { version: '4', status: 'firing', receiver: 'r', alerts: [alert] };
  const sent = await admin('POST', '/alerts/alertmanager', notice);
  expect(sent.body, JSON.stringify(sent.body)).toMatchObject({ matched: 1, changed: [{ key: `${SECRET}-host` }] });
  // A calendar of one that anybody sees, with one in it whom few may.
  const turns = { timeZone: 'UTC', startsOn: '2026-01-01', handOver: { every: 1, unit: 'weeks', at: '08:00' } };
  const layers = [{ name: 'all', members: [`${SECRET}-bob`], ...turns }];
  const rota = await admin('POST', '/on-call/calendars', { ciId: 'shop', name: 'shop', layers });
  for (const [table, column] of [
    ['cmdb_oncall_calendar', 'id'],
    ['cmdb_oncall_change', 'calendar_id'],
  ]) {
    await http.pg.asOwner(`update ${table} set ${column} = $2 where ${column} = $1`, [rota.body.id, ROTA]);
  }
  await admin('POST', '/on-call/calendars', { ciId: `${SECRET}-pay`, name: SECRET, layers });
  const query =
    'query ($ci: String!) { ci(is: $ci) { name } cis { items { key name relations { items { ci { key } } } } } }';
  const kept = { name: 'everything', query, shared: true };
  expect((await admin('POST', '/queries', kept)).status).toBe(201);
  await clock.advance(60 * DAY_MS);
  const ids = new Map<string, string>([[`${SECRET}-gone`, gone]]);
  for (const { key, id } of (await admin('GET', '/cis')).body.items) ids.set(key, id);
  return { as, admin, viewer: as('viewer'), ids, notice };
}

/** What a question needs beside what it is about; a new one that asks for more must be answered here. */
const ROTA = '01890000-0000-7000-8000-00000000ca11';
const GIVEN: Readonly<Record<string, string>> = { at: '1', from: '0', q: SECRET, calendarId: ROTA };
/** What is given only where there is no answer without it. */
const NEEDED: Readonly<Record<string, string>> = { ciId: 'shop' };
const EVERYTHING = `query ($ci: String!, $failed: [Failure!]!, $secret: String!, $mistyped: String!) {
  ci(is: $ci) {
    id key name attributes sources health { state own }
    relations { items { id source attributes ci { key name } } }
    reachable(direction: ANY) { items { ci { key name } } truncated }
    impact { ...Told } nextLosses { losses { key name } }
    history { items { ciId otherId before after reason author } } asOf(at: "1") { key name attributes }
  }
  cis(where: { not: { key: { eq: "x" } } }) { items { key name attributes relations { items { ci { key } } } } }
  search(text: $secret) { total correctedTo items { ci { key } highlights { text } } }
  mistyped: search(text: $mistyped) { total correctedTo items { ci { key } } }
  impact(failed: $failed) { ...Told }
  presentImpact { ...Told }
  whatIf(fail: $failed) { verdict { ...Told } difference { services { key } } }
  impactAsOf(at: "1", failed: $failed) { ...Told }
  nextLosses(ci: $ci) { losses { key name } }
  singlePointsOfFailure { points { key name } }
  rootCauses(alarms: $failed) { causes { key explains { key } } together { key } }
  asOf(at: "1", ci: $ci, depth: 3) { cis { key name attributes } relations { fromId toId attributes } }
  diff(from: "0") { items { ciId otherId key otherKey before after fields { field before after } } }
  duplicates { items { ciId key name otherId otherKey evidence } }
  staleCis(before: "2100-01-01") { items { key name } }
}
fragment Told on Verdict {
  failed { ciId key name } services { key owners { name email } causeChain { key } redundancyLeft uncertainty }
  affected { key owners { name } } howBad { sla { key } nearestEnd { name } }
}`;
const asked = (ci: string) => ({ ci, failed: [{ ci }], secret: SECRET, mistyped: `${SECRET}x` });
/** What a viewer may send, by route: about something that they see. */
const BODIES: Readonly<Record<string, (ci: string) => unknown>> = {
  '/graphql': (ci) => ({ query: EVERYTHING, variables: asked(ci) }),
  '/queries/{id}/run': (ci) => ({ variables: { ci } }),
  '/impact': (ci) => ({ failed: [{ ci }], affectedLimit: 1000 }),
  '/what-if': (ci) => ({ fail: [{ ci }], maintain: [ci], restore: [ci] }),
  '/neighbourhood': (ci) => ({ around: [ci], depth: 6, facts: true, fanout: 100 }),
  '/next-losses': (ci) => ({ ci, failed: [{ ci, state: 'degraded' }] }),
  '/root-causes': (ci) => ({ alarms: [{ ci }] }),
  '/as-of/impact': (ci) => ({ at: '1', failed: [{ ci }] }),
};
/** Paths that name something else than a CI, and what. */
const IMPORT_RUN = '01890000-0000-7000-8000-00000000abcd';
const OTHERS: Readonly<Record<string, string>> = {
  '/imports/{id}': IMPORT_RUN,
  '/queries/{id}': 'everything',
  '/queries/{id}/run': 'everything',
  '/alert-mappings/{source}': 'alertmanager',
};
const NAMES_A_CI = new Set(['id', 'ci', 'ciId', 'service', 'key', 'q']);

interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[];
}

describe('a restricted CI', () => {
  it('is found by no reader without the right to it, on any route that there is', async () => {
    const { as, admin, viewer, ids } = await plant();
    const { paths } = (await http.app.inject({ url: '/docs/json' })).json() as {
      paths: Record<string, Record<string, Operation>>;
    };
    const hidden = [...ids].filter(([key]) => key.startsWith(SECRET));
    const tells = (body: unknown) => {
      const text = JSON.stringify(body);
      return text.includes(SECRET) || hidden.some(([, id]) => text.includes(id));
    };
    const told: string[] = [];
    const asked = new Set<string>();
    for (const [url, methods] of Object.entries(paths)) {
      if (!url.startsWith('/api/v1/cmdb/')) continue;
      const path = url.slice('/api/v1/cmdb'.length);
      const routeUrl = url.replaceAll(/\{(\w+)\}/g, ':$1');
      for (const [name, { parameters = [] }] of Object.entries(methods)) {
        const method = name.toUpperCase() as 'GET' | 'POST';
        const access = http.app.routeAccess.find((one) => one.method === method && one.url === routeUrl)!;
        if (!ROLE_PERMISSIONS.viewer.includes(access.permission as 'cmdb:read')) continue;
        asked.add(`${method} ${path}`);
        const body = method === 'POST' ? BODIES[path] : undefined;
        if (method !== 'GET') expect(body, `${method} ${path}: what may be sent stands in BODIES`).toBeDefined();
        const naming = path in OTHERS ? [] : parameters.filter((one) => NAMES_A_CI.has(one.name));
        const send = (who: typeof viewer, ci: string | null) => {
          const query = new URLSearchParams();
          let at = path;
          for (const { name: parameter, in: where, required } of parameters) {
            const about = naming.some((one) => one.name === parameter) ? ci : null;
            const value = about ?? GIVEN[parameter] ?? (required ? NEEDED[parameter] : null) ?? '';
            if (where === 'path') at = at.replace(`{${parameter}}`, encodeURIComponent(value || OTHERS[path]!));
            else if (where === 'query' && value !== '') query.set(parameter, value);
            else if (where === 'query')
              expect(required, `${path} needs ${parameter}: say which in GIVEN`).not.toBe(true);
          }
          return who(method, `${at}?${query}`, body?.(ci ?? 'app'));
        };
        const names = naming.length > 0 || body !== undefined;
        for (const ci of [
          ...(naming.some((one) => one.in === 'path') ? [] : [null]),
          ...(names ? ['app', 'shop', 'till'] : []),
        ]) {
          const answer = await send(viewer, ci);
          expect(answer.status, `${method} ${path} about ${ci}: ${JSON.stringify(answer.body)}`).not.toBe(400);
          expect(tells(answer.body), `${method} ${path} about ${ci} as a viewer: ${JSON.stringify(answer.body)}`).toBe(
            false,
          );
          if (tells((await send(admin, ci)).body)) told.push(`${method} ${path}`);
        }
        if (!names) continue;
        const nobody = await send(viewer, 'nobody');
        const nothing = await send(viewer, '01890000-0000-7000-8000-000000000000');
        for (const [key, id] of hidden) {
          const [byKey, byId] = [await send(viewer, key), await send(viewer, id)];
          expect(alike(byKey, key), `${method} ${path} of a hidden key`).toEqual(alike(nobody, 'nobody'));
          expect(alike(byId, id), `${method} ${path} of a hidden id`).toEqual(
            alike(nothing, '01890000-0000-7000-8000-000000000000'),
          );
        }
      }
    }
    expect([...asked].filter((route) => route.startsWith('POST'))).toHaveLength(Object.keys(BODIES).length);
    // To those who may see them, all of these do tell: what the viewer was not told was there to be told.
    expect([...new Set(told)].sort()).toEqual(
      [
        ...['GET /alerts', 'GET /as-of/cis/{id}', 'GET /cis', 'GET /cis/{id}', 'GET /cis/{id}/history'],
        ...['GET /cis/{id}/neighbours', 'GET /diff', 'GET /duplicates', 'GET /export', 'GET /health', 'GET /impact'],
        ...[
          'GET /imports',
          'GET /imports/{id}',
          'GET /maintenance-windows',
          'GET /on-call',
          'GET /on-call/calendars',
          'GET /on-call/calendars/{calendarId}',
          'GET /on-call/calendars/{calendarId}/history',
          'GET /on-call/calendars/{calendarId}/shifts',
          'GET /proposals',
          'GET /search',
          'GET /stale/cis',
          'GET /stale/relations',
        ],
        ...[
          'GET /single-points-of-failure',
          'POST /as-of/impact',
          'POST /graphql',
          'POST /impact',
          'POST /next-losses',
        ],
        'POST /neighbourhood',
        'POST /queries/{id}/run',
        ...['POST /root-causes', 'POST /what-if'],
      ].sort(),
    );
    expect((await as('it-operator')('GET', `/cis/${SECRET}-host`)).status).toBe(200);
  });

  it('counts in every verdict as in that of those who see it, with an anonymous one in its place', async () => {
    const { admin, viewer, ids } = await plant();
    const whole = (await admin('GET', '/impact')).body;
    const shown = (await viewer('GET', '/impact')).body;
    const { sla, ...sums } = whole.howBad;
    expect(shown).toMatchObject({
      affectedCount: whole.affectedCount,
      healthVersion: whole.healthVersion,
      howBad: sums,
    });
    expect(whole.services.map((one: { key: string }) => one.key).sort()).toEqual(['shop', `${SECRET}-pay`]);
    expect(sla).toMatchObject({ key: `${SECRET}-pay` });
    expect(shown.howBad.sla).toEqual({
      ciId: 'restricted',
      key: 'restricted',
      name: 'restricted',
      minutesLeft: sla.minutesLeft,
    });
    expect(shown.withheld).toMatchObject({ services: 1, owners: expect.any(Number) });
    expect(whole.withheld).toEqual({ services: 0, affected: 0, owners: 0 });
    const [shop] = shown.services;
    expect(shop.causeChain.map((step: { key: string }) => step.key)).toEqual(['restricted', 'app', 'shop']);
    expect(shop.owners.map((owner: { name: string }) => owner.name)).toEqual(['ann']);
    expect(shown.failed).toHaveLength(whole.failed.length);
    expect(shop.uncertainty).toContain('restricted → app');
    const losses = async (who: typeof viewer) =>
      (await who('POST', '/next-losses', { ci: 'kiosk' })).body.losses.map((loss: { key: string }) => loss.key);
    expect(await losses(viewer)).toEqual(['till', 'restricted']);
    expect(await losses(admin)).toEqual(['till', `${SECRET}-rack`]);
    // Known by id only to those who may: what is asked of it is asked of nobody.
    expect(await viewer('POST', '/impact', { failed: [{ ci: ids.get(`${SECRET}-host`) }] })).toMatchObject({
      status: 404,
    });
  });

  it('is what its type says, and what types inherit, from the change of the model on and until it is taken back', async () => {
    const { admin, viewer } = await plant();
    const keys = async () => (await viewer('GET', '/cis')).body.items.map((ci: { key: string }) => ci.key);
    expect(await keys()).toEqual(['ann', 'app', 'kiosk', 'shop', 'spare', 'till']);
    const label = { en: 'Vault', zh: '保险库' };
    const change = async (it: object) => {
      const { status, body } = await admin('POST', '/model/changes', { change: it, reason: 'secrets' });
      expect(status, JSON.stringify(body)).toBe(200);
    };
    const vault = { name: 'vault', parent: 'server', label };
    await change({ ciTypes: [vault, { name: 'deep_vault', parent: 'vault', label }] });
    await admin('POST', '/cis', { key: 'v', type: 'deep_vault' });
    await admin('PUT', '/relations', { from: 'spare', type: 'DEPENDS_ON', to: 'v' });
    expect(await keys()).toContain('v');
    await change({ ciTypes: [{ ...vault, restricted: true }] });
    await admin('POST', '/cis', { key: 'w', type: 'vault' });
    expect(await keys()).toEqual(['ann', 'app', 'kiosk', 'shop', 'spare', 'till']);
    await clock.advance(1_000);
    const losses = (await viewer('POST', '/next-losses', { ci: 'spare' })).body.losses;
    expect(losses).toMatchObject([{ ciId: 'restricted', key: 'restricted', distance: 1 }]);
    await change({ ciTypes: [vault] });
    expect(await keys()).toEqual(['ann', 'app', 'kiosk', 'shop', 'spare', 'till', 'v', 'w']);
    // One alone is opened by taking its mark off.
    await admin('PATCH', `/cis/${SECRET}-bob`, { attributes: { restricted: false } });
    expect(await keys()).toContain(`${SECRET}-bob`);
    const own = { name: 'restricted', kind: 'text', description: label };
    const refused = await admin('POST', '/model/preview', { ciTypes: [{ ...vault, attributes: [own] }] });
    expect(refused.body.error.code).toBe('CMDB_MODEL_WRONG');
  });
});

/** An answer without what was asked about, and without the number of the request. */
function alike({ status, body }: { status: number; body: unknown }, about: string): unknown {
  const text = JSON.stringify({ status, body }).replace(/"requestId":"[^"]*"/, '');
  return text.replaceAll(about, 'IT').replaceAll(encodeURIComponent(about), 'IT');
}
