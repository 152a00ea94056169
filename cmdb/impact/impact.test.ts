import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphEdge, GraphStep } from '../graph/assetGraph.ts';
import { BlastRadius, type Failure } from './blastRadius.ts';
import { type BruteGraph, bruteStates, bruteUnseenDays, shortestExplanation } from './bruteForce.fixture.ts';
import { DAY_MS } from './projection.ts';
import { projectionOf } from './projectionBuilder.ts';
import { edgeOn, failures, graph, NOW_MS, node, unique, within } from './randomGraph.fixture.ts';

const SEED = { seed: 20_811, numRuns: 1_500 };

function check(radius: BlastRadius, known: BruteGraph, failed: readonly Failure[], notOk: readonly Failure[]): void {
  const given = notOk.filter((one) => failed.every((other) => other.ciId !== one.ciId));
  const before = bruteStates(known, given);
  const after = bruteStates(known, [...given, ...failed]);
  const worse = known.nodes.filter((one) => after.get(one.id) !== before.get(one.id));
  const verdict = radius.verdict(failed, { version: '7', notOk }, { affectedLimit: 1_000, nowMs: NOW_MS });
  const services = worse.filter((one) => one.type === 'business_service');
  expect(new Map(verdict.services.map((one) => [one.ciId, one.state]))).toEqual(
    new Map(services.map((one) => [one.id, after.get(one.id)])),
  );
  const failedIds = new Set(failed.map((one) => one.ciId));
  const alsoHit = worse.filter((one) => !failedIds.has(one.id));
  const told = verdict.affected.filter((one) => !failedIds.has(one.ciId));
  expect(new Map(told.map((one) => [one.ciId, one.state]))).toEqual(
    new Map(alsoHit.map((one) => [one.id, after.get(one.id)])),
  );
  if (notOk.length > 0) return;
  expect(verdict.affectedCount).toBe(alsoHit.length);
  for (const service of verdict.services) {
    const chain = service.causeChain.map((step) => step.ciId);
    for (const step of service.causeChain) expect(step.state).toBe(after.get(step.ciId));
    expect(chain.at(-1)).toBe(service.ciId);
    expect(failedIds.has(chain[0]!)).toBe(true);
    const shortest = shortestExplanation(known, failed, after, service.ciId, chain);
    expect(chain.length).toBe(shortest.length);
    expect(shortest.explains).toBe(true);
    expect(service.unseen?.days ?? 0).toBe(bruteUnseenDays(known, chain, Math.floor(NOW_MS / DAY_MS)));
  }
}

describe('blast radius', () => {
  it('agrees with a brute-force fixpoint on random graphs, and its chains are the shortest', () => {
    fc.assert(
      fc.property(graph, fc.array(failures, { minLength: 1, maxLength: 4 }), (known, queries) => {
        const radius = new BlastRadius(projectionOf(1n, known.nodes, known.edges));
        for (const query of queries) {
          const failed = within(known, query);
          if (failed.length > 0) check(radius, known, failed, []);
        }
      }),
      SEED,
    );
  });

  it('counts only what a failure makes worse on top of the health that is given', () => {
    fc.assert(
      fc.property(graph, failures, failures, (known, query, ill) => {
        const failed = within(known, query);
        const radius = new BlastRadius(projectionOf(1n, known.nodes, known.edges));
        if (failed.length > 0) check(radius, known, failed, within(known, ill));
      }),
      SEED,
    );
  });

  it('follows changes as if it had been built anew', () => {
    const changes = graph.chain((known) =>
      fc.record({
        known: fc.constant(known),
        added: fc.array(edgeOn(known.nodes.length), { maxLength: 12 }).map(unique),
        dropped: fc.array(fc.nat(), { maxLength: 8 }),
        gone: fc.option(fc.nat(known.nodes.length - 1)),
        query: failures,
      }),
    );
    fc.assert(
      fc.property(changes, ({ known, added, dropped, gone, query }) => {
        const radius = new BlastRadius(projectionOf(1n, known.nodes, known.edges));
        radius.verdict([{ ciId: 'id-0', state: 'down' }]);
        const edges = new Map(known.edges.map((edge) => [`${edge.fromId} ${edge.type} ${edge.toId}`, edge]));
        const steps: GraphStep[] = [];
        for (const edge of added) {
          const key = `${edge.fromId} ${edge.type} ${edge.toId}`;
          steps.push({ kind: 'relation', before: edges.get(key) ?? null, after: edge });
          edges.set(key, edge);
        }
        const remove = (edge: GraphEdge) => {
          steps.push({ kind: 'relation', before: edge, after: null });
          edges.delete(`${edge.fromId} ${edge.type} ${edge.toId}`);
        };
        for (const pick of dropped) {
          const left = [...edges.values()];
          if (left.length > 0) remove(left[pick % left.length]!);
        }
        const nodes = [...known.nodes, node(90, 'business_service')];
        steps.push({ kind: 'ci', id: 'id-90', after: nodes.at(-1)! });
        const last: GraphEdge = {
          fromId: 'id-90',
          type: 'DEPENDS_ON',
          toId: 'id-0',
          group: null,
          minUp: null,
          role: null,
        };
        steps.push({ kind: 'relation', before: null, after: last });
        edges.set('new', last);
        if (gone !== null) {
          for (const edge of [...edges.values()]) {
            if (edge.fromId === `id-${gone}` || edge.toId === `id-${gone}`) {
              if (edge === last) edges.delete('new');
              remove(edge);
            }
          }
          steps.push({ kind: 'ci', id: `id-${gone}`, after: null });
        }
        expect(radius.projection.apply(2n, steps)).toBe(true);
        radius.refreshed();
        const now = { nodes: nodes.filter((one) => one.id !== `id-${gone}`), edges: [...edges.values()] };
        const failed = within(now, query);
        if (failed.length > 0) check(radius, now, failed, []);
      }),
      SEED,
    );
  });

  it('tells the shortest chain when a group falls long after its first member', () => {
    const nodes = [0, 1, 2, 3, 4].map((index) => node(index, index === 4 ? 'business_service' : 'server'));
    const needs = (from: number, to: number, group: string | null): GraphEdge => ({
      fromId: `id-${from}`,
      type: 'DEPENDS_ON',
      toId: `id-${to}`,
      group,
      minUp: null,
      role: null,
    });
    const edges = [needs(2, 1, null), needs(3, 2, null), needs(4, 3, 'pair'), needs(4, 0, 'pair')];
    const radius = new BlastRadius(projectionOf(1n, nodes, edges));
    const [service] = radius.verdict([
      { ciId: 'id-0', state: 'down' },
      { ciId: 'id-1', state: 'down' },
    ]).services;
    expect(service).toMatchObject({ ciId: 'id-4', state: 'down', redundancyLeft: null });
    expect(service!.causeChain.map((step) => step.ciId)).toEqual(['id-0', 'id-4']);
  });

  it('says what still carries a degraded service', () => {
    const nodes = [0, 1, 2, 3].map((index) => node(index, index === 3 ? 'business_service' : 'server'));
    const edges = [0, 1, 2].map(
      (member): GraphEdge => ({
        fromId: 'id-3',
        type: 'DEPENDS_ON',
        toId: `id-${member}`,
        group: 'web',
        minUp: 2,
        role: null,
      }),
    );
    const radius = new BlastRadius(projectionOf(1n, nodes, edges));
    expect(radius.verdict([{ ciId: 'key-1', state: 'down' }]).services[0]).toMatchObject({
      state: 'degraded',
      redundancyLeft: 'web of CI 3: 2 of 3 up, 2 needed, none to spare',
      redundancy: { group: 'web', up: 2, members: 3, minUp: 2 },
    });
  });

  it('tells runs apart when the epochs of the scratch begin anew', () => {
    const nodes = [node(0, 'server'), node(1, 'server'), node(2, 'business_service')];
    const needs = (from: number, to: number): GraphEdge => ({
      fromId: `id-${from}`,
      type: 'DEPENDS_ON',
      toId: `id-${to}`,
      group: 'pair',
      minUp: 1,
      role: null,
    });
    const radius = new BlastRadius(projectionOf(1n, nodes, [needs(2, 0), needs(2, 1)]));
    for (let run = 0; run < 40_000; run += 1) {
      const one = radius.verdict([{ ciId: `id-${run % 2}`, state: 'down' }]).services;
      if (one.length !== 1 || one[0]!.state !== 'degraded') expect.fail(`run ${run}`);
    }
  });
});
