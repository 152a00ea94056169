import fc from 'fast-check';
import type { GraphEdge, GraphNode } from '../graph/assetGraph.ts';
import type { FailedState } from '../model/state.ts';
import type { Failure } from './blastRadius.ts';
import type { BruteGraph } from './bruteForce.fixture.ts';

const TYPES = ['component', 'equipment', 'server', 'rack', 'business_service', 'business_service'];
const RELATIONS = [
  'DEPENDS_ON',
  'DEPENDS_ON',
  'DEPENDS_ON',
  'PART_OF',
  'POWERS',
  'RUNS_ON',
  'CONNECTED_TO',
  'MONITORS',
  'LOCATED_IN',
];

/** When the graphs are looked at. */
export const NOW_MS = Date.UTC(2026, 2, 1, 12);

export function node(index: number, type: string): GraphNode {
  const attributes =
    type === 'business_service'
      ? { criticality: 1 + (index % 3), costPerHour: (index * 37) % 11, users: (index * 7) % 5 }
      : null;
  return { id: `id-${index}`, key: `key-${index}`, name: `CI ${index}`, type, attributes };
}

export const edgeOn = (nodes: number) =>
  fc
    .record({
      from: fc.nat(nodes - 1),
      to: fc.nat(nodes - 1),
      type: fc.constantFrom(...RELATIONS),
      group: fc.option(fc.constantFrom('power', 'net'), { freq: 1 }),
      minUp: fc.option(fc.integer({ min: 1, max: 3 })),
      minUpPercent: fc.option(fc.constantFrom(25, 50, 60, 100), { freq: 1 }),
      weight: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 1 }),
      unseenDays: fc.option(fc.constantFrom(0, 29, 30, 45), { freq: 1 }),
    })
    .map(
      ({ from, to, type, group, minUp, minUpPercent, weight, unseenDays }): GraphEdge => ({
        fromId: `id-${from}`,
        type,
        toId: `id-${to}`,
        group,
        minUp: group === null ? null : minUp,
        minUpPercent: group === null ? null : minUpPercent,
        weight: group === null ? null : weight,
        role: null,
        ...(unseenDays === null ? {} : { lastSeenAtMs: NOW_MS - unseenDays * 86_400_000 }),
      }),
    );

/** Relations are unique by ends and type in the store. */
export function unique(edges: readonly GraphEdge[]): GraphEdge[] {
  return [...new Map(edges.map((edge) => [`${edge.fromId} ${edge.type} ${edge.toId}`, edge])).values()];
}

export const graph = fc.integer({ min: 2, max: 14 }).chain((count) =>
  fc.record({
    nodes: fc
      .array(fc.constantFrom(...TYPES), { minLength: count, maxLength: count })
      .map((types) => types.map((type, index) => node(index, type))),
    edges: fc.array(edgeOn(count), { minLength: count, maxLength: count * 3 }).map(unique),
  }),
);

export const failures = fc.uniqueArray(
  fc.record({ ciId: fc.nat(13).map((n) => `id-${n}`), state: fc.constantFrom<FailedState>('degraded', 'down') }),
  { selector: (failure) => failure.ciId, minLength: 1, maxLength: 3 },
);

export function within(known: BruteGraph, failed: readonly Failure[]): Failure[] {
  return failed.filter((failure) => known.nodes.some((one) => one.id === failure.ciId));
}
