import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlastRadius, type Failure, seedsOf } from './blastRadius.ts';
import { type BruteGraph, bruteStates } from './bruteForce.fixture.ts';
import { projectionOf } from './projectionBuilder.ts';
import { failures, graph, within } from './randomGraph.fixture.ts';

/** A plain dependency. */
const on = (fromId: string, toId: string) => ({
  ...{ fromId, type: 'DEPENDS_ON', toId },
  ...{ group: null, minUp: null, role: null },
});

const SEED = { seed: 6_020, numRuns: 600 };

function radiusOf(known: BruteGraph): BlastRadius {
  return new BlastRadius(projectionOf(1n, known.nodes, known.edges));
}

/** The CIs whose loss on top of `notOk` turns `target` down, by the definition. */
function bruteLosses(known: BruteGraph, target: string, notOk: readonly Failure[]): string[] {
  return known.nodes
    .filter(({ id }) => {
      const others = notOk.filter((one) => one.ciId !== id);
      return bruteStates(known, [...others, { ciId: id, state: 'down' }]).get(target) === 'down';
    })
    .map(({ id }) => id)
    .sort();
}

describe('what takes it down next', () => {
  it('is what the definition says, on random graphs and any health', () => {
    fc.assert(
      fc.property(graph, failures, (known, ill) => {
        const notOk = within(known, ill);
        const before = bruteStates(known, notOk);
        const radius = radiusOf(known);
        for (const { id } of known.nodes) {
          const target = radius.projection.find(id)!;
          const losses = radius.questions.nextLosses(target, seedsOf(radius.projection, notOk));
          if (before.get(id) === 'down') {
            expect(losses).toBe(null);
            continue;
          }
          const expected = bruteLosses(known, id, notOk).filter((one) => one !== id && before.get(one) !== 'down');
          expect(losses!.map((loss) => loss.ciId).sort()).toEqual(expected);
          const distances = losses!.map((loss) => loss.distance);
          expect(distances).toEqual([...distances].sort((a, b) => a - b));
        }
      }),
      SEED,
    );
  });

  it('knows a change of the graph', () => {
    const known = {
      nodes: [0, 1, 2].map((i) => ({ id: `id-${i}`, key: `k${i}`, name: '', type: 'server' })),
      edges: [],
    };
    const radius = radiusOf(known);
    const ask = () => radius.questions.nextLosses(0, [])!.map((loss) => loss.key);
    expect(ask()).toEqual([]);
    const edge = on('id-0', 'id-2');
    radius.projection.apply(2n, [{ kind: 'relation', before: null, after: edge }]);
    radius.refreshed();
    expect(ask()).toEqual(['k2']);
  });
});

describe('single points of failure', () => {
  it('are those whose loss takes a service down, with what is lost', () => {
    fc.assert(
      fc.property(graph, (known) => {
        const radius = radiusOf(known);
        const search = radius.questions.singlePoints([], 100);
        let step = search.next();
        while (!step.done) step = search.next();
        const services = known.nodes.filter((one) => one.type === 'business_service').map((one) => one.id);
        const expected = known.nodes
          .map(({ id }) => {
            const states = bruteStates(known, [{ ciId: id, state: 'down' }]);
            const others = services.filter((service) => service !== id && states.get(service) === 'down');
            return { ciId: id, servicesDown: others.length };
          })
          .filter((one) => one.servicesDown > 0);
        const found = step.value.map(({ ciId, servicesDown }) => ({ ciId, servicesDown }));
        expect(new Set(found.map((one) => JSON.stringify(one)))).toEqual(
          new Set(expected.map((one) => JSON.stringify(one))),
        );
      }),
      SEED,
    );
  });

  it('come worst first, and only as many as are wanted', () => {
    const service = (id: string, criticality: number, costPerHour: number) => ({
      ...{ id, key: id, name: id, type: 'business_service', attributes: { criticality, costPerHour, users: 10 } },
    });
    const server = (id: string) => ({ id, key: id, name: id, type: 'server' });
    const radius = radiusOf({
      nodes: [service('shop', 1, 500), service('mail', 3, 9000), server('a'), server('b'), server('c')],
      edges: [on('shop', 'a'), on('mail', 'b'), on('mail', 'c'), on('shop', 'c')],
    });
    const search = radius.questions.singlePoints([], 2);
    expect(search.next().value).toEqual({ done: 0, total: 5 });
    const { value } = search.next();
    expect(value).toMatchObject([
      { key: 'c', servicesDown: 2, criticality: 1, costPerHour: 9500, users: 20 },
      { key: 'a', servicesDown: 1, criticality: 1, costPerHour: 500 },
    ]);
  });
});

describe('root causes', () => {
  const alarmsOf = (radius: BlastRadius, failed: readonly Failure[]) => seedsOf(radius.projection, failed);

  it('explain exactly the alarms that their failure would raise', () => {
    fc.assert(
      fc.property(graph, failures, (known, told) => {
        const alarms = within(known, told);
        if (alarms.length === 0) return;
        const radius = radiusOf(known);
        const { causes, together } = radius.questions.rootCauses(alarmsOf(radius, alarms), 100);
        for (const cause of causes) {
          const states = bruteStates(known, [{ ciId: cause.ciId, state: 'down' }]);
          const expected = alarms.filter(({ ciId, state }) =>
            state === 'down' ? states.get(ciId) === 'down' : states.get(ciId) !== 'ok',
          );
          expect(cause.explains.map((one) => one.ciId).sort()).toEqual(expected.map((one) => one.ciId).sort());
        }
        // An alarm always explains itself, so that all of them are explained together.
        const explained = new Set(together.flatMap((cause) => cause.explains.map((one) => one.ciId)));
        expect(explained).toEqual(new Set(alarms.map((one) => one.ciId)));
      }),
      SEED,
    );
  });

  it('a failed switch comes before each of the servers that it cut off', () => {
    const nodes = ['switch', 'core', ...Array.from({ length: 6 }, (_, i) => `server${i}`), 'other'].map((id) => ({
      ...{ id, key: id, name: id, type: id.startsWith('server') ? 'server' : 'network_device' },
    }));
    const edges = [
      ...[0, 1, 2, 3].map((i) => on(`server${i}`, 'switch')),
      ...[4, 5].map((i) => on(`server${i}`, 'other')),
      ...[on('switch', 'core'), on('other', 'core')],
    ];
    const radius = radiusOf({ nodes, edges });
    const alarms = alarmsOf(
      radius,
      [0, 1, 2, 3].map((i) => ({ ciId: `server${i}`, state: 'down' })),
    );
    const { causes, together } = radius.questions.rootCauses(alarms, 10);
    // The core would explain them too, but servers 4 and 5 are silent.
    expect(causes.slice(0, 2).map((cause) => [cause.key, cause.silent])).toEqual([
      ['switch', 0],
      ['core', 2],
    ]);
    expect(together.map((cause) => cause.key)).toEqual(['switch']);
  });
});
