import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog, createOutbox, outboxMigration, systemClock, type Tx } from '../../../platform/index.ts';
import { assetGraphContract } from '../../../test/contracts/assetGraph.ts';
import { absent } from '../../../test/engines/absent.ts';
import { HOW_TO_GET_NEO4J, type Neo4jEngine, neo4jIsHere, startNeo4j } from '../../../test/engines/neo4j.ts';
import { type TestDatabase, testDatabase } from '../../../test/engines/postgres.ts';
import { inProcessImpact } from '../../impact/impact.ts';
import { STARTING_MODEL } from '../../model/startingModel.ts';
import { migrations } from '../../schema.ts';
import type { AssetGraph, CiPut, GraphChanges, RelationPut } from '../assetGraph.ts';
import { postgresAssetGraph } from '../postgres/assetGraph.ts';
import type { Tie, TieKind, TieSource } from '../tie.ts';
import { type GraphMirror, graphMirror } from './mirror.ts';
import { mirroredAssetGraph } from './mirroredAssetGraph.ts';
import { Neo4jGraph } from './neo4jGraph.ts';
import { openNeo4j } from './server.ts';
import { dueState, markDue } from './ties/due.ts';
import { Neo4jTies } from './ties/neo4jTies.ts';
import { tieMirror } from './ties/tieMirror.ts';

const here = neo4jIsHere() || absent('Neo4j', HOW_TO_GET_NEO4J);
const origin = { author: 'test' };
const ci = (key: string, type = 'server', attributes: Record<string, unknown> = {}): CiPut => ({
  key,
  type,
  attributes,
});
const relation = (from: string, to: string, type = 'DEPENDS_ON'): RelationPut => ({
  ...{ from, type, to, group: null, minUp: null, attributes: {} },
});
const merge = (changes: Omit<GraphChanges, 'attributes'>): GraphChanges => ({ ...changes, attributes: 'merge' });

describe.runIf(here)('on a real Neo4j', () => {
  let pg: TestDatabase;
  let engine: Neo4jEngine;
  let driver: Driver;
  let neo4j: Neo4jGraph;
  let record: AssetGraph;
  let mirror: GraphMirror;
  let graph: AssetGraph;
  const log = createLog('silent');

  beforeAll(async () => {
    engine = await startNeo4j();
    pg = await testDatabase([outboxMigration, ...migrations]);
    const clock = systemClock();
    driver = openNeo4j({ ...engine, database: 'neo4j' });
    const at = { driver, database: 'neo4j' };
    neo4j = new Neo4jGraph(at);
    record = postgresAssetGraph({ db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock });
    const ties = tieMirror({ db: pg.db, ties: new Neo4jTies(at), sources: [source('work_order'), source('anomaly')] });
    mirror = graphMirror({ record, neo4j, ties, log });
    graph = mirroredAssetGraph({ record, neo4j, mirror, log });
    await mirror.compare(await warmedUp());
  }, 240_000);
  afterAll(async () => {
    await driver?.close();
    await engine?.stop();
    await pg?.stop();
  });
  /** A cold server plans its first statements in seconds. */
  const warmedUp = async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('a'), ci('b')], relations: [relation('a', 'b')] }), origin);
    await mirror.follow(tenant);
    await record.apply(tenant, merge({ cis: [ci('c')], relations: [relation('a', 'c')] }), origin);
    await mirror.follow(tenant);
    return tenant;
  };
  const cypher = async (query: string, parameters: Record<string, unknown>) => {
    const { records } = await driver.executeQuery(query, parameters, { database: 'neo4j' });
    return records.map((row) => row.toObject());
  };

  /** What another part has open, by tenant. */
  const open = new Map<string, Map<string, Tie & { kind: TieKind }>>();
  const source = (kind: TieKind): TieSource => ({
    kind,
    open: async ({ tenantId }, ids) =>
      [...(open.get(tenantId)?.values() ?? [])].filter(
        (tie) => tie.kind === kind && (ids === undefined || ids.includes(tie.id)),
      ),
  });
  /** The other part says what has become of something; null: it is closed. */
  const tell = (tenant: string, kind: TieKind, id: string, tie: Omit<Tie, 'id'> | null) => {
    const all = open.get(tenant) ?? new Map();
    open.set(tenant, all);
    if (tie) all.set(id, { ...tie, id, kind });
    else all.delete(id);
    return pg.db.tenant(tenant, (tx: Tx) => markDue(tx, kind, [id], new Date()));
  };
  const idOf = async (tenant: string, key: string) => {
    const [row] = await pg.asOwner<{ id: string }>('select id from cmdb_ci where tenant_id = $1 and key = $2', [
      tenant,
      key,
    ]);
    return row!.id;
  };

  assetGraphContract('Neo4j that follows PostgreSQL', () => graph);

  it('writes types as labels and plain attributes as properties, and follows a change of type', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('p', 'equipment', { powerKw: 75, note: { a: [1] } })] }), origin);
    await mirror.follow(tenant);
    const query = 'MATCH (n:CI {tenant: $tenant}) RETURN labels(n) AS labels, n.powerKw AS power, n.key AS key';
    expect(await cypher(query, { tenant })).toEqual([{ labels: ['CI', 'Equipment'], power: 75, key: 'p' }]);
    await record.apply(tenant, merge({ cis: [ci('p', 'server')] }), origin);
    await mirror.follow(tenant);
    expect((await cypher(query, { tenant }))[0]).toMatchObject({ labels: ['CI', 'Server'] });
  });

  it('is equal by count and checksum after any changes, and says when it is not', async () => {
    const tenant = randomUUID();
    await record.apply(
      tenant,
      merge({ cis: [ci('a'), ci('b', 'vm', { x: 1.5 })], relations: [relation('a', 'b')] }),
      origin,
    );
    await mirror.follow(tenant);
    await record.apply(
      tenant,
      merge({ cis: [ci('b', 'vm', { y: 'ü' }), ci('c')], relations: [relation('b', 'c')] }),
      origin,
    );
    await record.apply(tenant, merge({ removeCis: ['a'] }), origin);
    expect((await mirror.compare(tenant)).equal).toBe(false);
    await mirror.follow(tenant);
    const comparison = await mirror.compare(tenant);
    expect(comparison).toMatchObject({ equal: true, record: { nodes: 2, relations: 1, version: 3n } });
    await cypher('MATCH (n:CI {tenant: $tenant, key: "c"}) SET n.name = "other"', { tenant });
    expect((await mirror.compare(tenant)).equal).toBe(false);
    await mirror.rebuild(tenant);
    expect((await mirror.compare(tenant)).equal).toBe(true);
  });

  it('follows side by side without losing or repeating a change', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('hub')] }), origin);
    await mirror.follow(tenant);
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        await record.apply(tenant, merge({ cis: [ci(`n${i}`)], relations: [relation(`n${i}`, 'hub')] }), origin);
        await mirror.follow(tenant);
      }),
    );
    expect(await mirror.follow(tenant)).toBe(13n);
    expect(await mirror.compare(tenant)).toMatchObject({ equal: true, record: { nodes: 13, relations: 12 } });
  });

  it('takes a graph that was left half built for none, and builds it again', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('a'), ci('b')], relations: [relation('a', 'b')] }), origin);
    const broken = neo4j.rebuild(
      tenant,
      async (begin) => {
        await begin(1n, STARTING_MODEL).nodes([{ id: randomUUID(), key: 'x', type: 'server', name: 'x' }]);
        throw new Error('the power went');
      },
      () => undefined,
    );
    await expect(broken).rejects.toThrow('the power went');
    expect(await neo4j.version(tenant)).toBe(null);
    expect((await mirror.compare(tenant)).equal).toBe(false);
    await mirror.follow(tenant);
    expect((await mirror.compare(tenant)).equal).toBe(true);
  });

  it('ties orders and anomalies to their CIs, takes closed ones away and late news for what it is', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('a'), ci('b')], relations: [relation('b', 'a')] }), origin);
    const [a, b] = [await idOf(tenant, 'a'), await idOf(tenant, 'b')];
    const [order, anomaly] = [randomUUID(), randomUUID()];
    const openedAt = new Date('2026-11-22T16:00:00.250Z');
    await tell(tenant, 'work_order', order, { ciId: a, properties: { number: 'WO-000001', state: 'new', openedAt } });
    await tell(tenant, 'anomaly', anomaly, { ciId: b, properties: { fault: 'outer', confidence: 0.75, level: null } });
    await mirror.follow(tenant);
    const near = `MATCH (:CI {tenant: $tenant, key: 'b'})-[:DEPENDS_ON*0..2]->(n)<-[r:ABOUT|ON]-(t)
      RETURN n.key AS key, type(r) AS how, labels(t)[0] AS what, t.state AS state, t.fault AS fault,
             t.openedAt > datetime('2026-11-22T16:00:00Z') AS late ORDER BY what`;
    expect(await cypher(near, { tenant })).toEqual([
      { key: 'b', how: 'ON', what: 'Anomaly', state: null, fault: 'outer', late: null },
      { key: 'a', how: 'ABOUT', what: 'WorkOrder', state: 'new', fault: null, late: true },
    ]);
    // Moved to another CI and on, told twice; the news of before comes last, and says what is.
    await tell(tenant, 'work_order', order, {
      ciId: b,
      properties: { number: 'WO-000001', state: 'accepted', openedAt },
    });
    await tell(tenant, 'anomaly', anomaly, null);
    expect(await pg.db.tenant(tenant, dueState)).toMatchObject({ tiesBehind: 2 });
    expect((await mirror.compare(tenant)).equal).toBe(false);
    await mirror.follow(tenant);
    await pg.db.tenant(tenant, (tx) => markDue(tx, 'work_order', [order], new Date()));
    await mirror.follow(tenant);
    const now = [{ key: 'b', how: 'ABOUT', what: 'WorkOrder', state: 'accepted', fault: null, late: true }];
    expect(await cypher(near, { tenant })).toEqual(now);
    expect(await mirror.compare(tenant)).toMatchObject({ equal: true, record: { ties: 1 }, neo4j: { ties: 1 } });
    expect(await pg.db.tenant(tenant, dueState)).toEqual({ tiesBehind: 0, tiesSince: null });
    // Whoever took something away there, or brought back the server's copy of yesterday, is found out.
    await cypher('MATCH (t:WorkOrder {tenant: $tenant}) SET t.state = "closed"', { tenant });
    expect((await mirror.compare(tenant)).equal).toBe(false);
    await cypher('MATCH (v:GraphVersion {tenant: $tenant}) SET v.ties = "of yesterday"', { tenant });
    await mirror.follow(tenant);
    expect(await cypher(near, { tenant })).toEqual(now);
    await cypher('MATCH (t:WorkOrder {tenant: $tenant}) DETACH DELETE t', { tenant });
    await mirror.rebuild(tenant);
    expect((await mirror.compare(tenant)).equal).toBe(true);
  });

  it('ties what was there before its CI, and lets go of a CI that is removed', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('a'), ci('b')] }), origin);
    const [order, gone] = [randomUUID(), await idOf(tenant, 'a')];
    await tell(tenant, 'work_order', order, { ciId: gone, properties: { number: 'WO-000002' } });
    await mirror.follow(tenant);
    await record.apply(tenant, merge({ removeCis: ['a'] }), origin);
    await mirror.follow(tenant);
    const drawn = 'MATCH (t:WorkOrder {tenant: $tenant}) RETURN t.number AS number, size([(t)-->(n) | n]) AS ties';
    expect(await cypher(drawn, { tenant })).toEqual([{ number: 'WO-000002', ties: 0n }]);
    expect((await mirror.compare(tenant)).equal).toBe(true);
    await record.apply(tenant, merge({ cis: [ci('late')] }), origin);
    const late = await idOf(tenant, 'late');
    // The order's news is quicker than the CI's.
    open.get(tenant)!.set(order, { id: order, kind: 'work_order', ciId: late, properties: { number: 'WO-000003' } });
    await cypher('MATCH (t:WorkOrder {tenant: $tenant}) SET t.ciId = $late, t.number = "WO-000003"', { tenant, late });
    await mirror.follow(tenant);
    expect(await cypher(drawn, { tenant })).toEqual([{ number: 'WO-000003', ties: 1n }]);
    expect((await mirror.compare(tenant)).equal).toBe(true);
  });

  it('many who follow and tell at the same time leave what was told last', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('a')] }), origin);
    const ciId = await idOf(tenant, 'a');
    const ids = Array.from({ length: 5 }, () => randomUUID());
    await mirror.follow(tenant);
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        ids.map(async (id, at) => {
          const state = (round + at) % 3 === 0 ? null : { ciId, properties: { round } };
          await tell(tenant, at % 2 === 0 ? 'work_order' : 'anomaly', id, state);
          await mirror.follow(tenant);
        }),
      );
    }
    expect(await mirror.compare(tenant)).toMatchObject({ equal: true, record: { ties: open.get(tenant)!.size } });
    expect(await pg.db.tenant(tenant, dueState)).toMatchObject({ tiesBehind: 0 });
  });

  it('holds no sensitive attribute, and is no less equal for it', async () => {
    const tenant = randomUUID();
    const contract = ci('c', 'contract', { costPerYear: 73_461.5, note: 'x' });
    await record.apply(tenant, merge({ cis: [contract] }), origin);
    await mirror.follow(tenant);
    await record.apply(tenant, merge({ cis: [ci('d', 'contract', { costPerYear: 61_743.5 })] }), origin);
    await mirror.follow(tenant);
    const found = await cypher('MATCH (n:CI {tenant: $tenant}) RETURN properties(n) AS all ORDER BY n.key', { tenant });
    expect(found.map(({ all }) => all.key)).toEqual(['c', 'd']);
    expect(JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toMatch(
      /costPerYear|73461|61743/,
    );
    expect((await mirror.compare(tenant)).equal).toBe(true);
  });

  it('without redundancy a failure reaches exactly what Neo4j reaches, on random graphs', async () => {
    // What suffers stands at the one end or at the other, by type; the rest carries nothing.
    const FAMILIES = [
      ['DEPENDS_ON', 'RUNS_ON', 'CONNECTED_TO', 'MONITORS'],
      ['PART_OF', 'FEEDS', 'POWERS', 'RELATED_TO'],
    ];
    const graphs = fc
      .record({ family: fc.constantFrom(...FAMILIES), size: fc.integer({ min: 2, max: 11 }) })
      .chain(({ family, size }) =>
        fc.record({
          size: fc.constant(size),
          ends: fc.array(
            fc.record({ from: fc.nat(size - 1), to: fc.nat(size - 1), type: fc.constantFrom(...family) }),
            { minLength: size, maxLength: size * 2 },
          ),
        }),
      );
    const impact = inProcessImpact({ graph, clock: systemClock() });
    const reach = [
      'MATCH (s:CI {tenant: $tenant})<-[:DEPENDS_ON|RUNS_ON|CONNECTED_TO*1..]-(n:CI) WHERE n <> s RETURN DISTINCT s.key AS failed, n.key AS reached',
      'MATCH (s:CI {tenant: $tenant})-[:PART_OF|FEEDS|POWERS*1..]->(n:CI) WHERE n <> s RETURN DISTINCT s.key AS failed, n.key AS reached',
    ];
    const tenant = randomUUID();
    // Side by side in one tenant: they share nothing, and are written once.
    const sampled = fc.sample(graphs, { seed: 20261122, numRuns: 30 }).map(({ size, ends }, at) => ({
      cis: Array.from({ length: size }, (_, index) => ci(`g${at}n${index}`)),
      relations: ends
        .filter(({ from, to }) => from !== to)
        .map(({ from, to, type }) => ({ ...relation(`g${at}n${from}`, `g${at}n${to}`, type), group: '' })),
    }));
    const cis = sampled.flatMap((one) => one.cis);
    const drawn = sampled.flatMap(({ relations }) => relations);
    const relations = [...new Map(drawn.map((one) => [`${one.from} ${one.type} ${one.to}`, one])).values()];
    await record.apply(tenant, merge({ cis, relations }), origin);
    await mirror.follow(tenant);
    const byNeo4j = new Map<unknown, string[]>();
    for (const query of reach) {
      for (const { failed, reached } of await cypher(query, { tenant })) {
        byNeo4j.set(failed, [...(byNeo4j.get(failed) ?? []), reached as string]);
      }
    }
    let reached = 0;
    for (const { key } of cis) {
      const { affected } = await impact.impact(tenant, { failed: [{ ciId: key, state: 'down' }], affectedLimit: 100 });
      const down = affected.filter((one) => one.key !== key && one.state === 'down').map((one) => one.key);
      expect(down.sort(), key).toEqual((byNeo4j.get(key) ?? []).sort());
      reached += down.length;
    }
    expect(reached).toBeGreaterThan(200);
  });

  it('tells how far a rebuild is', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('a'), ci('b')], relations: [relation('a', 'b')] }), origin);
    const told: string[] = [];
    await mirror.rebuild(tenant, ({ phase, done }) => told.push(`${phase} ${done}`));
    expect(told).toEqual(['removing 0', 'nodes 2', 'relations 1']);
  });

  it('while Neo4j is away the graph is read from PostgreSQL; back, it catches up', async () => {
    const tenant = randomUUID();
    await record.apply(tenant, merge({ cis: [ci('a')] }), origin);
    await mirror.follow(tenant);
    await engine.kill();
    await record.apply(tenant, merge({ cis: [ci('b')] }), origin);
    const keys: string[] = [];
    await graph.load(tenant, () => ({
      nodes: (batch) => void keys.push(...batch.map((node) => node.key)),
      edges: () => undefined,
    }));
    expect(keys.sort()).toEqual(['a', 'b']);
    await expect(mirror.follow(tenant)).rejects.toThrow();
    await engine.restart();
    expect(await mirror.follow(tenant)).toBe(2n);
    expect((await mirror.compare(tenant)).equal).toBe(true);
  }, 240_000);
});
