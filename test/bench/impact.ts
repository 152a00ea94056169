import { besideNeo4j } from './impact/besideNeo4j.ts';
import { inMemory } from './impact/inMemory.ts';
import { changesVisible, coldStartMs, importInWords, overHttp, stored } from './impact/stored.ts';
import { inWords, progress, rounded, type Spread, seconds } from './impact/timing.ts';
import { layeredGraph } from './layeredGraph.ts';
import type { BenchRow } from './row.ts';

/** CIs of both graphs; each has three times as many relations. */
const SMALL_CIS = Number(process.env.IMPACT_SMALL_CIS ?? 100_000);
const LARGE_CIS = Number(process.env.IMPACT_LARGE_CIS ?? 1_000_000);
/** The large graph is not written to the store where that would take longer, by the pace of the small one. */
const LONGEST_IMPORT_MS = 300_000;

const sized = (nodes: number) => layeredGraph({ seed: nodes + 300, nodes, edges: 3 * nodes });

/** Questions on both sizes: in process, over HTTP, from a cold store, after a change, and beside Neo4j's own Cypher. */
export async function bench(): Promise<BenchRow[]> {
  const rows = await small();
  return [...rows.rows, ...(await large(rows.beside, rows.importMs))];
}

/** What a row is compared with. */
type Beside = readonly [name: string, ms: number];

function row(name: string, value: number, goal: number, beside: Beside, told: string[]): BenchRow {
  return {
    ...{ name, value: rounded(value), unit: 'ms', better: 'lower', goal, breakdown: told },
    ...{ reference: beside[0], referenceValue: rounded(beside[1]), ratio: rounded(beside[1] / Math.max(value, 1e-6)) },
  };
}

async function small(): Promise<{ rows: BenchRow[]; beside: Beside; importMs: number }> {
  const graph = sized(SMALL_CIS);
  const size = `${SMALL_CIS / 1000}k`;
  const own = inMemory(graph);
  const store = await stored(graph);
  try {
    progress('starting from the cold store');
    const coldMs = await coldStartMs(store.record, store.tenantId, store.starts(1, 4)[0]!);
    progress('asking over HTTP');
    const http = await overHttp(store);
    progress('changing');
    const changes = await changesVisible(store, graph);
    const neo4j = await besideNeo4j(store);
    const beside: Beside =
      neo4j === null
        ? ['our own answer over HTTP, p95, for want of a Neo4j', http.impact.p95]
        : ["Neo4j's reachable set by Cypher on the same graph, the better way's p95", neo4j.cypher.p95];
    const rows = [
      row(`impact-${size}-in-process-p95`, own.all.p95, 2, beside, [...own.told, ...(neo4j?.told ?? [])]),
      row(`impact-${size}-http-p95`, http.impact.p95, 20, beside, http.told),
      row(
        `impact-${size}-cold-postgres`,
        coldMs,
        10_000,
        ['the import of the graph', store.importMs],
        [importInWords(graph, store.importMs)],
      ),
      row(
        `impact-${size}-change-visible-p95`,
        changes.p95,
        1_000,
        ['loading the graph anew', coldMs],
        [inWords('from the change to a verdict that knows it, commit included', changes)],
      ),
    ];
    if (neo4j !== null)
      rows.push(row(`impact-${size}-cold-neo4j`, neo4j.coldMs, 30_000, ['the same from PostgreSQL', coldMs], []));
    return { rows, beside, importMs: store.importMs };
  } finally {
    await store.http.stop();
  }
}

async function large(beside: Beside, smallImportMs: number): Promise<BenchRow[]> {
  progress(`drawing ${LARGE_CIS} CIs`);
  const graph = sized(LARGE_CIS);
  const size = `${LARGE_CIS / 1_000_000}m`;
  const own = inMemory(graph);
  const rows = [
    // Nothing was asked for of this size; a second is what a person waits for without wondering.
    row(`impact-${size}-in-process-p95`, own.all.p95, 1_000, beside, own.told),
    row(`impact-${size}-change-followed`, own.changeMs, 1_000, beside, ['from its steps on, the store left out']),
  ];
  const expectedMs = (smallImportMs * LARGE_CIS) / SMALL_CIS;
  if (expectedMs > LONGEST_IMPORT_MS) {
    const why = `not written to PostgreSQL: it would take ${seconds(expectedMs)} at the pace of the smaller graph`;
    progress(why);
    rows[0]!.breakdown!.push(why);
    return rows;
  }
  const store = await stored(graph);
  try {
    progress('starting from the cold store');
    const coldMs = await coldStartMs(store.record, store.tenantId, store.starts(1, 4)[0]!);
    progress('changing');
    const changes: Spread = await changesVisible(store, graph);
    progress('asking over HTTP');
    const http = await overHttp(store);
    const told = [importInWords(graph, store.importMs), `the first verdict from the cold store: ${seconds(coldMs)}`];
    return [
      ...rows,
      row(
        `impact-${size}-change-visible-p95`,
        changes.p95,
        1_000,
        ['loading the graph anew', coldMs],
        [inWords('from the change to a verdict that knows it, commit included', changes), ...told, ...http.told],
      ),
    ];
  } finally {
    await store.http.stop();
  }
}
