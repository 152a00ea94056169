import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleUrl, expectRoutesGuarded } from '../test/contracts/routes.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../test/fixtures/cmdbOverHttp.ts';
import { measuringPointFacts } from './index.ts';

let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp();
});
afterAll(() => http.stop());

/** Sends everything as a tenant of its own. */
function tenant() {
  const tenantId = randomUUID();
  return {
    tenantId,
    send: (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
      http.send(method, path, body, { tenantId }),
  };
}

describe('CIs and relations over HTTP', () => {
  it('guards every route', async () => {
    const { routes, refused } = await expectRoutesGuarded({
      app: http.app,
      as: (role) => ({ authorization: `Bearer ${http.pg.tenantId}|${role}` }),
    });
    expect(routes).toBeGreaterThan(14);
    expect(refused).toBeGreaterThan(routes);
    expect(exampleUrl('/a/:id')).toContain('01890000');
  });

  it('creates, shows, changes and removes a CI, and keeps its history', async () => {
    const { send } = tenant();
    const created = await send('POST', '/cis', { key: 'pump/1', type: 'equipment', attributes: { powerKw: '15' } });
    expect(created).toMatchObject({
      status: 201,
      body: { key: 'pump/1', name: 'pump/1', attributes: { powerKw: 15 } },
    });
    expect((await send('POST', '/cis', { key: 'pump/1', type: 'equipment' })).body.error.code).toBe('CMDB_KEY_TAKEN');
    expect((await send('POST', '/cis', { key: 'x', type: 'spaceship' })).body.error).toMatchObject({
      code: 'CMDB_TYPE_UNKNOWN',
      field: 'type',
    });
    const { id } = created.body;
    await send('POST', '/cis', { key: 'line', type: 'line' });
    const related = await send('PUT', '/relations', { from: id, type: 'PART_OF', to: 'line', reason: 'built in' });
    expect(related.body).toMatchObject({ version: '3', relations: { created: 1 } });
    const shown = await send('GET', `/cis/${encodeURIComponent('pump/1')}`);
    expect(shown.body).toMatchObject({ id, relations: [{ direction: 'out', type: 'PART_OF', ci: { key: 'line' } }] });
    const patched = await send('PATCH', `/cis/${id}`, { name: 'Pump 1', attributes: { ratedRpm: 1480 } });
    expect(patched.body).toMatchObject({ name: 'Pump 1', attributes: { powerKw: 15, ratedRpm: 1480 } });
    expect((await send('GET', '/cis/line/neighbours?direction=in')).body.items).toHaveLength(1);
    expect((await send('DELETE', `/cis/${id}`)).body).toMatchObject({ cis: { removed: 1 }, relations: { removed: 1 } });
    expect((await send('GET', `/cis/${id}`)).status).toBe(404);
    const history = await send('GET', `/cis/${id}/history?limit=2`);
    expect(history.body.items.map((one: { version: string }) => one.version)).toEqual(['5', '5']);
    const rest = await send('GET', `/cis/${id}/history?cursor=${history.body.nextCursor}`);
    expect(rest.body.items).toMatchObject([{ version: '4' }, { version: '3', reason: 'built in' }, { version: '1' }]);
    expect((await send('GET', '/version')).body).toEqual({ version: '5' });
  });

  it('lets only one of two create the same key', async () => {
    const { send } = tenant();
    const answers = await Promise.all([1, 2, 3, 4].map(() => send('POST', '/cis', { key: 'one', type: 'server' })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('pages, filters and searches CIs', async () => {
    const { send } = tenant();
    const cis = ['a_1', 'a-1', 'b', 'c'].map((key) => ({ key, type: key === 'c' ? 'vm' : 'server', name: `N ${key}` }));
    await send('POST', '/import', { cis });
    const first = await send('GET', '/cis?limit=3');
    expect(first.body.items).toHaveLength(3);
    const second = await send('GET', `/cis?limit=3&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ nextCursor: null });
    expect(second.body.items).toHaveLength(1);
    expect((await send('GET', '/cis?type=vm')).body.items).toMatchObject([{ key: 'c' }]);
    expect((await send('GET', '/cis?q=A_')).body.items).toMatchObject([{ key: 'a_1' }]);
    expect((await send('GET', '/cis?key=b')).body.items).toMatchObject([{ key: 'b' }]);
  });

  it('names what is wrong with a relation', async () => {
    const { send } = tenant();
    await send('POST', '/import', { cis: [{ key: 'a', type: 'server' }] });
    const error = async (body: object) => (await send('PUT', '/relations', body)).body.error;
    expect(await error({ from: 'a', type: 'DEPENDS_ON', to: 'b' })).toMatchObject({
      code: 'CMDB_RELATION_END_UNKNOWN',
      field: 'to',
    });
    expect((await send('DELETE', '/relations?from=a&type=DEPENDS_ON&to=a')).body.error.code).toBe(
      'CMDB_RELATION_UNKNOWN',
    );
  });
});

describe('impact over HTTP', () => {
  it('tells services, owners, chains and what redundancy is left, and sees a change at once', async () => {
    const { send } = tenant();
    await send('POST', '/import', {
      cis: [
        { key: 'web-1', type: 'server' },
        { key: 'web-2', type: 'server' },
        {
          key: 'shop',
          type: 'business_service',
          name: 'Shop',
          attributes: { criticality: 1, costPerHour: 900, users: 7 },
        },
        { key: 'ann', type: 'person', name: 'Ann', attributes: { email: 'ann@example.org', locale: 'zh-CN' } },
        { key: 'bob', type: 'person', name: 'Bob', attributes: { phone: '+86 1' } },
      ],
      relations: [
        { from: 'shop', type: 'DEPENDS_ON', to: 'web-1', redundancy_group: 'web', min_up: 1 },
        { from: 'shop', type: 'DEPENDS_ON', to: 'web-2', redundancy_group: 'web', min_up: 1 },
        { from: 'shop', type: 'OWNED_BY', to: 'bob', attributes: { role: 'deputy' } },
        { from: 'shop', type: 'OWNED_BY', to: 'ann', attributes: { role: 'accountable' } },
      ],
    });
    const ask = (failed: object[], minVersion?: string) => send('POST', '/impact', { failed, minVersion });
    const one = await ask([{ ci: 'web-1' }]);
    expect(one.body).toMatchObject({
      graphVersion: '1',
      healthVersion: '0.0',
      affectedCount: 1,
      services: [
        {
          key: 'shop',
          state: 'degraded',
          criticality: 1,
          costPerHour: 900,
          users: 7,
          owners: [
            { name: 'Ann', email: 'ann@example.org', phone: null, locale: 'zh-CN', role: 'accountable' },
            { name: 'Bob', role: 'deputy' },
          ],
          causeChain: [
            { key: 'web-1', type: 'server', state: 'down' },
            { key: 'shop', state: 'degraded' },
          ],
          redundancyLeft: 'web of Shop: 1 of 2 up, 1 needed, none to spare',
        },
      ],
      affected: [{ key: 'shop', state: 'degraded' }],
    });
    expect((await ask([{ ci: 'web-1' }, { ci: 'web-2' }])).body.services[0].state).toBe('down');
    const { version } = (await send('DELETE', '/relations?from=shop&type=DEPENDS_ON&to=web-2')).body;
    expect((await ask([{ ci: 'web-1' }], version)).body).toMatchObject({
      graphVersion: version,
      services: [{ state: 'down' }],
    });
    await send('POST', '/cis', { key: 'new', type: 'server' });
    expect((await ask([{ ci: 'new' }])).body.services).toEqual([]);
    expect((await ask([{ ci: 'nobody' }])).body.error.code).toBe('CMDB_CI_UNKNOWN');
  });
});

describe('facts of a measuring point', () => {
  it('walks from the point over the component to the machine, with geometry and maintenance', async () => {
    const { send, tenantId } = tenant();
    await send('POST', '/import', {
      nodes:
        'key,type,name,bearing,gearTeeth,powerKw,mounting,telemetry\n' +
        'line-1,line,Line 1,,,,,\n' +
        'pump-1,equipment,Pump 1,,,15,rigid,\n' +
        'pump-1/de,component,Bearing,"{""n"":9,""ballDiameter"":0.3126,""pitchDiameter"":1.537}",,,,\n' +
        'dev/de-x,measuring_point,DE x,,,,,\n' +
        'other,measuring_point,Other,,,,,dev/renamed\n',
      edges:
        'from,type,to\ndev/de-x,MONITORS,pump-1/de\npump-1/de,PART_OF,pump-1\npump-1,PART_OF,line-1\nline-1,PART_OF,pump-1\n',
    });
    const window = { ciId: 'line-1', from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z', reason: 'overhaul' };
    expect((await send('POST', '/maintenance-windows', window)).status).toBe(201);
    const wrong = await send('POST', '/maintenance-windows', { ...window, to: window.from });
    expect(wrong.body.error).toMatchObject({ code: 'CMDB_WINDOW_ORDER', field: 'to' });
    const facts = (key: string) => http.pg.db.tenant(tenantId, (tx) => measuringPointFacts(tx, key));
    const found = await facts('dev/de-x');
    expect(found).toMatchObject({
      assetName: 'Bearing',
      machineName: 'Pump 1',
      powerKw: 15,
      mounting: 'rigid',
      maintenance: [{ fromMs: Date.parse(window.from), toMs: Date.parse(window.to) }],
      graphVersion: '1',
    });
    expect(found!.bearingOrders!.bpfo).toBeCloseTo(3.585, 3);
    expect(found!.bearingOrders!.bpfi).toBeCloseTo(5.415, 3);
    expect(found!.bearingOrders!.ftf).toBeCloseTo(0.398, 3);
    expect(found!.bearingOrders!.bsf).toBeCloseTo(2.357, 3);
    expect(await facts('dev/renamed')).toMatchObject({ assetName: 'Other', machineName: 'Other' });
    expect(await facts('other')).toBeNull();
    expect(await facts('nobody')).toBeNull();
    const listed = await send('GET', '/maintenance-windows?ciId=line-1');
    expect(listed.body.items).toHaveLength(1);
    expect((await send('DELETE', `/maintenance-windows/${listed.body.items[0].id}`)).status).toBe(200);
    expect((await facts('dev/de-x'))!.maintenance).toEqual([]);
  });
});
