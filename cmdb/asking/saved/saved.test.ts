import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../../test/fixtures/cmdbOverHttp.ts';

let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp();
});
afterAll(() => http.stop());

/** In the fixture each role is a program of its own, so roles stand for people here. */
function tenant() {
  const tenantId = randomUUID();
  const as = (role: string) => (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
    http.send(method, path, body, { tenantId, role });
  const csv = async (path: string, role = 'viewer') => {
    const response = await http.app.inject({
      method: 'POST',
      url: `/api/v1/cmdb${path}`,
      headers: { authorization: `Bearer ${tenantId}|${role}` },
      payload: { as: 'csv' },
    });
    return { type: response.headers['content-type'], text: response.body };
  };
  return { as, csv };
}

const POWERFUL = `query ($least: Float = 1) {
  cis(where: { has: { equipment: { powerKw: { gte: $least } } } }) { items { key name attributes(names: ["powerKw", "site"]) } }
}`;
const CIS = [
  { key: 'a', type: 'equipment', name: '=1+1', attributes: { powerKw: 5, site: '上海, "北"' } },
  { key: 'b', type: 'equipment', name: 'B', attributes: { powerKw: 50 } },
];

describe('saved queries', () => {
  it('are run by name with values over those saved, by everybody when shared, as JSON or CSV', async () => {
    const { as, csv } = tenant();
    const [engineer, viewer] = [as('reliability-engineer'), as('viewer')];
    await as('admin')('POST', '/import', { cis: CIS });
    const saved = await engineer('POST', '/queries', {
      ...{ name: 'Powerful machines', description: 'for the audit', query: POWERFUL, variables: { least: 10 } },
    });
    expect(saved).toMatchObject({
      status: 201,
      body: { owner: 'the reliability-engineer', revision: 1, shared: false },
    });
    const keys = async (who: typeof viewer, variables = {}) => {
      const { status, body } = await who('POST', '/queries/powerful%20machines/run', { variables });
      return status === 200 ? body.data.cis.items.map(({ key }: { key: string }) => key) : body.error.code;
    };
    expect(await keys(engineer)).toEqual(['b']);
    expect(await keys(engineer, { least: 1 })).toEqual(['a', 'b']);
    expect(await keys(viewer)).toBe('CMDB_SAVED_QUERY_UNKNOWN');
    expect((await viewer('GET', '/queries')).body.items).toEqual([]);
    const change = { name: 'Powerful machines', query: POWERFUL, shared: true };
    expect((await engineer('PUT', `/queries/${saved.body.id}`, change)).body).toMatchObject({ revision: 2 });
    expect(await keys(viewer)).toEqual(['a', 'b']);
    const { type, text } = await csv('/queries/powerful%20machines/run');
    expect(type).toContain('text/csv');
    expect(text).toBe('key,name,attributes.powerKw,attributes.site\na,\'=1+1,5,"上海, ""北"""\nb,B,50,\n');
    const whole = await viewer('GET', '/queries/Powerful%20machines');
    expect(whole.body.revisions).toMatchObject([
      { revision: 2, by: 'the reliability-engineer', shared: true },
      { revision: 1, variables: { least: 10 }, description: 'for the audit', shared: false },
    ]);
  });

  it('belong to whoever saved them, and mean one query to each', async () => {
    const { as } = tenant();
    const [engineer, dispatcher, admin] = [as('reliability-engineer'), as('dispatcher'), as('admin')];
    const query = '{ version }';
    const shared = await engineer('POST', '/queries', { name: 'one', query, shared: true });
    expect((await dispatcher('POST', '/queries', { name: 'ONE', query, shared: true })).body.error).toMatchObject({
      ...{ code: 'CMDB_SAVED_QUERY_TAKEN', field: 'name' },
    });
    expect((await dispatcher('POST', '/queries', { name: 'one', query: '{ model { version } }' })).status).toBe(201);
    expect((await dispatcher('POST', '/queries/one/run', {})).body.data).toEqual({ model: { version: 0 } });
    expect((await engineer('POST', '/queries/one/run', {})).body.data).toEqual({ version: '0' });
    const change = { name: 'two', query, shared: true };
    const foreign = await dispatcher('PUT', `/queries/${shared.body.id}`, change);
    expect(foreign.body.error.code).toBe('CMDB_SAVED_QUERY_FOREIGN');
    expect((await admin('PUT', `/queries/${shared.body.id}`, change)).body).toMatchObject({ changedBy: 'the admin' });
    expect((await as('viewer')('POST', '/queries', change)).status).toBe(403);
    expect((await engineer('DELETE', '/queries/two')).body).toEqual({ removed: true });
    expect((await engineer('GET', '/queries/two')).status).toBe(404);
    expect((await dispatcher('GET', '/queries')).body.items).toHaveLength(1);
  });

  it('are checked when they are saved, and again when the model has changed', async () => {
    const { as } = tenant();
    const admin = as('admin');
    const save = async (query: string) => (await admin('POST', '/queries', { name: 'q', query })).body.error?.code;
    expect(await save('{ cis { items { nothing } } }')).toBe('CMDB_QUERY_INVALID');
    expect(await save('{ cis {')).toBe('CMDB_QUERY_SYNTAX');
    expect(await save(POWERFUL.replace('Float = 1', 'Float!'))).toBeUndefined();
    expect((await admin('POST', '/queries/q/run', {})).body.error.code).toBe('CMDB_QUERY_INVALID');
    expect((await admin('POST', '/queries/q/run', { variables: { least: 1 } })).status).toBe(200);
    await admin('POST', '/queries', { name: 'no table', query: '{ version model { version } }' });
    const table = await admin('POST', '/queries/no%20table/run', { as: 'csv' });
    expect(table.body.error.code).toBe('CMDB_QUERY_NO_TABLE');
  });
});
