import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';

const DAY_MS = 86_400_000;
const clock = manualClock(Date.UTC(2026, 0, 1));
let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp(clock);
});
afterAll(() => http.stop());

/** One tenant's view of the API. */
function site() {
  const as = { tenantId: randomUUID() };
  const ask = async (path: string) => (await http.send('GET', path, undefined, as)).body;
  const put = async (path: string, body: unknown) => expect((await http.send('PUT', path, body, as)).status).toBe(200);
  const post = (path: string, body: unknown) => http.send('POST', path, body, as);
  const take = async (body: object, query = '') => {
    const answer = await post(`/import${query}`, body);
    expect(answer.body.error).toBeUndefined();
    return answer.body;
  };
  const ci = async (key: string) => ask(`/cis/${encodeURIComponent(key)}`);
  return { as, ask, put, post, take, ci };
}
const server = (key: string, attributes: object, more: object = {}) => ({ key, type: 'server', attributes, ...more });

it('previews what would change, attribute by attribute, and refuses the commit once the graph has moved', async () => {
  const { take, post, ask } = site();
  await take({ cis: [server('a', { rack: 'R1', os: 'Debian' }, { name: 'A' }), server('b', {})] });
  const body = {
    cis: [server('a', { rack: 'R2', os: 'Debian' }, { name: 'A1' }), server('c', {})],
    relations: [{ from: 'a', type: 'DEPENDS_ON', to: 'b' }],
  };
  const preview = await take(body, '?dryRun=true');
  expect(preview).toMatchObject({ baseVersion: '1', cis: { created: 1, changed: 1, unchanged: 0 } });
  expect(preview.changes).toEqual([
    {
      kind: 'ci',
      change: 'changed',
      key: 'a',
      type: 'server',
      to: null,
      differences: [
        { field: 'name', before: 'A', after: 'A1' },
        { field: 'attributes.rack', before: 'R1', after: 'R2' },
      ],
    },
    { kind: 'ci', change: 'created', key: 'c', type: 'server', to: null, differences: [] },
    { kind: 'relation', change: 'created', key: 'a', type: 'DEPENDS_ON', to: 'b', differences: [] },
  ]);
  expect((await ask('/version')).version).toBe('1');
  await take({ cis: [server('d', {})] });
  const commit = { ...body, expectedVersion: preview.baseVersion };
  expect(await post('/import', commit)).toMatchObject({ status: 409, body: { error: { code: 'CMDB_IMPORT_MOVED' } } });
  const again = await take(body, '?dryRun=true');
  expect(await take({ ...body, expectedVersion: again.baseVersion })).toMatchObject({ version: '3' });
});

it('tells how an import went, also one that failed, and keeps its id', async () => {
  const { take, post, ask } = site();
  const runId = randomUUID();
  await take({ cis: [server('a', {})], source: 'NetBox', runId });
  expect(await ask(`/imports/${runId}`)).toMatchObject({
    state: 'done',
    source: 'NetBox',
    done: 1,
    total: 1,
    dryRun: false,
  });
  expect((await post('/import', { cis: [server('b', {})], runId })).body.error.code).toBe('CMDB_IMPORT_RUN_TAKEN');
  const failing = randomUUID();
  await post('/import', { cis: [{ type: 'server' }], runId: failing });
  expect(await ask(`/imports/${failing}`)).toMatchObject({ state: 'failed', problem: expect.stringContaining('key') });
  expect((await ask('/imports')).items.map((run: { id: string }) => run.id)).toEqual([failing, runId].sort().reverse());
});

it('knows a CI by its serial number whatever a source calls it, and follows its relations', async () => {
  const { take, ci, ask } = site();
  await take({ cis: [server('srv-1', { serialNumber: 'SN-1' }, { name: 'one' })], source: 'NetBox' });
  const files = [
    { content: 'sys_id,name,sys_class_name,serial_number\nx9,one.example,cmdb_ci_server,sn-1\nx8,app,cmdb_ci_appl,\n' },
    { content: 'parent,type,child\nx8,Runs on::Runs,x9\n' },
  ];
  const report = await take({ files, source: 'ServiceNow' });
  expect(report).toMatchObject({
    cis: { created: 1, changed: 1 },
    formats: [{ format: 'ServiceNow' }, { format: 'ServiceNow' }],
    conflictCount: 0,
  });
  expect((await ci('x8')).relations).toMatchObject([{ type: 'RUNS_ON', ci: { key: 'srv-1', name: 'one.example' } }]);
  // The source's own key is remembered, also when the serial number is not told again.
  const renamed = [{ content: 'sys_id,name,sys_class_name\nx9,renamed,cmdb_ci_server\n' }];
  expect(await take({ files: renamed, source: 'ServiceNow' })).toMatchObject({ cis: { created: 0, changed: 1 } });
  expect(await ci('srv-1')).toMatchObject({ name: 'renamed' });
  // Numbers that nobody filled in are no identity.
  await take({ cis: [server('p', { serialNumber: 'N/A' }), server('q', { serialNumber: 'n/a' })] });
  expect((await ask('/duplicates')).items).toEqual([]);
});

it('keeps out what a source of less authority says, shows it, and lets it in when the rule goes', async () => {
  const { take, ci, ask, put } = site();
  await put('/authority', { ciType: '*', attribute: 'os', sources: ['agent', 'ServiceNow'] });
  await put('/authority', { ciType: 'server', attribute: '.name', sources: ['agent'] });
  await take({ cis: [server('a', { os: 'Debian 13' }, { name: 'true' })], source: 'agent' });
  const told = { cis: [server('a', { os: 'Windows', site: 'HQ' }, { name: 'wrong' })], source: 'ServiceNow' };
  const preview = await take(told, '?dryRun=true');
  expect(preview.rejected).toEqual([
    { key: 'a', type: 'server', field: 'os', value: 'Windows', kept: 'Debian 13', heldBy: 'agent' },
    { key: 'a', type: 'server', field: '.name', value: 'wrong', kept: 'true', heldBy: 'agent' },
  ]);
  expect((await ask('/proposals')).items).toEqual([]);
  await take(told);
  expect(await ci('a')).toMatchObject({ name: 'true', attributes: { os: 'Debian 13', site: 'HQ' } });
  const first = await ask('/proposals?limit=1');
  const second = await ask(`/proposals?limit=1&cursor=${encodeURIComponent(first.nextCursor)}`);
  expect([...first.items, ...second.items]).toMatchObject([
    { key: 'a', field: '.name', source: 'ServiceNow', value: 'wrong' },
    { key: 'a', field: 'os', source: 'ServiceNow', value: 'Windows', heldBy: 'agent' },
  ]);
  // More authority overwrites, and so does less once no rule speaks.
  await take({ cis: [server('a', { os: 'Debian 14' })], source: 'agent' });
  expect((await ci('a')).attributes.os).toBe('Debian 14');
  await put('/authority', { ciType: '*', attribute: 'os', sources: [] });
  await take(told);
  expect(await ci('a')).toMatchObject({ name: 'true', attributes: { os: 'Windows' } });
  expect((await ask('/proposals')).items).toMatchObject([{ field: '.name' }]);
});

it('marks what a source no longer lists, unless another does, and takes it back when it returns', async () => {
  const { take, ci, ask, put } = site();
  const relation = { from: 'a', type: 'DEPENDS_ON', to: 'b' };
  const all = { cis: [server('a', {}), server('b', {}), server('c', {})], relations: [relation], source: 'NetBox' };
  await take({ ...all, complete: true });
  await take({ cis: [server('c', {})], source: 'agent' });
  const less = { cis: [server('a', {})], source: 'NetBox', complete: true };
  const report = await take(less);
  expect(report).toMatchObject({ absentCount: 2, absent: [{ key: 'b' }, { key: 'c' }] });
  expect([(await ci('b')).status, (await ci('c')).status]).toEqual(['stale', 'active']);
  expect((await ci('a')).relations).toHaveLength(1);
  expect((await ask('/sources')).items).toMatchObject([
    { name: 'NetBox', cis: 3, missing: 2, relations: 1 },
    { name: 'agent', cis: 1, missing: 0 },
  ]);
  expect((await ask('/stale/cis?source=NetBox')).items).toMatchObject([{ key: 'b' }, { key: 'c' }]);
  await take({ ...all, complete: true });
  expect((await ci('b')).status).toBe('active');
  await put('/sources/NetBox', { absentCis: 'retire', absentRelations: 'remove' });
  expect(await take(less)).toMatchObject({ relations: { removed: 1 } });
  expect((await ci('b')).status).toBe('retired');
});

it('opens a task for two that seem to be one, and makes one of them with the history of both', async () => {
  const { take, ask, post, ci } = site();
  await take({
    cis: [server('x', { serialNumber: 'S7', os: 'Debian' }), server('y', { rack: 'R1' }), server('z', {})],
  });
  await take({
    relations: [
      { from: 'z', type: 'DEPENDS_ON', to: 'y' },
      { from: 'y', type: 'DEPENDS_ON', to: 'x' },
    ],
  });
  const report = await take({ cis: [server('y', { serialNumber: 's7', os: 'Windows' })] });
  expect(report).toMatchObject({ duplicates: 1, conflictCount: 1 });
  const [task] = (await ask('/duplicates?state=open')).items;
  expect((await ask('/duplicates?state=open&ciId=x')).items).toEqual([task]);
  expect((await ask('/duplicates?ciId=z')).items).toEqual([]);
  expect(task).toMatchObject({ evidence: expect.stringContaining('serialNumber s7') });
  const gone = await ci('y');
  const window = { ciId: 'y', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', reason: 'disks' };
  expect((await post('/maintenance-windows', window)).status).toBe(201);
  expect((await post(`/duplicates/${task.id}/merge`, { keep: 'z' })).body.error.code).toBe('CMDB_DUPLICATE_NOT_OF_IT');
  expect(await post(`/duplicates/${task.id}/merge`, { keep: 'x' })).toMatchObject({ status: 200 });
  const kept = await ci('x');
  expect(kept.attributes).toEqual({ serialNumber: 's7', os: 'Windows', rack: 'R1' });
  expect(kept.relations).toMatchObject([{ direction: 'in', type: 'DEPENDS_ON', ci: { key: 'z' } }]);
  expect((await ask('/maintenance-windows')).items).toMatchObject([{ ciId: kept.id, reason: 'disks' }]);
  expect((await ask('/cis/y')).error.code).toBe('CMDB_CI_UNKNOWN');
  const history = (await ask(`/cis/${gone.id}/history`)).items;
  expect(history[0]).toMatchObject({ after: null, reason: expect.stringContaining('merged y into x') });
  expect((await post(`/duplicates/${task.id}/dismiss`, {})).body.error.code).toBe('CMDB_DUPLICATE_DECIDED');
});

it('finds pairs in the whole graph, and does not ask again about those that are two', async () => {
  const { take, ask, post } = site();
  await take({ cis: ['a', 'b', 'c'].map((key) => server(key, { mac: key === 'c' ? 'other' : 'AA:BB' })) });
  const search = { type: 'server', identifier: ['mac'] };
  expect((await post('/duplicates/search', search)).body).toEqual({ opened: 1 });
  const [task] = (await ask('/duplicates')).items;
  expect((await post(`/duplicates/${task.id}/dismiss`, {})).body).toEqual({ state: 'dismissed' });
  expect((await post('/duplicates/search', search)).body).toEqual({ opened: 0 });
});

it('asks by the rules of the tenant in place of the starting ones', async () => {
  const { take, put } = site();
  const asset = (key: string) => server(key, { inventory: 'I-5' });
  await take({ cis: [asset('a')] });
  expect(await take({ cis: [asset('b')] }, '?dryRun=true')).toMatchObject({ cis: { created: 1 } });
  await put('/identification', { ciType: 'server', rules: [['inventory'], ['key']] });
  expect(await take({ cis: [asset('b')] }, '?dryRun=true')).toMatchObject({ cis: { created: 0, unchanged: 1 } });
  await put('/identification', { ciType: 'server', rules: [] });
  expect(await take({ cis: [asset('b')] }, '?dryRun=true')).toMatchObject({ cis: { created: 1 } });
});

it('lists what nobody has seen for long, page by page, and no longer once it is told again', async () => {
  const { take, ask } = site();
  const relation = { from: 'a', type: 'DEPENDS_ON', to: 'b' };
  await take({ cis: [server('a', {}), server('b', {})], relations: [relation], source: 'NetBox' });
  clock.advance(41 * DAY_MS);
  const first = await ask('/stale/cis?days=40&limit=1');
  const second = await ask(`/stale/cis?days=40&limit=1&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map((ci: { key: string }) => ci.key).sort()).toEqual(['a', 'b']);
  expect(first.items[0].sources).toMatchObject([{ source: 'NetBox', missingSince: null }]);
  expect((await ask('/stale/relations?days=40&source=NetBox')).items).toMatchObject([relation]);
  expect((await ask('/sources?days=40')).items).toMatchObject([{ unseen: 2, unseenRelations: 1 }]);
  await take({ cis: [server('a', {})], relations: [relation], source: 'NetBox' });
  expect((await ask('/stale/cis?days=40')).items).toMatchObject([{ key: 'b' }]);
  expect((await ask('/stale/relations?days=40')).items).toEqual([]);
  expect((await ask('/stale/cis?cursor=nonsense')).error.status ?? 400).toBe(400);
});

it('tells what is sensitive only to those who may see it, in proposals and exports', async () => {
  const { take, put, as } = site();
  const contract = (costPerYear: number) => ({
    key: 'c',
    type: 'contract',
    attributes: { costPerYear, number: 'A-1' },
  });
  await put('/authority', { ciType: 'contract', attribute: 'costPerYear', sources: ['ERP'] });
  await take({ cis: [contract(9000)], source: 'ERP' });
  await take({ cis: [contract(9500)], source: 'NetBox' });
  const seen = async (role: string) => {
    const ask = (path: string) => http.send('GET', path, undefined, { ...as, role });
    const answers = [await ask('/export'), await ask('/proposals')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    return answers.map(({ body }) => JSON.stringify(body).match(/9[05]00/g)?.length ?? 0);
  };
  expect(await seen('admin')).toEqual([1, 1]);
  expect(await seen('viewer')).toEqual([0, 0]);
});
