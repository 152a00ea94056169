import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';
import { whoIsOnCall } from './whoIsOnCall.ts';

const clock = manualClock(Date.UTC(2026, 3, 1, 12));
let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp(clock);
});
afterAll(() => http.stop());

const layer = (members: string[], over: object = {}) => ({
  ...{ name: 'first', members, timeZone: 'Asia/Shanghai', startsOn: '2026-03-30' },
  handOver: { every: 1, unit: 'weeks', at: '09:00' },
  ...over,
});

/** A shop and a phone service of one team, with people. */
async function plant() {
  const tenantId = randomUUID();
  const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, role = 'admin') =>
    http.send(method, path, body, { tenantId, role });
  await send('POST', '/import', {
    cis: [
      ...['shop', 'phone', 'lone'].map((key) => ({ key, type: 'business_service' })),
      { key: 'crew', type: 'team' },
      ...['ann', 'ben'].map((key) => ({
        ...{ key, type: 'person', name: key, attributes: { email: `${key}@plant.example`, locale: 'zh-CN' } },
      })),
    ],
    relations: ['shop', 'phone'].map((from) => ({ from, type: 'OWNED_BY', to: 'crew' })),
  });
  const idOf = async (key: string): Promise<string> => (await send('GET', `/cis/${key}`)).body.id;
  const create = async (ciId: string, layers: object[]) =>
    (await send('POST', '/on-call/calendars', { ciId, name: `of ${ciId}`, layers })).body;
  const who = async (key: string) => {
    const { items, notice } = (await send('GET', `/on-call?ciId=${key}`)).body;
    return [
      ...items.map((one: { via: string; person: { name: string } | null }) => [one.via, one.person?.name]),
      notice,
    ];
  };
  return { tenantId, send, idOf, create, who };
}

it('names who is on call by the service’s own calendar, else by its team’s, and says when nobody is', async () => {
  const { tenantId, idOf, create, who } = await plant();
  await create('crew', [layer(['ann', 'ben'])]);
  expect(await who('shop')).toEqual([['team', 'ann'], null]);
  await create('phone', [layer(['ben'], { hours: [{ days: [1], from: '08:00', to: '18:00' }] })]);
  expect(await who('phone')).toEqual([
    ['own', undefined],
    'nobody is on call for phone until 2026-04-06T00:00:00.000Z at least',
  ]);
  expect(await who('lone')).toEqual(['lone has no on-call calendar, nor has a team that owns it.']);
  const [shop, lone] = [await idOf('shop'), await idOf('lone')];
  const standings = await http.pg.db.tenant(tenantId, (tx) => whoIsOnCall(tx, [shop, lone], clock.nowMs()));
  expect([...standings.keys()]).toEqual([shop]);
  expect(standings.get(shop)).toMatchObject([{ via: 'team', person: { email: 'ann@plant.example', locale: 'zh-CN' } }]);
});

it('tells shifts and gaps, and who is gone from the CMDB, until somebody mends it', async () => {
  const { send, create, idOf } = await plant();
  const calendar = await create('shop', [layer(['ann', 'ben'])]);
  const url = `/on-call/calendars/${calendar.id}`;
  const ben = await idOf('ben');
  await send('DELETE', '/cis/ben');
  const { problems } = (await send('GET', url)).body;
  expect(problems).toEqual([expect.stringContaining(`Layer first: ${ben} is no longer in the CMDB`)]);
  const shifts = (await send('GET', `${url}/shifts?count=2`)).body.items;
  expect(shifts).toMatchObject([
    { person: { name: 'ann' }, layer: 'first', to: '2026-04-06T01:00:00.000Z', gap: null },
    {
      person: null,
      missing: [ben],
      gap: `nobody is on call from 2026-04-06T01:00:00.000Z to 2026-04-13T01:00:00.000Z, since ${ben} is no longer in the CMDB`,
    },
  ]);
  const span = { personId: 'ann', from: '2026-04-06T09:00:00+08:00', to: '2026-04-13T09:00:00+08:00' };
  const override = await send('POST', `${url}/overrides`, { ...span, reason: 'until we have found somebody' });
  expect(override.status).toBe(201);
  expect((await send('GET', `${url}/shifts?count=2`)).body.items[1]).toMatchObject({
    ...{ person: { name: 'ann' }, overrideId: override.body.id, layer: null, gap: null },
  });
  await send('PUT', url, { version: 1, name: 'of shop', layers: [layer(['ann'])], reason: 'Ben has left' });
  await send('DELETE', `${url}/overrides/${override.body.id}`);
  await send('DELETE', url);
  const history = (await send('GET', `${url}/history`)).body.items;
  expect(history.map((one: { what: string; author: string; reason: string | null }) => [one.what, one.reason])).toEqual(
    [
      ['calendar', null],
      ['override', null],
      ['calendar', 'Ben has left'],
      ['override', 'until we have found somebody'],
      ['calendar', null],
    ],
  );
  expect(history[2]).toMatchObject({
    author: 'the admin',
    before: { layers: [{ members: [expect.any(String), ben] }] },
  });
});

it('says what is wrong with a calendar, and where', async () => {
  const { send, create } = await plant();
  const refused = async (path: string, body: object, method: 'POST' | 'PUT' = 'POST') => {
    const { status, body: answer } = await send(method, `/on-call/calendars${path}`, body);
    return [status, answer.error.code, answer.error.field];
  };
  const given = { ciId: 'shop', name: 'x', layers: [layer(['ann'])] };
  expect(await refused('', { ...given, ciId: 'ann' })).toEqual([422, 'CMDB_ONCALL_CI', 'ciId']);
  expect(await refused('', { ...given, layers: [layer(['ann', 'shop'])] })).toEqual([
    ...[422, 'CMDB_ONCALL_PERSON', 'layers.0.members.1'],
  ]);
  expect((await refused('', { ...given, layers: [layer(['ann'], { timeZone: 'CET+9' })] }))[2]).toBe(
    'layers.0.timeZone',
  );
  const { id } = await create('shop', [layer(['ann'])]);
  const change = { version: 1, name: 'x', layers: [layer(['ben'])] };
  const both = await Promise.all([1, 2].map(() => send('PUT', `/on-call/calendars/${id}`, change)));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  const span = { personId: 'ann', from: '2026-04-06T09:00:00Z', to: '2026-04-06T09:00:00Z' };
  expect(await refused(`/${id}/overrides`, span)).toEqual([400, 'CMDB_ONCALL_OVERRIDE_ORDER', 'to']);
  expect(await refused(`/${randomUUID()}/overrides`, span)).toEqual([404, 'CMDB_ONCALL_UNKNOWN', undefined]);
  expect((await send('GET', `/on-call/calendars/${id}`, undefined, 'business-owner')).status).toBe(200);
  expect((await send('DELETE', `/on-call/calendars/${id}`, undefined, 'business-owner')).status).toBe(403);
});

it('follows people and services that are merged', async () => {
  const { send, create, who, idOf } = await plant();
  const calendar = await create('shop', [layer(['ben', 'ann'])]);
  const merge = async (type: string, gone: string, keep: string) => {
    await send('POST', '/import', { cis: [gone, keep].map((key) => ({ key, type, attributes: { twin: gone } })) });
    await send('POST', '/duplicates/search', { type, identifier: ['twin'] });
    const [task] = (await send('GET', '/duplicates?state=open')).body.items;
    expect((await send('POST', `/duplicates/${task.id}/merge`, { keep })).status).toBe(200);
  };
  await merge('person', 'ben', 'ann');
  expect(await who('shop')).toEqual([['own', 'ann'], null]);
  const ann = await idOf('ann');
  expect((await send('GET', `/on-call/calendars/${calendar.id}`)).body).toMatchObject({
    ...{ version: 2, problems: [], layers: [{ members: [ann, ann] }] },
  });
  await merge('business_service', 'shop', 'phone');
  expect(await who('phone')).toEqual([['own', 'ann'], null]);
});
