import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openNeo4j } from '../../cmdb/graph/neo4j/server.ts';
import type { ApiError } from '../../simulators/attach/index.ts';
import { absent } from '../engines/absent.ts';
import { HOW_TO_GET_NEO4J, type Neo4jEngine, neo4jIsHere, startNeo4j } from '../engines/neo4j.ts';
import { type Composed, composed, PASSWORD } from './composed.ts';

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

interface CypherAnswer {
  columns: string[];
  rows: unknown[][];
  cut: string | null;
}

/** Queries that read files or the network, call what is installed, write, administrate, or hide one of these. */
const ATTACKS = [
  "LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l",
  "LOAD CSV WITH HEADERS FROM 'http://169.254.169.254/latest/meta-data' AS l RETURN l",
  "LOAD/* */CSV FROM 'http://127.0.0.1/' AS l RETURN l",
  "RETURN [x IN [1] | COLLECT { LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l }] AS y",
  "MATCH (n) WHERE EXISTS { LOAD CSV FROM 'http://127.0.0.1' AS x RETURN x } RETURN n",
  "CALL { LOAD CSV FROM 'file:///x' AS l RETURN l } RETURN l",
  "L\\u004fAD CSV FROM 'file:///x' AS l RETURN l",
  "USING PERIODIC COMMIT LOAD CSV FROM 'file:///x' AS l RETURN l",
  'CALL db.labels()',
  'CALL dbms.listConfig() YIELD name, value RETURN name, value',
  "CALL apoc.load.json('http://127.0.0.1')",
  "CALL dbms.security.createUser('x', 'password', false)",
  'RETURN [x IN [1] | COUNT { CALL db.labels() YIELD label }]',
  'MATCH (n) WHERE EXISTS { CALL db.labels() YIELD label RETURN label } RETURN n',
  "RETURN apoc.cypher.runFirstColumnSingle('MATCH (n) DETACH DELETE n', {})",
  'MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS',
  'MATCH (n) CALL { MATCH (m) RETURN m } IN 2 CONCURRENT TRANSACTIONS RETURN m',
  'CREATE (n:X) RETURN n',
  'INSERT (n:X)',
  'MERGE (n:X) RETURN n',
  'MATCH (n) SET n.x = 1 RETURN n',
  'MATCH (n) REMOVE n.key',
  'MATCH (n) DETACH DELETE n',
  'FOREACH (x IN [1] | CREATE (:X))',
  'MATCH (n) CALL (n) { CREATE (:X) } RETURN n',
  'CREATE INDEX FOR (n:X) ON (n.y)',
  'DROP CONSTRAINT faultline_ci_id',
  'SHOW USERS',
  'SHOW SETTINGS',
  'SHOW TRANSACTIONS',
  "TERMINATE TRANSACTION 'neo4j-transaction-1'",
  "CREATE USER x SET PASSWORD 'abcdefghi'",
  "ALTER CURRENT USER SET PASSWORD FROM 'x' TO 'y'",
  'STOP DATABASE neo4j',
  'DROP DATABASE neo4j',
  'GRANT ROLE admin TO neo4j',
  'USE system MATCH (n) RETURN n',
  'MATCH (n) RETURN n; MATCH (m) DETACH DELETE m',
  'EXPLAIN MATCH (n) RETURN n',
  'PROFILE MATCH (n) RETURN n',
  'CYPHER runtime=slotted MATCH (n) RETURN n',
];

describe.runIf(here)('a Neo4j that follows', () => {
  let engine: Neo4jEngine;
  let system: Composed;
  let driver: Driver;

  beforeAll(async () => {
    engine = await startNeo4j();
    system = await composed({
      ...{ NEO4J_URL: engine.url, NEO4J_USER: engine.user, NEO4J_PASSWORD: engine.password },
      GRAPH_LOAD_FROM: 'neo4j',
      WEBHOOK_ALLOW: '127.0.0.0/8',
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

  const ask = (query: string, more: object = {}) =>
    system.api
      .post<CypherAnswer>('/api/v1/cmdb/cypher', { query, ...more })
      .catch((error: ApiError) => ({ status: error.status, code: error.code, columns: [], rows: [], cut: null }));

  test('staff ask in Cypher, as the documentation shows it', async () => {
    await system.api.post('/api/v1/cmdb/import', {
      cis: [
        { key: 'sw1', type: 'network_device' },
        { key: 'srv1', type: 'server', attributes: { cores: 8 } },
        { key: 'shop', type: 'business_service', attributes: { criticality: 1 } },
      ],
      relations: [
        { from: 'srv1', type: 'CONNECTED_TO', to: 'sw1' },
        { from: 'shop', type: 'DEPENDS_ON', to: 'srv1' },
      ],
    });
    const [shop] = await system.api.list<{ id: string }>('/api/v1/cmdb/cis?key=shop');
    const { number } = await system.api.post<{ number: string }>('/api/v1/work-orders', {
      ...{ summary: 'The shop is slow', assetId: shop!.id, priority: 'P2' },
    });
    await caughtUp();
    const examples = [...readFileSync('docs/neo4j.md', 'utf8').matchAll(/```cypher\n(.*?)```/gs)].map(
      ([, text]) => text!,
    );
    expect(examples.length).toBeGreaterThan(5);
    await vi.waitFor(
      async () => expect(await ask(examples[0]!)).toMatchObject({ rows: [[number, 'P2', 'new', 'shop']] }),
      PATIENCE,
    );
    expect(await ask(examples[1]!)).toMatchObject({
      columns: ['n.key', 'n.type', 'n.name'],
      rows: [['shop', 'business_service', 'shop']],
      cut: null,
    });
    for (const example of examples.slice(2)) expect(await ask(example), example).not.toHaveProperty('status');
    const { rows } = await ask(
      'MATCH p = (s:CI {key: $key})-[r]->(n) RETURN p, r, n, datetime(n.lastSeenAt) < datetime()',
      {
        parameters: { key: 'shop' },
      },
    );
    const [[path, relation, node, seen]] = rows as [[never, never, never, never]];
    expect(node).toMatchObject({ labels: ['CI', 'Server'], properties: { key: 'srv1', cores: 8 } });
    expect(relation).toMatchObject({ type: 'DEPENDS_ON', to: (node as { id: string }).id });
    expect(path).toMatchObject({ nodes: [{}, node], relations: [relation] });
    expect(seen).toBe(true);
  }, 120_000);

  test('what limits a query is told', async () => {
    expect(await ask('UNWIND range(1, 5) AS x RETURN x', { limit: 3 })).toMatchObject({
      rows: [[1], [2], [3]],
      cut: 'rows',
    });
    expect(await ask('MATCH (n:Nothing) RETURN n.key AS k, 1 AS one')).toMatchObject({
      columns: ['k', 'one'],
      rows: [],
      cut: null,
    });
    const large = await ask(`UNWIND range(1, 100) AS x RETURN reduce(s = 'x', i IN range(1, 19) | s + s)`);
    expect(large.cut).toBe('bytes');
    expect(large.rows.length).toBeLessThan(20);
    const slow = 'UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN max(a * b)';
    expect(await ask(slow, { timeoutMs: 300 })).toMatchObject({ status: 408, code: 'CMDB_CYPHER_SLOW' });
    expect(await ask('MATCH (n RETURN n')).toMatchObject({ status: 400, code: 'CMDB_CYPHER_WRONG' });
  }, 60_000);

  test('a query that would do more than read is not run, however it is hidden', async () => {
    const count = 'MATCH (n) RETURN count(n) AS n';
    const before = await ask(count);
    for (const query of ATTACKS) {
      const answer = await ask(query);
      expect(['CMDB_CYPHER_REFUSED', 'CMDB_CYPHER_WRONG'], query).toContain((answer as { code?: string }).code);
    }
    expect((await ask(count)).rows).toEqual(before.rows);
    const runs = await system.api.list<{ query: string; outcome: string; author: string }>('/api/v1/cmdb/cypher/runs');
    expect(runs).toContainEqual(
      expect.objectContaining({ query: ATTACKS[0], outcome: 'refused', author: 'Administrator' }),
    );
    expect(runs).toContainEqual(expect.objectContaining({ query: count, outcome: 'answered', rows: 1 }));
    // The last line of defence, should both looks ever be deceived: the transaction itself may not write.
    const session = driver.session({ defaultAccessMode: 'READ' });
    await expect(session.run('CREATE (:X)')).rejects.toThrow(/not allowed|access mode/i);
    await session.close();
  }, 120_000);

  test('a graph of a site is looked at, previewed, read, and read again on schedule', async () => {
    const text = /```json\n(.*?)```/s.exec(readFileSync('docs/neo4j.md', 'utf8'))![1]!;
    const { everyMinutes: _later, ...told } = JSON.parse(text);
    const settings = { ...told, url: engine.url, user: engine.user, password: engine.password };
    await driver.executeQuery(
      `CREATE (a:Rechner {inventar: 'R1', name: 'Rechner 1', kerne: 8, seit: date('2024-02-01')}), (b:Rechner {inventar: 'R2'}),
              (:Rechner {name: 'ohne Nummer'}), (x:Anwendung:Rechner {nr: 7, inventar: 'R3', stufe: 'gold', frei: 'x'}),
              (x)-[:LAEUFT_AUF]->(a), (b)-[:TRAEGT {verbund: 'v'}]->(x), (a)-[:LAEUFT_AUF]->(:Sonst)`,
    );
    const sources = '/api/v1/cmdb/graph-sources';
    const refusal = (body: object) => system.api.post(sources, body).catch((error: ApiError) => error.code);
    expect(await refusal({ ...settings, url: 'neo4j://127.0.0.1' })).toBe('VALIDATION');
    const unknownType = { labels: [{ label: 'Rechner', type: 'nothing', key: 'inventar' }] };
    expect(await refusal({ ...settings, mapping: unknownType })).toBe('CMDB_TYPE_UNKNOWN');
    const { id, ...shown } = await system.api.post<{ id: string }>(sources, settings);
    expect(JSON.stringify([shown, await system.api.get(sources)])).not.toContain(engine.password);
    const [kept] = await system.asOwner<{ sealed: Buffer }>('select sealed_password as sealed from cmdb_graph_source');
    expect(kept!.sealed.includes(engine.password)).toBe(false);
    expect(await system.api.post(`${sources}/${id}/look`, {})).toMatchObject({
      labels: expect.arrayContaining([
        expect.objectContaining({
          ...{ label: 'Rechner', count: 4 },
          properties: expect.arrayContaining([{ name: 'inventar', count: 3, different: 3 }]),
        }),
      ]),
      relations: expect.arrayContaining([{ relation: 'TRAEGT', from: ['Rechner'], to: expect.any(Array), count: 1 }]),
    });
    const counts = { cis: { created: 3 }, relations: { created: 2 } };
    const preview = await system.api.post<{ baseVersion: string }>(`${sources}/${id}/import?dryRun=true`, {});
    expect(preview).toMatchObject({ dryRun: true, ...counts });
    expect(await system.api.list('/api/v1/cmdb/cis?key=R1')).toEqual([]);
    const read = await system.api.post<{ warnings: { message: string }[] }>(`${sources}/${id}/import`, {
      expectedVersion: preview.baseVersion,
    });
    expect(read).toMatchObject(counts);
    expect(read.warnings.map(({ message }) => message).join(' ')).toMatch(/without the property inventar.*not taken/s);
    expect(await system.api.get('/api/v1/cmdb/cis/R1')).toMatchObject({
      ...{ type: 'server', name: 'Rechner 1', status: 'active' },
      attributes: { kerne: 8, seit: '2024-02-01', sourceType: 'Rechner' },
    });
    // Of both labels; the first that is mapped says what it is.
    expect(await system.api.get('/api/v1/cmdb/cis/R3')).toMatchObject({
      ...{ type: 'server' },
      relations: expect.arrayContaining([
        expect.objectContaining({ type: 'RUNS_ON', direction: 'out' }),
        expect.objectContaining({ type: 'DEPENDS_ON', direction: 'out', redundancyGroup: 'v' }),
      ]),
    });
    expect(await system.api.post(`${sources}/${id}/import`, {})).toMatchObject({ cis: { created: 0, changed: 0 } });

    const changed = async (change: object) =>
      system.api.put(`${sources}/${id}`, { ...settings, password: undefined, ...change });
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error: ApiError) => error.code,
      );
    const reading = () => code(system.api.post(`${sources}/${id}/import`, {}));
    expect(await code(changed({ user: 'other' }))).toBe('CMDB_GRAPH_SOURCE_PASSWORD_AGAIN');
    const mapping = { labels: [{ label: 'Rehcner', type: 'server', key: 'inventar' }] };
    await changed({ mapping });
    expect(await reading()).toBe('CMDB_GRAPH_SOURCE_LABEL');
    await changed({ password: 'wrong' });
    expect(await reading()).toBe('CMDB_GRAPH_SOURCE_PASSWORD');
    await changed({ url: 'bolt://127.0.0.1:1', password: engine.password });
    expect(await reading()).toBe('CMDB_GRAPH_SOURCE_UNREACHABLE');
    await changed({ url: 'bolt://169.254.169.254:7687', password: engine.password });
    expect(await reading()).toBe('CMDB_GRAPH_SOURCE_ADDRESS');

    await changed({ password: engine.password, everyMinutes: 60 });
    await driver.executeQuery("MATCH (b:Rechner {inventar: 'R2'}) DETACH DELETE b CREATE (:Rechner {inventar: 'R4'})");
    await system.asOwner(
      `update event_delivery set due_at = now() where consumer = 'cmdb.graph-source-due' and done_at is null`,
    );
    await vi.waitFor(async () => expect(await system.api.list('/api/v1/cmdb/cis?key=R4')).toHaveLength(1), PATIENCE);
    // What is gone there is marked here, as of any source that tells everything.
    expect(await system.api.get('/api/v1/cmdb/cis/R2')).toMatchObject({ status: 'stale' });
    const [run] = await system.api.list<{ author: string; state: string }>('/api/v1/cmdb/imports?limit=1');
    expect(run).toMatchObject({ author: 'schedule', state: 'done' });
    const next = await system.asOwner(
      `select 1 from event_delivery where consumer = 'cmdb.graph-source-due' and done_at is null`,
    );
    expect(next).toHaveLength(1);
    await caughtUp();
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

  test('Cypher is for installations of one tenant', async () => {
    expect(await ask('RETURN 1 AS one')).toMatchObject({ rows: [[1]] });
    await system.api.post('/api/v1/tenants', {
      ...{ slug: 'other', name: 'Other', admin: { login: 'boss', name: 'Boss', password: PASSWORD } },
    });
    expect(await ask('RETURN 1 AS one')).toMatchObject({ status: 403, code: 'CMDB_CYPHER_TENANTS' });
  });
});
