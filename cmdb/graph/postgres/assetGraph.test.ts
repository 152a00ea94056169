import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbox, outboxMigration, systemClock } from '../../../platform/index.ts';
import { assetGraphContract } from '../../../test/contracts/assetGraph.ts';
import { type TestDatabase, testDatabase } from '../../../test/engines/postgres.ts';
import { GraphChanged } from '../../events.ts';
import { migrations } from '../../schema.ts';
import type { AssetGraph, CiPut } from '../assetGraph.ts';
import { postgresAssetGraph } from './assetGraph.ts';

let pg: TestDatabase;
let graph: AssetGraph;

beforeAll(async () => {
  pg = await testDatabase([outboxMigration, ...migrations]);
  const clock = systemClock();
  const listener = { name: 'test.listener', event: GraphChanged, handle: async () => undefined };
  graph = postgresAssetGraph({ db: pg.db, outbox: createOutbox(clock, [listener], () => undefined), clock });
});
afterAll(() => pg.stop());

assetGraphContract('PostgreSQL', () => graph);

it('leaves one event per committed change, none for a change that is none', async () => {
  const cis = [{ key: 'a', type: 'server', attributes: {} }];
  await graph.apply(pg.tenantId, { cis, attributes: 'merge' }, { author: 'me' });
  await graph.apply(pg.tenantId, { cis, attributes: 'merge' }, { author: 'me' });
  const events = await pg.asOwner('select payload from event where tenant_id = $1', [pg.tenantId]);
  expect(events).toEqual([{ payload: { version: '1', cis: 1, relations: 0 } }]);
});

it('keeps the source of each attribute, by what each change made different', async () => {
  const told = (source: string, ci: Partial<CiPut>, attributes: 'merge' | 'replace' = 'merge') =>
    graph.apply(
      pg.tenantId,
      { cis: [{ key: 'told', type: 'vm', attributes: {}, ...ci }], attributes },
      { author: 'me', source },
    );
  const sources = async () => {
    const [row] = await pg.asOwner<{ sources: object }>(`select sources from cmdb_ci where key = 'told'`);
    return row!.sources;
  };
  await told('netbox', { name: 'Told', attributes: { cores: 4, memoryGb: 8, rack: 'r1' } });
  expect(await sources()).toEqual({ '*': 'netbox' });
  await told('scanner', { name: 'Told', attributes: { cores: 8, memoryGb: 8, os: 'linux' } });
  expect(await sources()).toEqual({ '*': 'netbox', cores: 'scanner', os: 'scanner' });
  await told('api', { status: 'retired', attributes: { memoryGb: 8 } }, 'replace');
  expect(await sources()).toEqual({ '*': 'netbox', '.status': 'api' });
});

describe('whoever writes past applyChanges', () => {
  const relate = (from: string, tos: readonly string[]) =>
    pg.db.tenant(pg.tenantId, (tx) =>
      tx.query(
        `insert into cmdb_relation (tenant_id, id, from_id, type, to_id, attributes, version)
         select $1, gen_random_uuid(), $2, 'DEPENDS_ON', to_id, '{}', 1 from unnest($3::uuid[]) to_id`,
        [pg.tenantId, from, tos],
      ),
    );
  const idOf = async (key: string) => {
    await graph.apply(
      pg.tenantId,
      { cis: [{ key, type: 'vm', attributes: {} }], attributes: 'merge' },
      { author: 'me' },
    );
    const [row] = await pg.asOwner<{ id: string }>('select id from cmdb_ci where tenant_id = $1 and key = $2', [
      pg.tenantId,
      key,
    ]);
    return row!.id;
  };

  // Few rows are looked up one by one, many are joined.
  it.each([1, 2_000])('cannot relate what is no CI, be it one of %d', async (count) => {
    const known = await idOf('known');
    const [nobody, ...others] = Array.from({ length: count }, () => randomUUID());
    await expect(relate(known, [nobody!, ...others])).rejects.toThrow(/is no CI of its tenant/);
    await expect(relate(nobody!, [known])).rejects.toThrow(/is no CI of its tenant/);
    const left = await pg.asOwner('select 1 from cmdb_relation where tenant_id = $1', [pg.tenantId]);
    expect(left).toEqual([]);
  });

  it('cannot remove a CI that still has relations, nor make a row another', async () => {
    const [from, to] = [await idOf('from'), await idOf('to')];
    await relate(from, [to]);
    for (const key of ['from', 'to']) {
      const remove = pg.asOwner('delete from cmdb_ci where tenant_id = $1 and key = $2', [pg.tenantId, key]);
      await expect(remove).rejects.toThrow(/still has relations/);
    }
    await expect(pg.asOwner('update cmdb_ci set id = $1 where id = $2', [randomUUID(), to])).rejects.toThrow(/never/);
    await expect(pg.asOwner('update cmdb_relation set to_id = $1 where to_id = $2', [from, to])).rejects.toThrow(
      /never/,
    );
  });
});
