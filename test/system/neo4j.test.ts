import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openNeo4j } from '../../cmdb/graph/neo4j/server.ts';
import { absent } from '../engines/absent.ts';
import { HOW_TO_GET_NEO4J, type Neo4jEngine, neo4jIsHere, startNeo4j } from '../engines/neo4j.ts';
import { type Composed, composed } from './composed.ts';

const here = neo4jIsHere() || absent('Neo4j', HOW_TO_GET_NEO4J);
const PATIENCE = { timeout: 90_000, interval: 250 };

interface MirrorState {
  enabled: boolean;
  version: string;
  mirrored: string | null;
  behind: string;
  tiesBehind: number;
  problem: string | null;
}

describe.runIf(here)('a Neo4j that follows', () => {
  let engine: Neo4jEngine;
  let system: Composed;
  let driver: Driver;

  beforeAll(async () => {
    engine = await startNeo4j();
    system = await composed({
      ...{ NEO4J_URL: engine.url, NEO4J_USER: engine.user, NEO4J_PASSWORD: engine.password },
      GRAPH_LOAD_FROM: 'neo4j',
    });
    driver = openNeo4j({ ...engine, database: 'neo4j' });
  }, 300_000);
  afterAll(async () => {
    await driver?.close();
    await system?.stop();
    await engine?.stop();
  });

  const caughtUp = () =>
    vi.waitFor(async () => {
      const state = await system.api.get<MirrorState>('/api/v1/cmdb/mirror');
      expect(state).toMatchObject({ enabled: true, behind: '0', tiesBehind: 0, problem: null });
      return state;
    }, PATIENCE);

  test('what is imported stands in Neo4j, and what breaks is what Neo4j reaches', async () => {
    // No redundancy: everything that reaches a failed CI over its dependencies is not ok.
    const names = Array.from({ length: 60 }, (_, i) => `n${i}`);
    const relations = names.flatMap((from, i) =>
      [(i * 7 + 1) % 60, (i * 13 + 5) % 60]
        .filter((to) => to !== i && to > i)
        .map((to) => ({ from, type: 'DEPENDS_ON', to: names[to]! })),
    );
    const unique = [...new Map(relations.map((relation) => [`${relation.from} ${relation.to}`, relation])).values()];
    await system.api.post('/api/v1/cmdb/import', {
      cis: names.map((key) => ({ key, type: 'application', name: key })),
      relations: unique,
    });
    await caughtUp();
    for (const failed of ['n59', 'n40', 'n23', 'n7']) {
      const { records } = await driver.executeQuery(
        'MATCH (n:CI)-[:DEPENDS_ON*1..]->(:CI {key: $failed}) RETURN DISTINCT n.key AS key',
        { failed },
      );
      const reached = records.map((record) => record.get('key') as string).sort();
      const verdict = await system.api.post<{ affected: { key: string }[] }>('/api/v1/cmdb/impact', {
        failed: [{ ci: failed, state: 'down' }],
        affectedLimit: 1000,
      });
      expect(
        verdict.affected
          .map(({ key }) => key)
          .filter((key) => key !== failed)
          .sort(),
      ).toEqual(reached);
    }
  });

  const near = async (key: string) => {
    const { records } = await driver.executeQuery(
      `MATCH (:CI {key: $key})-[:DEPENDS_ON]-{0,2}(n:CI)<-[r:ABOUT|ON]-(t)
       RETURN DISTINCT labels(t)[0] AS what, t.number AS number, t.state AS state, t.fault AS fault, n.key AS at`,
      { key },
    );
    return records.map((record) => record.toObject());
  };

  test('open orders and anomalies stand at their CI, and go when they are closed', async () => {
    const [ci] = await system.api.list<{ id: string }>('/api/v1/cmdb/cis?q=n20');
    const order = await system.api.post<{ id: string; number: string }>('/api/v1/work-orders', {
      ...{ summary: 'Look at it', assetId: ci!.id },
    });
    const { number } = order;
    await vi.waitFor(
      async () => expect(await near('n20')).toMatchObject([{ what: 'WorkOrder', number, state: 'new', at: 'n20' }]),
      PATIENCE,
    );
    const anomalyId = randomUUID();
    await system.asOwner(
      `insert into anomaly (tenant_id, id, fault_key, point_key, asset_id, asset_name, fault, basis, level, status,
         confidence, strength, summary, first_seen_ms, confirmed_ms, last_waveform_ms)
       select tenant_id, $1, 'k', 'n20/p', id, 'n20', 'outer', 'agreement', 'warning', 'confirmed', 0.75, 1,
         '{"en": "rolls badly", "zh": "滚动异常"}', 1000, 2000, 3000 from cmdb_ci where id = $2`,
      [anomalyId, ci!.id],
    );
    expect(await graph('compare')).toMatchObject({ code: 1, said: expect.stringContaining('2 orders and anomalies') });
    expect(await graph('rebuild')).toMatchObject({ code: 0, said: expect.stringContaining('2 orders and anomalies') });
    expect(await near('n20')).toHaveLength(2);
    await system.api.post(`/api/v1/anomalies/${anomalyId}/close`, { label: 'confirmed' });
    await system.api.post(`/api/v1/work-orders/${order.id}/cancel`, { reason: 'it was nothing' });
    await vi.waitFor(async () => expect(await near('n20')).toEqual([]), PATIENCE);
    await caughtUp();
    expect(await graph('compare')).toMatchObject({ code: 0 });
  }, 180_000);

  const graph = (...args: string[]) =>
    promisify(execFile)('node', ['graphMirror.ts', ...args], { env: { ...process.env, ...system.env } }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    );

  test('one command proves it equal, builds it from nothing, and says what is not', async () => {
    const equal = { code: 0, said: expect.stringMatching(/^default: equal; PostgreSQL .* 60 CIs, /) };
    expect(await graph('compare')).toMatchObject(equal);
    await driver.executeQuery('MATCH (n:CI {key: "n3"}) DETACH DELETE n');
    expect(await graph('compare', '--tenant', 'default')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/DIFFERENT; PostgreSQL .* 60 CIs, .*; Neo4j .* 59 CIs/),
    });
    expect(await graph('rebuild')).toMatchObject(equal);
    expect(await graph('compare', '--tenant', 'nobody')).toMatchObject({
      code: 2,
      said: expect.stringContaining('--tenant: there is no tenant nobody'),
    });
  }, 120_000);

  test('while it is away changes and verdicts go on and the lag is shown; back, it catches up', async () => {
    await engine.kill();
    for (let i = 0; i < 5; i++)
      await system.api.post('/api/v1/cmdb/cis', { key: `late${i}`, type: 'server', attributes: {} });
    const away = await vi.waitFor(async () => {
      const state = await system.api.get<MirrorState>('/api/v1/cmdb/mirror');
      expect(state.problem).not.toBe(null);
      return state;
    }, PATIENCE);
    expect(Number(away.behind)).toBeGreaterThan(0);
    const verdict = await system.api.post<{ affected: unknown[] }>('/api/v1/cmdb/impact', {
      failed: [{ ci: 'late4', state: 'down' }],
      affectedLimit: 10,
    });
    expect(verdict.affected.length).toBeLessThan(2);
    await engine.restart();
    const back = await caughtUp();
    expect(back.mirrored).toBe(back.version);
    const { records } = await driver.executeQuery('MATCH (n:CI) WHERE n.key STARTS WITH "late" RETURN count(n) AS n');
    expect(records[0]!.get('n')).toBe(5n);
  }, 240_000);
});
