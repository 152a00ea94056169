import { BlastRadius, type Failure } from '../../../cmdb/impact/blastRadius.ts';
import { projectionOf } from '../../../cmdb/impact/projectionBuilder.ts';
import { whatIf } from '../../../cmdb/impact/whatIf.ts';
import type { LayeredGraph } from '../layeredGraph.ts';
import { inWords, progress, rounded, type Spread, seconds, settledMb, timed } from './timing.ts';

const RUNS = 1_000;
const WARM_UP_RUNS = 300;
/** Radii are all tried of a graph of up to so many CIs; of a larger one as many are drawn. */
const MOST_RADII = 100_000;

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
  for (const failed of graph.starts(WARM_UP_RUNS, 1)) radius.verdict([failed]);
  const starts = graph.starts(RUNS, 2);
  const ask = (failed: Failure) => radius.verdict([failed], undefined, { nowMs: Date.now() });
  const all = timed(starts, ask);
  const hubs = timed(
    starts.filter((_, index) => index % 2 === 0),
    ask,
  );
  const sensorCis = graph.nodes.filter((node) => node.type === 'sensor').slice(0, RUNS);
  const sensors = timed(sensorCis, (node) => ask({ ciId: node.id, state: 'down' }));
  const health = { version: '1', notOk: graph.starts(20, 3) };
  const supposed = timed(starts.slice(0, 200), (failed) =>
    whatIf(radius, health, { failed: [failed], restored: [health.notOk[0]!.ciId] }, { nowMs: Date.now() }),
  );
  const drawn = graph.nodes.slice(0, MOST_RADII);
  progress(`all radii of ${drawn.length}`);
  const radiiStart = performance.now();
  for (const { id } of drawn) radius.serviceStates([{ node: radius.projection.find(id)!, state: 'down' }]);
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
      `radii of ${drawn.length} of ${graph.nodes.length} CIs, services' states and sums: ${seconds(radiiMs)}`,
      `projection: built in ${Math.round(buildMs)} ms, ${rounded(memoryMb)} MB, ${rounded((memoryMb * 2 ** 20) / graph.nodes.length)} bytes a CI`,
      `a change followed, and asked about: ${rounded(changeMs)} ms`,
    ],
  };
}
