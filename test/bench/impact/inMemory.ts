import { BlastRadius, type Failure } from '../../../cmdb/impact/blastRadius.ts';
import { projectionOf } from '../../../cmdb/impact/projectionBuilder.ts';
import { whatIf } from '../../../cmdb/impact/whatIf.ts';
import type { LayeredGraph } from '../layeredGraph.ts';
import { inWords, progress, rounded, type Spread, seconds, settledMb, spread, timed } from './timing.ts';

const RUNS = 1_000;
const WARM_UP_RUNS = 300;
const SUPPOSED = 200;
/** Of a graph whose radii take longer, as many are told as were found by then. */
const LONGEST_RADII_MS = 30_000;

export interface InMemory {
  readonly all: Spread;
  readonly sensors: Spread;
  readonly changeMs: number;
  readonly told: string[];
}

/** One graph in this process's memory: every kind of question, without store and network. */
export function inMemory(graph: LayeredGraph): InMemory {
  progress(`laying out ${graph.nodes.length} CIs and ${graph.edges.length} relations`);
  const before = settledMb();
  const buildStart = performance.now();
  const radius = new BlastRadius(projectionOf(1n, graph.nodes, graph.edges));
  const buildMs = performance.now() - buildStart;
  const memoryMb = settledMb() - before;
  progress('asking');
  timed(graph.starts(WARM_UP_RUNS, 1), (failed) => radius.verdict([failed]));
  const starts = graph.starts(RUNS, 2);
  const ask = (failed: Failure) => radius.verdict([failed], undefined, { nowMs: Date.now() });
  const tookMs = timed(starts, ask);
  const all = spread(tookMs);
  // Every other start is a hub.
  const hubs = spread(tookMs.filter((_, index) => index % 2 === 0));
  const sensorCis = graph.nodes.filter((node) => node.type === 'sensor').slice(0, RUNS);
  const sensors = spread(timed(sensorCis, (node) => ask({ ciId: node.id, state: 'down' })));
  const health = { version: '1', notOk: graph.starts(20, 3) };
  const supposed = spread(
    timed(starts.slice(0, SUPPOSED), (failed) =>
      whatIf(radius, health, { failed: [failed], restored: [health.notOk[0]!.ciId] }, { nowMs: Date.now() }),
    ),
  );
  progress('all radii');
  const radiiStart = performance.now();
  let radii = 0;
  for (const { id } of graph.nodes) {
    radius.serviceStates([{ node: radius.projection.find(id)!, state: 'down' }]);
    radii += 1;
    if (performance.now() - radiiStart > LONGEST_RADII_MS) break;
  }
  const radiiMs = performance.now() - radiiStart;
  const edge = graph.edges.find((one) => one.type === 'DEPENDS_ON')!;
  const changeStart = performance.now();
  radius.projection.apply(2n, [{ kind: 'relation', before: edge, after: null }]);
  radius.refreshed();
  radius.verdict([{ ciId: edge.toId, state: 'down' }]);
  const changeMs = performance.now() - changeStart;
  return {
    ...{ all, sensors, changeMs },
    told: [
      inWords('all starts', all),
      inWords('hubs', hubs),
      inWords('sensors', sensors),
      inWords('what-if on 20 CIs that are not ok', supposed),
      `radii of ${radii} of ${graph.nodes.length} CIs, services' states and sums: ${seconds(radiiMs)}`,
      `projection: built in ${Math.round(buildMs)} ms, ${rounded(memoryMb)} MB, ${rounded((memoryMb * 2 ** 20) / graph.nodes.length)} bytes a CI`,
      `a change followed, and asked about: ${rounded(changeMs)} ms`,
    ],
  };
}
