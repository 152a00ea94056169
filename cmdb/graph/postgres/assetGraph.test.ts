import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOutbox, outboxMigration, systemClock } from '../../../platform/index.ts';
import { assetGraphContract } from '../../../test/contracts/assetGraph.ts';
import { type TestDatabase, testDatabase } from '../../../test/engines/postgres.ts';
import { GraphChanged } from '../../events.ts';
import { migrations } from '../../schema.ts';
import type { AssetGraph } from '../assetGraph.ts';
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
