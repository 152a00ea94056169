import { BlastRadius, type Failure } from '../../cmdb/impact/blastRadius.ts';
import { projectionOf } from '../../cmdb/impact/projectionBuilder.ts';
import type { ImpactVerdict } from '../../cmdb/impact/verdict.ts';
import { type LayeredGraph, layeredGraph } from './layeredGraph.ts';
import { ObjectBlastRadius } from './objectBlastRadius.ts';
import type { BenchRow } from './row.ts';

const RUNS = 2_000;
const REFERENCE_RUNS = 60;
const WARM_UP_RUNS = 300;
const GOAL_P95_MS = 2;

/** Blast radius on 100k CIs / 300k relations: fixpoint, services, owners and cause chains together. */
export async function bench(): Promise<BenchRow[]> {
  const graph = layeredGraph({ seed: 100_300, nodes: 100_000, edges: 300_000 });
  const heapBefore = settledHeap();
  const buildStart = performance.now();
  const radius = new BlastRadius(projectionOf(1n, graph.nodes, graph.edges));
  const buildMs = performance.now() - buildStart;
  const memoryMb = (settledHeap() - heapBefore) / 2 ** 20;
  for (const failed of graph.starts(WARM_UP_RUNS, 1)) radius.verdict([failed]);
  const starts = graph.starts(RUNS, 2);
  const ours = timed(starts, (failed) => radius.verdict([failed]));
  const hubs = timed(
    starts.filter((_, index) => index % 2 === 0),
    (failed) => radius.verdict([failed]),
  );
  const plain = new ObjectBlastRadius(graph);
  const reference = timed(starts.slice(0, REFERENCE_RUNS), (failed) => plain.verdict([failed]));
  agree(graph, starts.slice(0, REFERENCE_RUNS), radius, plain);
  return [
    {
      name: 'radius-100k',
      value: round(ours.p95),
      unit: 'ms p95',
      better: 'lower',
      goal: GOAL_P95_MS,
      reference: 'the same definition on objects and Maps, same graph, same starts, same run',
      referenceValue: round(reference.p95),
      ratio: round(reference.p95 / ours.p95),
      breakdown: [
        `all starts: p50 ${round(ours.p50)} ms, p95 ${round(ours.p95)} ms, max ${round(ours.max)} ms`,
        `hubs only: p50 ${round(hubs.p50)} ms, p95 ${round(hubs.p95)} ms, max ${round(hubs.max)} ms`,
        `reached: ${Math.round(ours.meanAffected)} CIs and ${Math.round(ours.meanServices)} services at the mean, at most ${ours.mostAffected} and ${ours.mostServices}`,
        `reference: p50 ${round(reference.p50)} ms, max ${round(reference.max)} ms`,
        `projection: built in ${Math.round(buildMs)} ms, ${round(memoryMb)} MB`,
      ],
    },
  ];
}

type Told = Pick<ImpactVerdict, 'affectedCount' | 'services'>;

interface Timing {
  p50: number;
  p95: number;
  max: number;
  meanAffected: number;
  meanServices: number;
  mostAffected: number;
  mostServices: number;
}

function timed(starts: readonly Failure[], ask: (failed: Failure) => Told): Timing {
  const tookMs: number[] = [];
  let affected = 0;
  let services = 0;
  let mostAffected = 0;
  let mostServices = 0;
  for (const failed of starts) {
    const start = performance.now();
    const verdict = ask(failed);
    tookMs.push(performance.now() - start);
    affected += verdict.affectedCount;
    services += verdict.services.length;
    mostAffected = Math.max(mostAffected, verdict.affectedCount);
    mostServices = Math.max(mostServices, verdict.services.length);
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))]!;
  return {
    p50: at(0.5),
    p95: at(0.95),
    max: tookMs.at(-1)!,
    meanAffected: affected / starts.length,
    meanServices: services / starts.length,
    mostAffected,
    mostServices,
  };
}

/** A fast answer that differs from the plain one is no answer. */
function agree(graph: LayeredGraph, starts: readonly Failure[], ours: BlastRadius, plain: ObjectBlastRadius): void {
  for (const failed of starts) {
    const fast = ours.verdict([failed]);
    const slow = plain.verdict([failed]);
    const told = (verdict: Told) =>
      verdict.services
        .map((one) => `${one.key} ${one.state} ${one.owners.map((owner) => owner.ciId).sort()}`)
        .join('\n');
    // The plain one keeps the order of falling; ours may only be shorter.
    const longer = fast.services.some((one, index) => one.causeChain.length > slow.services[index]!.causeChain.length);
    if (longer || fast.affectedCount !== slow.affectedCount || told(fast) !== told(slow)) {
      throw new Error(`verdicts on ${failed.ciId} of ${graph.nodes.length} CIs differ from the plain fixpoint's`);
    }
  }
}

function settledHeap(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
