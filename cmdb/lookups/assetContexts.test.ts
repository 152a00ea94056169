import { afterAll, beforeAll, expect, it } from 'vitest';
import { manualClock, newId, outboxMigration } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import type { RelationPut } from '../graph/assetGraph.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { migrations } from '../schema.ts';
import { type AssetContext, assetContexts } from './assetContexts.ts';
import { findCi } from './ci.ts';

const clock = manualClock();
const outbox = { publish: async () => '', publishAll: async () => [] };
let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase([outboxMigration, ...migrations]);
  const ci = (key: string, type: string, attributes = {}) => ({ key, type, name: `The ${key}`, attributes });
  const relate = (from: string, type: string, to: string, attributes = {}): RelationPut => ({
    ...{ from, type, to, attributes },
    group: null,
    minUp: null,
  });
  const cis = [
    ci('site', 'site'),
    ci('hall', 'building'),
    ci('line', 'line', { device: 'plc-1' }),
    ci('pump', 'equipment'),
    ci('bearing', 'component'),
    ci('spare', 'equipment'),
    ci('lena', 'person', { email: 'lena@plant.example', phone: '+1', locale: 'zh-CN' }),
    ci('anton', 'person', { email: 'anton@plant.example' }),
    ci('boss', 'person', { email: 'boss@plant.example' }),
    ci('maker', 'supplier', { email: 'help@maker.example' }),
  ];
  const relations = [
    relate('bearing', 'PART_OF', 'pump'),
    relate('pump', 'PART_OF', 'line'),
    relate('line', 'LOCATED_IN', 'hall'),
    relate('hall', 'LOCATED_IN', 'site'),
    relate('line', 'OWNED_BY', 'lena', { role: 'accountable' }),
    relate('line', 'OWNED_BY', 'anton', { role: 'deputy' }),
    relate('site', 'OWNED_BY', 'boss'),
    relate('pump', 'SUPPLIED_BY', 'maker'),
    relate('pump', 'SUPPORTED_BY', 'maker'),
  ];
  await pg.db.tenant(pg.tenantId, (tx) =>
    applyChanges({ clock, outbox }, tx, { cis, relations, attributes: 'replace' }, { author: 'test' }),
  );
});
afterAll(() => pg.stop());

async function contextsOf(...keys: string[]): Promise<(AssetContext | undefined)[]> {
  return pg.db.tenant(pg.tenantId, async (tx) => {
    const ids: string[] = [];
    for (const key of keys) ids.push((await findCi(tx, key))!.id);
    const contexts = await assetContexts(tx, ids);
    return ids.map((id) => contexts.get(id));
  });
}

it('finds machine, line, places and the nearest who answer, accountable before deputy', async () => {
  const [context] = await contextsOf('bearing');
  expect(context).toMatchObject({
    machine: { name: 'The pump' },
    line: { name: 'The line', device: 'plc-1' },
    places: ['line', 'hall', 'site'],
  });
  expect(context!.leaders.map((p) => [p.name, p.email, p.phone, p.locale])).toEqual([
    ['The lena', 'lena@plant.example', '+1', 'zh-CN'],
    ['The anton', 'anton@plant.example', null, 'en'],
  ]);
  expect(context!.suppliers.map((p) => p.name)).toEqual(['The maker']);
});

it('answers for many at once, and for one that stands alone', async () => {
  const [pump, spare, hall] = await contextsOf('pump', 'spare', 'hall');
  expect(pump!.machine!.name).toBe('The pump');
  expect(spare).toMatchObject({ machine: { name: 'The spare' }, line: null, places: [], leaders: [], suppliers: [] });
  expect(hall).toMatchObject({ machine: null, places: ['hall', 'site'], leaders: [{ name: 'The boss' }] });
});

it('leaves out what is unknown, and what belongs to another tenant', async () => {
  const id = await pg.db.tenant(pg.tenantId, async (tx) => (await findCi(tx, 'pump'))!.id);
  const unknown = await pg.db.tenant(pg.tenantId, (tx) => assetContexts(tx, [newId()]));
  const foreign = await pg.db.tenant(newId(), (tx) => assetContexts(tx, [id]));
  expect([unknown.size, foreign.size]).toEqual([0, 0]);
});
