import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';

let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp();
});
afterAll(() => http.stop());

const LEAVES = 30;

/** A shop on two web servers of which one must be up, both on one switch, which thirty printers hang on too. */
async function plant() {
  const tenantId = randomUUID();
  const send = (path: string, body: unknown) => http.send('POST', path, body, { tenantId });
  const depend = (from: string, to: string, group?: string) => ({
    from,
    type: 'DEPENDS_ON',
    to,
    redundancy_group: group,
  });
  const printers = Array.from({ length: LEAVES }, (_, at) => `printer-${String(at).padStart(2, '0')}`);
  const imported = await send('/import', {
    cis: [
      { key: 'shop', type: 'business_service' },
      { key: 'ann', type: 'person' },
      ...['web1', 'web2', ...printers].map((key) => ({ key, type: 'server' })),
      { key: 'switch', type: 'network_device' },
    ],
    relations: [
      depend('shop', 'web1', 'web'),
      depend('shop', 'web2', 'web'),
      ...['web1', 'web2', ...printers].map((key) => depend(key, 'switch')),
      { from: 'shop', type: 'OWNED_BY', to: 'ann' },
    ],
  });
  expect(imported.status).toBe(200);
  type Ci = { key: string; id: string; state: string; hidden: object };
  const part = async (body: object) => {
    const answer = await send('/neighbourhood', body);
    const { cis, relations, groups, truncated } = answer.body;
    const named = new Map<string, Ci>(cis?.map((ci: Ci) => [ci.key, ci]));
    return {
      status: answer.status,
      error: answer.body.error,
      named,
      keys: [...named.keys()],
      relations,
      groups,
      truncated,
    };
  };
  return { part, send };
}

test('goes along with the failure or against it, without turning, and counts what it leaves out', async () => {
  const { part } = await plant();
  const needs = await part({ around: ['shop'], depth: 2 });
  expect(needs.keys.toSorted()).toEqual(['shop', 'switch', 'web1', 'web2']);
  expect(needs.named.get('switch')).toMatchObject({ hidden: { providers: 0, dependents: LEAVES, facts: 0 } });
  expect(needs.named.get('shop')).toMatchObject({ hidden: { facts: 1 }, distance: 0, state: 'ok' });
  expect(needs.relations).toHaveLength(4);
  expect(needs.groups).toEqual([expect.objectContaining({ group: 'web', up: 2, members: 2, minUp: 1, weight: null })]);
  expect((await part({ around: ['shop'], depth: 1, facts: true })).keys.toSorted()).toEqual([
    'ann',
    'shop',
    'web1',
    'web2',
  ]);
  expect((await part({ around: ['web1'], depth: 2, direction: 'dependents' })).keys).toEqual(['web1', 'shop']);
});

test('of a hub some neighbours are told, those that are not well first, and all once it is opened', async () => {
  const { part } = await plant();
  const some = await part({ around: ['switch'], depth: 1, fanout: 3, fail: [{ ci: 'printer-29', state: 'degraded' }] });
  expect(some.keys).toEqual(['switch', 'printer-29', 'printer-00', 'printer-01']);
  expect(some.named.get('printer-29')).toMatchObject({ state: 'degraded', own: 'degraded', planned: false });
  expect(some.truncated).toBe(false);
  const open = [some.named.get('switch')!.id];
  expect((await part({ around: ['switch'], depth: 1, fanout: 3, open })).keys).toHaveLength(LEAVES + 3);
  const cut = await part({ around: ['switch'], depth: 1, fanout: 3, open, limit: 10 });
  expect([cut.keys.length, cut.truncated]).toEqual([10, true]);
  const child = await part({ around: ['shop'], depth: 1, fanout: 1, open: [some.named.get('printer-29')!.id] });
  expect(child.keys).toEqual(['shop', 'web1']);
});

test('shows the state that follows from a supposition, and how much of a group is left', async () => {
  const { part } = await plant();
  const one = await part({ around: ['shop'], fail: [{ ci: 'web1' }] });
  expect(one.named.get('shop')).toMatchObject({ state: 'degraded', own: null });
  expect(one.groups).toMatchObject([{ up: 1, members: 2, minUp: 1 }]);
  const all = await part({ around: ['shop'], maintain: ['switch'] });
  expect(all.named.get('switch')).toMatchObject({ state: 'down', own: 'down', planned: true });
  expect(all.named.get('shop')).toMatchObject({ state: 'down', own: null, planned: false });
  expect(all.groups).toMatchObject([{ up: 0 }]);
  const unknown = await part({ around: ['nobody'] });
  expect(unknown).toMatchObject({ status: 404, error: { code: 'CMDB_CI_UNKNOWN' } });
});
