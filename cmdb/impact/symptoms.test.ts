import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BlastRadius, seedsOf } from './blastRadius.ts';
import { bruteStates } from './bruteForce.fixture.ts';
import { projectionOf } from './projectionBuilder.ts';
import { failures, graph, within } from './randomGraph.fixture.ts';

const WORSE = { ok: 0, degraded: 1, down: 2 } as const;

it('a symptom follows from its cause by the definition, and nobody is left whom a cause would explain', () => {
  fc.assert(
    fc.property(graph, failures, (known, ill) => {
      const failing = [...new Map(within(known, ill).map((one) => [one.ciId, one])).values()];
      const radius = new BlastRadius(projectionOf(1n, known.nodes, known.edges));
      const causeOf = radius.questions.symptoms(seedsOf(radius.projection, failing));
      const explains = (cause: number, symptom: number) => {
        const state = bruteStates(known, [failing[cause]!]).get(failing[symptom]!.ciId) ?? 'ok';
        return WORSE[state] >= WORSE[failing[symptom]!.state];
      };
      for (const [symptom, cause] of causeOf) {
        expect(symptom).not.toBe(cause);
        expect(causeOf.has(cause)).toBe(false);
        expect(explains(cause, symptom)).toBe(true);
      }
      const causes = failing.map((_, place) => place).filter((place) => !causeOf.has(place));
      for (const one of causes) {
        for (const other of causes) {
          if (one >= other) continue;
          // Of two that stay causes, neither explains the other, unless something that is a symptom itself stands between them.
          if (explains(one, other) && explains(other, one)) expect.fail(`${one} and ${other} explain one another`);
        }
      }
    }),
    { seed: 6_030, numRuns: 400 },
  );
});

it('a switch behind two servers is the cause of both, and of the shop on them', () => {
  const node = (id: string, type = 'server') => ({ id, key: id, name: id, type });
  const on = (fromId: string, toId: string) => ({
    ...{ fromId, type: 'DEPENDS_ON', toId },
    ...{ group: null, minUp: null, role: null },
  });
  const nodes = [node('switch'), node('a'), node('b'), node('shop', 'business_service'), node('other')];
  const edges = [on('a', 'switch'), on('b', 'switch'), on('shop', 'a')];
  const radius = new BlastRadius(projectionOf(1n, nodes, edges));
  const told = (states: Record<string, 'down' | 'degraded'>) => {
    const failing = Object.entries(states).map(([ciId, state]) => ({ ciId, state }));
    const causes = radius.questions.symptoms(seedsOf(radius.projection, failing));
    return Object.fromEntries([...causes].map(([symptom, cause]) => [failing[symptom]!.ciId, failing[cause]!.ciId]));
  };
  expect(told({ shop: 'down', a: 'down', b: 'down', switch: 'down', other: 'down' })).toEqual({
    shop: 'switch',
    a: 'switch',
    b: 'switch',
  });
  // A switch that is merely slow does not explain a server that is down.
  expect(told({ switch: 'degraded', a: 'down', b: 'degraded' })).toEqual({ b: 'switch' });
});
