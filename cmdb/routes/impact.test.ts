import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../platform/clock/manualClock.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';
import type { ImpactRequest } from '../impact/impact.ts';

const clock = manualClock();
let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp(clock);
});
afterAll(() => http.stop());

const HOUR_MS = 3_600_000;
const shifted = (ms: number) => new Date(clock.nowMs() + ms).toISOString();

/** A shop on two feeds of different weight, a machine with a bearing, and who answers for the shop. */
const nodes = [
  'id,type,name,criticality,cost_per_hour,users,max_outage_minutes,email',
  'shop,business_service,Shop,1,900,40,30,',
  'casting,business_service,Casting,2,500,8,,',
  'pump,equipment,Pump,,,,,',
  'bearing,component,Bearing,,,,,',
  'feed-a,power_feed,Feed A,,,,,',
  'feed-b,power_feed,Feed B,,,,,',
  'ann,person,Ann,,,,,ann@example.org',
].join('\n');
const edges = [
  'from,type,to,redundancy_group,min_up_percent,weight',
  'bearing,PART_OF,pump,,,',
  'casting,DEPENDS_ON,pump,,,',
  'shop,DEPENDS_ON,feed-a,power,60 %,3',
  'shop,DEPENDS_ON,feed-b,power,,1',
  'shop,OWNED_BY,ann,,,',
].join('\n');

async function plant() {
  const tenantId = randomUUID();
  const send = (method: 'GET' | 'POST', path: string, body?: unknown) => http.send(method, path, body, { tenantId });
  expect((await send('POST', '/import', { nodes, edges })).status).toBe(200);
  const window = (ciId: string, fromMs: number, toMs: number) =>
    send('POST', '/maintenance-windows', { ciId, from: shifted(fromMs), to: shifted(toMs), reason: 'overhaul' });
  const asked = (request: ImpactRequest) => http.cmdb.impact.impact(tenantId, request);
  return { send, window, asked };
}

describe('impact over HTTP', () => {
  it('weighs the members of a group, and says how bad it is and since when', async () => {
    const { send } = await plant();
    const light = await send('POST', '/impact', { failed: [{ ci: 'feed-b' }] });
    expect(light.body.services).toMatchObject([
      {
        key: 'shop',
        state: 'degraded',
        redundancyLeft: 'power of Shop: 1 of 2 up, by weight 3 of 4, 3 needed, none to spare',
      },
    ]);
    const heavy = await send('POST', '/impact', { failed: [{ ci: 'feed-a', since: shifted(-12 * 60_000) }] });
    expect(heavy.body).toMatchObject({
      failed: [{ key: 'feed-a', state: 'down', planned: false, remainingLife: null }],
      services: [{ key: 'shop', state: 'down', planned: false, slaMinutesLeft: 18 }],
      howBad: { servicesDown: 1, costPerHour: 900, users: 40, sla: { key: 'shop', minutesLeft: 18 }, nearestEnd: null },
    });
  });

  it('takes a window as health: its CI and what is part of it are down as planned, as long as it is open', async () => {
    const { send, window, asked } = await plant();
    await window('pump', HOUR_MS, 2 * HOUR_MS);
    await window('feed-b', -2 * HOUR_MS, -HOUR_MS);
    const before = await send('GET', '/impact');
    expect(before.body).toMatchObject({ failed: [], services: [], affectedCount: 0 });
    await clock.advance(HOUR_MS);
    const during = await send('GET', '/impact');
    expect(during.body.healthVersion).not.toBe(before.body.healthVersion);
    expect(during.body).toMatchObject({
      services: [{ key: 'casting', state: 'down', planned: true }],
      howBad: { servicesDown: 1, costPerHour: 500 },
    });
    // Whoever says by itself what was not well before need not know of announced work.
    const fails = (ciId: string) => asked({ failed: [{ ciId, state: 'down' }], before: [] });
    expect((await fails('feed-a')).services.map(({ key, planned }) => [key, planned])).toEqual([['shop', false]]);
    expect((await fails('bearing')).services).toEqual([]);
    expect(during.body.failed.map((one: { key: string; planned: boolean }) => [one.key, one.planned]).sort()).toEqual([
      ['bearing', true],
      ['pump', true],
    ]);
    // A bearing that fails while its pump is worked on is no surprise; a feed is.
    const both = await send('POST', '/impact', { failed: [{ ci: 'bearing' }, { ci: 'feed-a' }] });
    expect(both.body.failed).toMatchObject([
      { key: 'bearing', planned: true },
      { key: 'feed-a', planned: false },
    ]);
    expect(both.body.services).toMatchObject([{ key: 'shop', planned: false }]);
    await clock.advance(HOUR_MS);
    const after = await send('GET', '/impact');
    expect(after.body).toMatchObject({ services: [], healthVersion: before.body.healthVersion });
  });

  it('answers what if on top of the present, and keeps nothing', async () => {
    const { send, window } = await plant();
    await window('pump', -HOUR_MS, HOUR_MS);
    const answer = await send('POST', '/what-if', { maintain: ['feed-a'], restore: ['pump', 'bearing'] });
    expect(answer.body).toMatchObject({
      verdict: {
        failed: [{ key: 'feed-a', state: 'down', planned: true }],
        services: [{ key: 'shop', state: 'down', planned: true, owners: [{ email: 'ann@example.org' }] }],
      },
      difference: {
        services: [
          { key: 'shop', before: 'ok', after: 'down' },
          { key: 'casting', before: 'down', after: 'ok' },
        ],
        before: { costPerHour: 500, servicesDown: 1 },
        after: { costPerHour: 900, servicesDown: 1 },
      },
    });
    const parts = await send('POST', '/what-if', { maintain: ['pump'], fail: [{ ci: 'feed-b', state: 'degraded' }] });
    expect(parts.body.verdict.failed.map((one: { key: string }) => one.key).sort()).toEqual([
      'bearing',
      'feed-b',
      'pump',
    ]);
    expect(parts.body.difference.services).toMatchObject([{ key: 'shop', before: 'ok', after: 'degraded' }]);
    expect((await send('GET', '/impact')).body.services).toMatchObject([{ key: 'casting' }]);
    const unknown = await send('POST', '/what-if', { maintain: ['nowhere'] });
    expect(unknown.body.error).toMatchObject({ code: 'CMDB_CI_UNKNOWN', field: 'maintain' });
  });

  it('says what the document of the interface says, no more and no less', async () => {
    const { send, window } = await plant();
    await window('pump', -HOUR_MS, HOUR_MS);
    const { paths } = (await http.app.inject({ url: '/docs/json' })).json();
    const failed = [
      { ci: 'feed-a', since: shifted(-60_000) },
      { ci: 'feed-b', state: 'degraded' },
    ];
    const answers = {
      'get /impact': await send('GET', '/impact'),
      'post /impact': await send('POST', '/impact', { failed }),
      'post /what-if': await send('POST', '/what-if', { fail: [{ ci: 'feed-a' }], restore: ['pump'] }),
      'post /as-of/impact': await send('POST', '/as-of/impact', { at: '1', failed: [{ ci: 'feed-a' }] }),
    };
    for (const [route, { status, body }] of Object.entries(answers)) {
      const [method, path] = route.split(' ') as [string, string];
      const { schema } = paths[`/api/v1/cmdb${path}`][method].responses[200].content['application/json'];
      expect(status, route).toBe(200);
      expectFits(schema, body, route);
    }
  });
});

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
}

/** Each object has all names that its schema demands and none that it does not know. */
function expectFits(schema: Schema, value: unknown, at: string): void {
  const { anyOf, items, properties } = schema;
  if (anyOf !== undefined) {
    if (value !== null) expectFits(anyOf.find((one) => one.type !== 'null')!, value, at);
  } else if (items !== undefined) {
    for (const one of value as unknown[]) expectFits(items, one, `${at}[]`);
  } else if (properties !== undefined) {
    const names = Object.keys(value as object);
    expect(Object.keys(properties), at).toEqual(expect.arrayContaining(names));
    expect(names, at).toEqual(expect.arrayContaining(schema.required ?? []));
    for (const name of names) expectFits(properties[name]!, (value as Record<string, unknown>)[name], `${at}.${name}`);
  } else {
    const types = [schema.type].flat().map((type) => (type === 'integer' ? 'number' : type));
    expect(types, at).toContain(value === null ? 'null' : typeof value);
  }
}
