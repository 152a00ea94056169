import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOutbox, manualClock, outboxMigration } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import type { RelationPut } from '../graph/assetGraph.ts';
import { postgresAssetGraph } from '../graph/postgres/assetGraph.ts';
import { listCis } from '../lookups/ci.ts';
import { migrations } from '../schema.ts';
import { addWindow } from './windows.ts';
import { workEnds, workedOn } from './workedOn.ts';

const clock = manualClock();
let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase([outboxMigration, ...migrations]);
});
afterAll(() => pg.stop());

it('is one rule both ways: parts of what is worked on, what runs on it alone, however deep, in rings too', async () => {
  const tied = (from: string, type: string, to: string, group: string | null = null): RelationPut => ({
    ...{ from, type, to, group, minUp: null },
    attributes: {},
  });
  const chain = Array.from({ length: 30 }, (_, depth) => tied(`part-${depth + 1}`, 'PART_OF', `part-${depth}`));
  const relations = [
    ...[tied('room', 'LOCATED_IN', 'hall'), tied('host', 'PART_OF', 'room'), tied('vm', 'RUNS_ON', 'host')],
    ...[tied('app', 'RUNS_ON', 'vm'), tied('shop', 'DEPENDS_ON', 'app'), tied('room', 'PART_OF', 'vm')],
    ...[tied('spread', 'RUNS_ON', 'host', 'hosts'), tied('spread', 'RUNS_ON', 'other', 'hosts')],
    ...[tied('part-0', 'PART_OF', 'room'), ...chain],
  ];
  const keys = new Set(relations.flatMap(({ from, to }) => [from, to]));
  const graph = postgresAssetGraph({ db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock });
  const cis = [...keys].map((key) => ({ key, type: 'server', attributes: {} }));
  await graph.apply(pg.tenantId, { cis, relations, attributes: 'merge' }, { author: 'me' });
  await pg.db.tenant(pg.tenantId, async (tx) => {
    const ids = new Map((await listCis(tx, { limit: 100 })).map(({ id, key }) => [key, id]));
    const keyOf = new Map([...ids].map(([key, id]) => [id, key]));
    const now = clock.nowMs();
    const window = { ciId: ids.get('room')!, reason: 'paint', author: 'me' };
    await addWindow(tx, { ...window, from: new Date(now), to: new Date(now + 1000) });
    const down = await workedOn(tx, [{ ciId: window.ciId, sinceMs: now }]);
    const worked = ['room', 'host', 'vm', 'app', 'part-0', ...chain.map(({ from }) => from)];
    expect(down.map(({ ciId }) => keyOf.get(ciId)).sort()).toEqual(worked.toSorted());
    expect(down.every((one) => one.planned && one.sinceMs === now)).toBe(true);
    const ends = await workEnds(tx, [...ids.values()], new Date(now));
    expect([...ends.keys()].map((id) => keyOf.get(id)).sort()).toEqual(worked.toSorted());
    expect([...(await workEnds(tx, [...ids.values()], new Date(now + 1000))).keys()]).toEqual([]);
  });
});
