import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../../test/fixtures/cmdbOverHttp.ts';

let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp();
});
afterAll(() => http.stop());

const CIS = [
  {
    key: 'P-101A',
    type: 'equipment',
    name: '二号循环水泵',
    attributes: { serialNumber: 'SN-2024/0815', site: '上海宝山' },
  },
  { key: 'P-101B', type: 'equipment', name: '三号循环水泵 standby', attributes: { machineClass: 'II' } },
  { key: 'C-7', type: 'equipment', name: 'Screw compressors, north hall' },
  { key: 'srv-01', type: 'server', name: 'db1.prod', attributes: { ip: '10.20.30.40', note: 'Batteries replaced' } },
  { key: 'srv-02', type: 'server', name: 'web', attributes: { ip: '10.20.31.4' } },
  { key: 'deal', type: 'contract', name: 'Lease', attributes: { costPerYear: 4711, secret: 'x' } },
];

function tenant() {
  const tenantId = randomUUID();
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
    http.send(method, path, body, { tenantId });
  const ask = async (q: string, more = '') => (await send('GET', `/search?q=${encodeURIComponent(q)}${more}`)).body;
  const keys = async (q: string, more = '') => (await ask(q, more)).items.map(({ key }: { key: string }) => key);
  return { tenantId, send, ask, keys };
}

describe('searching CIs', () => {
  it('finds Chinese by any part, English by beginnings, codes and addresses as they may be written', async () => {
    const { send, keys } = tenant();
    await send('POST', '/import', { cis: CIS });
    expect(await keys('水泵')).toEqual(['P-101A', 'P-101B']);
    expect(await keys('循环')).toEqual(['P-101A', 'P-101B']);
    expect(await keys('号循')).toEqual(['P-101A', 'P-101B']);
    expect(await keys('水泵 二号')).toEqual(['P-101A']);
    expect(await keys('宝山')).toEqual(['P-101A']);
    expect(await keys('泵')).toEqual(['P-101A', 'P-101B']);
    expect(await keys('compressor')).toEqual(['C-7']);
    expect(await keys('battery')).toEqual(['srv-01']);
    for (const code of ['P-101A', 'p101a', '101A', 'p 101a', 'Ｐ－101Ａ'])
      expect(await keys(code), code).toEqual(['P-101A']);
    expect(await keys('P-101')).toEqual(['P-101A', 'P-101B']);
    expect(await keys('10.20.30.40')).toEqual(['srv-01']);
    expect(await keys('10.20')).toEqual(['srv-01', 'srv-02']);
    expect(await keys('sn-2024/0815')).toEqual(['P-101A']);
    expect(await keys('db1.prod')).toEqual(['srv-01']);
    expect(await keys('nothing of it')).toEqual([]);
    expect(await keys('!&|()<->:*')).toEqual([]);
  });

  it('finds by the names of types, filters by them, and forgives a typing error', async () => {
    const { send, ask, keys } = tenant();
    await send('POST', '/import', { cis: CIS });
    expect(await keys('服务器')).toEqual(['srv-01', 'srv-02']);
    expect(await keys('server web')).toEqual(['srv-02']);
    expect(await keys('IT 资产')).toEqual(['srv-01', 'srv-02']);
    expect(await keys('10.20', '&type=it_item')).toEqual(['srv-01', 'srv-02']);
    expect(await keys('10.20', '&type=equipment')).toEqual([]);
    expect(await keys('10.20', '&type=no_such_type')).toEqual([]);
    const corrected = await ask('cmopressor');
    expect(corrected).toMatchObject({ correctedTo: 'compressors', items: [{ key: 'C-7' }] });
    const [first] = (await ask('循环水泵 p101b')).items;
    expect(first.highlights).toEqual([
      { field: 'key', text: 'P-101B', marks: [{ from: 0, to: 6 }] },
      { field: 'name', text: '三号循环水泵 standby', marks: [{ from: 2, to: 6 }] },
    ]);
  });

  it('ranks what is called so first, and pages without losing or repeating', async () => {
    const { send, keys, ask } = tenant();
    const cis = Array.from({ length: 25 }, (_, index) => ({
      ...{ key: `n${index}`, type: 'server', name: `node ${index % 3 === 0 ? 'alpha' : 'beta'} ${index}` },
      attributes: { role: index % 2 ? 'alpha' : 'gamma' },
    }));
    await send('POST', '/import', { cis: [...cis, { key: 'x', type: 'server', name: 'Alpha' }] });
    expect((await keys('alpha', '&limit=3'))[0]).toBe('x');
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await ask('alpha', `&limit=4${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...page.items.map(({ key }: { key: string }) => key));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(await keys('alpha', '&limit=200'));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(18);
  });
});

describe('what is found stays true', () => {
  it('with every change of a CI, in its transaction', async () => {
    const { send, keys } = tenant();
    await send('POST', '/import', { cis: CIS });
    await send('PATCH', '/cis/C-7', { name: '螺杆压缩机' });
    expect(await keys('compressor')).toEqual([]);
    expect(await keys('压缩机')).toEqual(['C-7']);
    await send('PATCH', '/cis/srv-02', { attributes: { owner: 'Ackermann' } });
    expect(await keys('ackermann')).toEqual(['srv-02']);
    expect(await keys('10.20.31')).toEqual(['srv-02']);
    await send('PATCH', '/cis/srv-02', { type: 'vm' });
    expect(await keys('10.20', '&type=vm')).toEqual(['srv-02']);
    await send('POST', '/import?dryRun=true', { cis: [{ key: 'new', type: 'server', name: '新服务' }, CIS[0]] });
    expect(await keys('新服务')).toEqual([]);
    await send('DELETE', '/cis/P-101A');
    expect(await keys('p101a')).toEqual([]);
    const stored = await http.pg.asOwner(
      `select from cmdb_search s where not exists (select from cmdb_ci c where c.id = s.ci_id)`,
    );
    expect(stored).toEqual([]);
  });

  it('with a merge of two CIs and with the sensitivity of an attribute', async () => {
    const { send, keys } = tenant();
    await send('POST', '/import', { cis: CIS });
    await send('POST', '/cis', { key: 'web-2', type: 'server', name: 'web', attributes: { rack: 'Orchid' } });
    await send('POST', '/duplicates/search', { type: 'server', identifier: ['name'] });
    const [task] = (await send('GET', '/duplicates')).body.items;
    expect((await send('POST', `/duplicates/${task.id}/merge`, { keep: 'srv-02' })).status).toBe(200);
    expect(await keys('orchid')).toEqual(['srv-02']);
    const { body: model } = await send('GET', '/model');
    const {
      builtIn: _,
      lineage: __,
      ...server
    } = model.ciTypes.find(({ name }: { name: string }) => name === 'server');
    const rack = { name: 'rack', kind: 'text', description: { en: 'rack', zh: '机柜' }, sensitive: true };
    const change = (attributes: object[]) =>
      send('POST', '/model/changes', { change: { ciTypes: [{ ...server, attributes }] }, reason: 'test' });
    expect((await change([rack])).status).toBe(200);
    expect(await keys('orchid')).toEqual([]);
    expect((await change([{ ...rack, sensitive: false }])).status).toBe(200);
    expect(await keys('orchid')).toEqual(['srv-02']);
    expect(await keys('4711')).toEqual([]);
  });

  it('for graphs that stood before, from the first question on, and never across tenants', async () => {
    const { send, keys, tenantId } = tenant();
    await send('POST', '/import', { cis: CIS });
    await http.pg.asOwner('delete from cmdb_search where tenant_id = $1', [tenantId]);
    await http.pg.asOwner('update cmdb_graph set search_format = 0 where tenant_id = $1', [tenantId]);
    expect(await keys('水泵')).toEqual(['P-101A', 'P-101B']);
    expect(await tenant().keys('水泵')).toEqual([]);
  });
});
