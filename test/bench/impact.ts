import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import neo4j from 'neo4j-driver';
import type { CiPut, RelationPut } from '../../cmdb/graph/assetGraph.ts';
import { postgresAssetGraph } from '../../cmdb/graph/postgres/assetGraph.ts';
import { BlastRadius, type Failure } from '../../cmdb/impact/blastRadius.ts';
import { inProcessImpact } from '../../cmdb/impact/impact.ts';
import { projectionOf } from '../../cmdb/impact/projectionBuilder.ts';
import { whatIf } from '../../cmdb/impact/whatIf.ts';
import { openMirror } from '../../cmdb/index.ts';
import { createLog, createOutbox, type Database, systemClock } from '../../platform/index.ts';
import { neo4jIsHere, startNeo4j } from '../engines/neo4j.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../fixtures/cmdbOverHttp.ts';
import { type LayeredGraph, layeredGraph } from './layeredGraph.ts';
import type { BenchRow } from './row.ts';

const SMALL = { seed: 100_300, nodes: 100_000, edges: 300_000 };
const LARGE = { seed: 1_003_000, nodes: 1_000_000, edges: 3_000_000 };
const RUNS = 1_000;
const HTTP_RUNS = 300;
const CYPHER_RUNS = 30;
/** Radii of a graph are all tried up to so many CIs, and of a larger one as many are drawn. */
const MOST_RADII = 100_000;

/** Questions on both sizes: in process, over HTTP, from a cold store, after a change, and beside Neo4j's own Cypher. */
export async function bench(): Promise<BenchRow[]> {
  const small = layeredGraph(SMALL);
  const inProcess = measured(small);
  const stored = await overTheStore(small);
  const large = measured(layeredGraph(LARGE));
  const row = (name: string, value: number, goal: number, told: string[], beside: [string, number]): BenchRow => ({
    ...{ name, value: rounded(value), unit: 'ms', better: 'lower', goal, breakdown: told },
    ...{ reference: beside[0], referenceValue: rounded(beside[1]), ratio: rounded(beside[1] / Math.max(value, 1e-6)) },
  });
  const cypher: [string, number] = ["Neo4j's reachable set by Cypher at 100k / 300k, p95", stored.cypherP95Ms];
  const anew: [string, number] = ['loading the graph of 100k / 300k anew from PostgreSQL', stored.coldPostgresMs];
  return [
    row('impact-100k-in-process-p95', inProcess.all.p95, 2, inProcess.told, cypher),
    row('impact-100k-http-p95', stored.http.p95, 20, stored.told, cypher),
    row('impact-100k-cold-postgres', stored.coldPostgresMs, 10_000, [], ['the same from Neo4j', stored.coldNeo4jMs]),
    row('impact-100k-cold-neo4j', stored.coldNeo4jMs, 30_000, [], anew),
    row('impact-100k-change-visible-p95', stored.changeMs.p95, 1_000, ['commit included'], anew),
    row('impact-1m-in-process-p95', large.all.p95, 20, large.told, cypher),
    row('impact-1m-change-visible', large.changeMs, 1_000, ['from its steps on, the store left out'], anew),
  ];
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

function spread(tookMs: number[]): Spread {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1)! };
}

function timed<T>(items: readonly T[], work: (item: T) => unknown): Spread {
  return spread(
    items.map((item) => {
      const start = performance.now();
      work(item);
      return performance.now() - start;
    }),
  );
}

async function timedAsync<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<Spread> {
  const tookMs: number[] = [];
  for (const item of items) {
    const start = performance.now();
    await work(item);
    tookMs.push(performance.now() - start);
  }
  return spread(tookMs);
}

/** One graph in this process's memory. */
function measured(graph: LayeredGraph): { all: Spread; changeMs: number; told: string[] } {
  const before = settledHeap();
  const buildStart = performance.now();
  const radius = new BlastRadius(projectionOf(1n, graph.nodes, graph.edges));
  const buildMs = performance.now() - buildStart;
  const memoryMb = (settledHeap() - before) / 2 ** 20;
  for (const failed of graph.starts(300, 1)) radius.verdict([failed]);
  const starts = graph.starts(RUNS, 2);
  const ask = (failed: Failure) => radius.verdict([failed], undefined, { nowMs: Date.now() });
  const all = timed(starts, ask);
  const hubs = timed(
    starts.filter((_, index) => index % 2 === 0),
    ask,
  );
  const sensors = timed(graph.nodes.filter((node) => node.type === 'sensor').slice(0, RUNS), (node) =>
    ask({ ciId: node.id, state: 'down' }),
  );
  const health = { version: '1', notOk: graph.starts(20, 3) };
  const supposed = timed(starts.slice(0, 300), (failed) =>
    whatIf(radius, health, { failed: [failed], restored: [health.notOk[0]!.ciId] }, { nowMs: Date.now() }),
  );
  const drawn = graph.nodes.slice(0, MOST_RADII);
  const radiiStart = performance.now();
  for (const { id } of drawn) radius.serviceStates([{ node: radius.projection.find(id)!, state: 'down' }]);
  const radiiMs = performance.now() - radiiStart;
  const edge = graph.edges.find((one) => one.type === 'DEPENDS_ON')!;
  const changeStart = performance.now();
  radius.projection.apply(2n, [{ kind: 'relation', before: edge, after: null }]);
  radius.refreshed();
  radius.verdict([{ ciId: edge.toId, state: 'down' }]);
  const changeMs = performance.now() - changeStart;
  const of = (name: string, { p50, p95, max }: Spread) =>
    `${name}: p50 ${rounded(p50)} ms, p95 ${rounded(p95)} ms, max ${rounded(max)} ms`;
  return {
    all,
    changeMs,
    told: [
      of('all starts', all),
      of('hubs', hubs),
      of('sensors', sensors),
      of('what-if on 20 CIs that are not ok', supposed),
      `radii of ${drawn.length} of ${graph.nodes.length} CIs, services' states and sums: ${rounded(radiiMs / 1000)} s`,
      `projection: built in ${Math.round(buildMs)} ms, ${rounded(memoryMb)} MB`,
    ],
  };
}

interface Stored {
  readonly http: Spread;
  readonly changeMs: Spread;
  readonly coldPostgresMs: number;
  readonly coldNeo4jMs: number;
  readonly told: string[];
  readonly cypherP95Ms: number;
}

/** The same graph on a real PostgreSQL, over a socket, and in a real Neo4j. */
async function overTheStore(graph: LayeredGraph): Promise<Stored> {
  const http = await cmdbOverHttp();
  try {
    const tenantId = randomUUID();
    const { cis, relations } = puts(graph);
    const importStart = performance.now();
    await http.cmdb.graph.apply(tenantId, { cis, relations, attributes: 'merge' }, { author: 'bench' });
    const importMs = performance.now() - importStart;
    const clock = systemClock();
    const outbox = createOutbox(clock, [], () => undefined);
    const record = postgresAssetGraph({ db: http.pg.db, outbox, clock });
    const starts = graph.starts(HTTP_RUNS, 4).map(({ ciId, state }) => ({ ciId: ciId.replace('ci-', 'key-'), state }));
    const coldMs = async (source: typeof record) => {
      const start = performance.now();
      await inProcessImpact({ graph: source, clock }).impact(tenantId, { failed: [starts[0]!] });
      return performance.now() - start;
    };
    const coldPostgresMs = await coldMs(record);
    const ask = await overSocket(http, tenantId);
    await ask(starts[0]!);
    const overHttp = await timedAsync(starts, ask);
    const changes = Array.from({ length: 20 }, (_, index) => index);
    const changeMs = await timedAsync(changes, async (index) => {
      const key = starts[index]!.ciId;
      const changed = { cis: [{ key, type: typeOf(graph, key), attributes: { note: index } }] };
      const { version } = await http.cmdb.graph.apply(
        tenantId,
        { ...changed, attributes: 'merge' },
        { author: 'bench' },
      );
      await http.cmdb.impact.impact(tenantId, { failed: [starts[index]!], minVersion: version });
    });
    const cypher = await besideNeo4j(http.pg.db, record, tenantId, starts.slice(0, CYPHER_RUNS), coldMs);
    return {
      ...{ http: overHttp, changeMs, coldPostgresMs, coldNeo4jMs: cypher.coldMs },
      cypherP95Ms: cypher.p95,
      told: [
        `over a socket: p50 ${rounded(overHttp.p50)} ms, max ${rounded(overHttp.max)} ms`,
        `${cis.length} CIs and ${relations.length} relations applied in ${rounded(importMs / 1000)} s`,
        ...cypher.told,
      ],
    };
  } finally {
    await http.stop();
  }
}

async function overSocket(http: CmdbOverHttp, tenantId: string): Promise<(failed: Failure) => Promise<unknown>> {
  await http.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = http.app.server.address() as AddressInfo;
  return async ({ ciId, state }) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/cmdb/impact`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenantId}|admin`, 'content-type': 'application/json' },
      body: JSON.stringify({ failed: [{ ci: ciId, state }] }),
    });
    if (!response.ok) throw new Error(`the impact answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
}

/** Builds the mirror, loads a projection from it, and asks Neo4j itself for what each failure reaches. */
async function besideNeo4j(
  db: Database,
  record: ReturnType<typeof postgresAssetGraph>,
  tenantId: string,
  starts: readonly Failure[],
  coldMs: (source: typeof record) => Promise<number>,
): Promise<{ p95: number; coldMs: number; told: string[] }> {
  if (!neo4jIsHere()) throw new Error('this bench needs a Neo4j; test/engines/get-neo4j.sh brings one');
  const engine = await startNeo4j({ heap: '2g', pageCache: '1g' });
  const clock = systemClock();
  const settings = { url: engine.url, user: engine.user, password: engine.password, database: 'neo4j' };
  const outbox = createOutbox(clock, [], () => undefined);
  const tied = { sources: [], news: [] };
  const log = createLog('silent');
  const mirror = openMirror({ db, record, outbox, clock, log, settings, loadFrom: true, tied });
  const driver = neo4j.driver(engine.url, neo4j.auth.basic(engine.user, engine.password));
  try {
    const rebuildStart = performance.now();
    await mirror.mirror.rebuild(tenantId);
    const rebuildMs = performance.now() - rebuildStart;
    const fromNeo4j = await coldMs(mirror.graph);
    // Breadth first with each CI expanded once: the reachable set whatever the depth.
    const query = `MATCH (start:CI {key: $key, tenant: $tenant}) CALL (start) {
        MATCH p = SHORTEST 1 (start)<-[:DEPENDS_ON]-+(hit:CI) RETURN hit } RETURN count(hit) AS reached`;
    const took = await timedAsync(starts, (failed) =>
      driver.executeQuery(query, { key: failed.ciId, tenant: tenantId }, { database: 'neo4j', routing: 'READ' }),
    );
    return {
      p95: took.p95,
      coldMs: fromNeo4j,
      told: [
        `Neo4j: built in ${rounded(rebuildMs / 1000)} s; reachable set p50 ${rounded(took.p50)} ms, p95 ${rounded(took.p95)} ms, max ${rounded(took.max)} ms`,
      ],
    };
  } finally {
    await driver.close();
    await mirror.close();
    await engine.stop();
  }
}

function puts({ nodes, edges }: LayeredGraph): { cis: CiPut[]; relations: RelationPut[] } {
  const keyOf = new Map(nodes.map(({ id, key }) => [id, key]));
  return {
    cis: nodes.map(({ key, type, name, attributes }) => ({
      ...{ key, type, name },
      attributes: Object.fromEntries(Object.entries(attributes ?? {}).filter(([, value]) => value !== null)),
    })),
    // The graph may name somebody twice for one service; a store knows a relation by its ends and type.
    relations: [...new Map(edges.map((edge) => [`${edge.fromId} ${edge.type} ${edge.toId}`, edge])).values()].map(
      ({ fromId, type, toId, group, minUp, role }) => ({
        ...{ from: keyOf.get(fromId)!, type, to: keyOf.get(toId)!, group, minUp },
        attributes: role === null ? {} : { role },
      }),
    ),
  };
}

function typeOf(graph: LayeredGraph, key: string): string {
  return graph.nodes.find((node) => node.key === key)!.type;
}

function settledHeap(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
