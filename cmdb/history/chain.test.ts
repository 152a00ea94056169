import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbox, migrate, outboxMigration, systemClock } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import { postgresAssetGraph } from '../graph/postgres/assetGraph.ts';
import { migrations } from '../schema.ts';
import { verifyChain } from './verifyChain.ts';
import { verifyWholeChain } from './verifyWhole.ts';

let pg: TestDatabase;
let graph: AssetGraph;
const origin = { author: 'Test', reason: 'to see', source: 'suite' };
const newTenant = () => crypto.randomUUID();

beforeAll(async () => {
  pg = await testDatabase([outboxMigration, ...migrations]);
  const clock = systemClock();
  graph = postgresAssetGraph({ db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock });
});
afterAll(() => pg.stop());

describe('whoever tampers with the history through the owner’s connection', () => {
  const four = async () => {
    const tenant = newTenant();
    for (let power = 1; power <= 4; power++) {
      const ci = { key: 'pump', type: 'equipment', attributes: { powerKw: power } };
      await graph.apply(tenant, { cis: [ci], attributes: 'merge' }, { ...origin, reason: `step ${power}` });
    }
    expect((await verifyWholeChain(pg.db, tenant)).broken).toBeNull();
    return tenant;
  };

  it.each([
    [
      'a value',
      `update cmdb_change set after = jsonb_set(after, '{attributes,powerKw}', '9') where version = 2`,
      2n,
      'content',
    ],
    ['an author', `update cmdb_change set author = 'Nobody' where version = 3`, 3n, 'content'],
    ['a reason, on the link too', `update cmdb_chain set reason = 'other' where version = 3`, 3n, 'content'],
    ['a time', `update cmdb_change set at = at + interval '1 ms' where version = 2`, 2n, 'content'],
    ['a change taken out', 'delete from cmdb_change where version = 2', 2n, 'content'],
    [
      'a change and its link taken out',
      'delete from cmdb_change where version = 2; delete from cmdb_chain where version = 2',
      3n,
      'content',
    ],
    ['a link', 'delete from cmdb_chain where version = 2', 2n, 'link'],
    [
      'the newest change and its link',
      'delete from cmdb_change where version = 4; delete from cmdb_chain where version = 4',
      4n,
      'link',
    ],
    [
      'a change put in',
      `insert into cmdb_change (tenant_id, version, seq, kind, ci_id, after, author, at)
        select tenant_id, 2, 99, kind, ci_id, after, author, at from cmdb_change where version = 2`,
      2n,
      'content',
    ],
    ['the graph itself', `update cmdb_ci set name = 'other' where true`, 4n, 'state'],
  ])('is found out: %s', async (_what, sql, version, problem) => {
    const tenant = await four();
    for (const statement of sql.split('; ')) {
      await pg.asOwner(statement.replace('where ', `where tenant_id = '${tenant}' and `));
    }
    expect((await verifyWholeChain(pg.db, tenant)).broken).toMatchObject({ version, problem });
  });
});

it('explains all that a relation says: its group, its demands, its weight, how sure it is', async () => {
  const tenant = newTenant();
  const server = (key: string) => ({ key, type: 'server', attributes: {} });
  const relation = { from: 'a', type: 'DEPENDS_ON', to: 'b', group: 'pool', minUp: 1, attributes: { port: 80 } };
  const put = (more: object) =>
    graph.apply(tenant, { relations: [{ ...relation, ...more }], attributes: 'merge' }, origin);
  await graph.apply(tenant, { cis: [server('a'), server('b')], attributes: 'merge' }, origin);
  await put({});
  await put({ minUpPercent: 62.5, weight: 3, confidence: 0.75 });
  const broken = async () => (await verifyWholeChain(pg.db, tenant)).broken;
  expect(await broken()).toBeNull();
  for (const set of [
    'weight = 4',
    'min_up_percent = 60',
    'confidence = 0.7',
    'min_up = 2',
    `redundancy_group = 'all'`,
  ]) {
    const column = set.split(' ')[0]!;
    const of = `where tenant_id = '${tenant}'`;
    const [{ was }] = (await pg.asOwner<{ was: string }>(`select ${column}::text as was from cmdb_relation ${of}`)) as [
      { was: string },
    ];
    await pg.asOwner(`update cmdb_relation set ${set} ${of}`);
    expect(await broken(), set).toMatchObject({ version: 3n, problem: 'state' });
    await pg.asOwner(`update cmdb_relation set ${column} = '${was}' ${of}`);
    expect(await broken()).toBeNull();
  }
});

it('links what stood before there was a chain, as it is found', async () => {
  const chain = migrations.findIndex((migration) => migration.id === 'cmdb/0012-audit-chain');
  const old = await testDatabase([outboxMigration, ...migrations.slice(0, chain)]);
  try {
    const tenant = newTenant();
    const row = (version: number, key: string) =>
      old.asOwner(
        `insert into cmdb_change (tenant_id, version, seq, kind, ci_id, after, author, source, at)
         values ($1, $2, 1, 'ci', gen_random_uuid(), jsonb_build_object('key', $3::text), 'Old', 'file', now())`,
        [tenant, version, key],
      );
    await row(1, 'a');
    await row(2, 'b');
    await old.asOwner('insert into cmdb_graph (tenant_id, version) values ($1, 3)', [tenant]);
    await migrate(old.ownerUrl, old.secretKey, [outboxMigration, ...migrations]);
    const verified = () => old.db.tenant(tenant, (tx) => verifyChain(tx, { after: null, links: 10 }));
    expect(await verified()).toMatchObject({ broken: null, links: 3, whole: true, last: { version: 3n } });
    await old.asOwner(`update cmdb_change set author = 'New' where version = 1`);
    expect((await verified()).broken).toMatchObject({ version: 1n, author: 'Old', problem: 'content' });
  } finally {
    await old.stop();
  }
});

it('sees a chain that was forged as a whole, by a link that was kept elsewhere', async () => {
  const tenant = newTenant();
  const put = (name: string) =>
    graph.apply(tenant, { cis: [{ key: 'x', type: 'vm', name, attributes: {} }], attributes: 'merge' }, origin);
  await put('one');
  const { head } = await verifyWholeChain(pg.db, tenant);
  await put('two');
  const verify = () => pg.db.tenant(tenant, (tx) => verifyChain(tx, { after: null, links: 10, known: head! }));
  expect((await verify()).broken).toBeNull();
  await pg.asOwner(`update cmdb_change set author = 'Forger' where tenant_id = $1 and version = 1`, [tenant]);
  for (const version of [1, 2]) {
    await pg.asOwner(
      `update cmdb_chain l set hash = cmdb_link_hash(
         (select hash from cmdb_chain b where b.tenant_id = $1 and b.version = $2 - 1), l.tenant_id, l.version, l.at,
         l.author, l.reason, l.source) where l.tenant_id = $1 and l.version = $2`,
      [tenant, version],
    );
  }
  expect((await verifyWholeChain(pg.db, tenant)).broken).toBeNull();
  expect((await verify()).broken).toMatchObject({ version: 1n, problem: 'known' });
});
