import { randomUUID } from 'node:crypto';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog, createOutbox, outboxMigration, systemClock } from '../../../platform/index.ts';
import { assetGraphContract } from '../../../test/contracts/assetGraph.ts';
import { absent } from '../../../test/engines/absent.ts';
import { HOW_TO_GET_NEO4J, type Neo4jEngine, neo4jIsHere, startNeo4j } from '../../../test/engines/neo4j.ts';
import { type TestDatabase, testDatabase } from '../../../test/engines/postgres.ts';
import { migrations } from '../../schema.ts';
import type { AssetGraph, CiPut, GraphChanges, RelationPut } from '../assetGraph.ts';
import { postgresAssetGraph } from '../postgres/assetGraph.ts';
import { type GraphMirror, graphMirror } from './mirror.ts';
import { mirroredAssetGraph } from './mirroredAssetGraph.ts';
import { Neo4jGraph } from './neo4jGraph.ts';
import { openNeo4j } from './server.ts';

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
    neo4j = new Neo4jGraph(driver, 'neo4j');
    record = postgresAssetGraph({ db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock });
    mirror = graphMirror({ record, neo4j, log });
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
        await begin(1n).nodes([{ id: randomUUID(), key: 'x', type: 'server', name: 'x' }]);
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
