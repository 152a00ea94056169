import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOutbox, manualClock, outboxMigration } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import { postgresAssetGraph } from '../graph/postgres/assetGraph.ts';
import { migrations } from '../schema.ts';
import { ProjectionCache } from './projectionCache.ts';

const clock = manualClock();
let pg: TestDatabase;
let graph: AssetGraph;

beforeAll(async () => {
  pg = await testDatabase([outboxMigration, ...migrations]);
  graph = postgresAssetGraph({ db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock });
});
afterAll(() => pg.stop());

const put = (tenantId: string, ...keys: string[]) =>
  graph.apply(
    tenantId,
    { cis: keys.map((key) => ({ key, type: 'server', attributes: {} })), attributes: 'merge' },
    { author: 'me' },
  );

describe('projection cache', () => {
  it('loads once, then follows changes by version', async () => {
    const tenant = crypto.randomUUID();
    await put(tenant, 'a');
    const cache = new ProjectionCache({ graph, clock, capacity: 2 });
    const load = vi.spyOn(graph, 'load');
    const [first, same] = await Promise.all([cache.current(tenant), cache.current(tenant)]);
    expect(first).toBe(same);
    await put(tenant, 'b');
    expect((await cache.current(tenant)).projection.version).toBe(1n);
    await clock.advance(200);
    const later = await cache.current(tenant);
    expect([later, later.projection.version, later.projection.find('b')]).toEqual([first, 2n, 1]);
    expect(load).toHaveBeenCalledTimes(1);
    load.mockRestore();
  });

  it('reads a demanded version at once, and gives up on one that does not come within a second', async () => {
    const tenant = crypto.randomUUID();
    const cache = new ProjectionCache({ graph, clock, capacity: 2 });
    await cache.current(tenant);
    await put(tenant, 'a');
    expect((await cache.current(tenant, 1n)).projection.version).toBe(1n);
    const started = clock.nowMs();
    let over = false;
    const refused = expect(cache.current(tenant, 9n)).rejects.toMatchObject({ code: 'CMDB_VERSION_AHEAD' });
    void refused.finally(() => {
      over = true;
    });
    while (!over) {
      await clock.advance(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await refused;
    expect(clock.nowMs() - started).toBeGreaterThanOrEqual(1000);
  });

  it('keeps the tenants that were asked about last', async () => {
    const cache = new ProjectionCache({ graph, clock, capacity: 2 });
    const [one, two, three] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    const first = await cache.current(one);
    const second = await cache.current(two);
    expect(await cache.current(one)).toBe(first);
    await cache.current(three);
    expect(cache.size).toBe(2);
    expect(await cache.current(one)).toBe(first);
    expect(await cache.current(two)).not.toBe(second);
  });
});
