import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlastRadius } from './blastRadius.ts';
import { type BruteGraph, bruteStates, bruteSum } from './bruteForce.fixture.ts';
import type { Failure } from './health.ts';
import type { Loss } from './loss.ts';
import { projectionOf } from './projectionBuilder.ts';
import { failures, graph, within } from './randomGraph.fixture.ts';
import { whatIf } from './whatIf.ts';

const SEED = { seed: 6_021, numRuns: 700 };
const ids = (list: readonly Failure[]) => new Set(list.map((one) => one.ciId));

function radiusOf(known: BruteGraph): BlastRadius {
  return new BlastRadius(projectionOf(1n, known.nodes, known.edges));
}

function bruteLoss(known: BruteGraph, states: ReadonlyMap<string, string>): Loss {
  const all = states as ReadonlyMap<string, 'ok' | 'degraded' | 'down'>;
  const costs = bruteSum(known, all, 'costPerHour');
  const users = bruteSum(known, all, 'users');
  const count = (state: string) =>
    known.nodes.filter((one) => one.type === 'business_service' && states.get(one.id) === state).length;
  return {
    ...{ servicesDown: count('down'), servicesDegraded: count('degraded') },
    ...{ costPerHour: costs.down, users: users.down },
    ...{ costPerHourAtRisk: costs.degraded, usersAtRisk: users.degraded },
  };
}

describe('what if', () => {
  it('differs from the present by what the definition says, with every sum, and leaves the present as it is', () => {
    fc.assert(
      fc.property(graph, failures, failures, fc.nat(13), (known, ill, supposed, mended) => {
        const notOk = within(known, ill);
        const failed = within(known, supposed);
        const restored = [`id-${mended}`].filter((id) => known.nodes.some((one) => one.id === id));
        const radius = radiusOf(known);
        const present = bruteStates(known, notOk);
        const left = notOk.filter((one) => !ids(failed).has(one.ciId) && !restored.includes(one.ciId));
        const then = bruteStates(known, [...left, ...failed]);
        const answer = whatIf(radius, { version: '3', notOk }, { failed, restored }, {});
        const services = known.nodes.filter((one) => one.type === 'business_service');
        const changed = services.filter(({ id }) => present.get(id) !== then.get(id));
        expect(new Map(answer.difference.services.map((one) => [one.ciId, [one.before, one.after]]))).toEqual(
          new Map(changed.map(({ id }) => [id, [present.get(id), then.get(id)]])),
        );
        expect(answer.difference.before).toEqual(bruteLoss(known, present));
        expect(answer.difference.after).toEqual(bruteLoss(known, then));
        expect(radius.serviceStates([]).states.size).toBe(0);
      }),
      SEED,
    );
  });

  it('sums up a verdict as the definition does', () => {
    fc.assert(
      fc.property(graph, failures, (known, query) => {
        const failed = within(known, query);
        if (failed.length === 0) return;
        const { sla, nearestEnd, ...loss } = radiusOf(known).verdict(failed).howBad;
        expect([sla, nearestEnd]).toEqual([null, null]);
        expect(loss).toEqual(bruteLoss(known, bruteStates(known, failed)));
      }),
      SEED,
    );
  });
});

describe('planned work', () => {
  it('is told apart: a service is hit as planned when the work alone would bring it into the same state', () => {
    fc.assert(
      fc.property(graph, failures, failures, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (...drawn) => {
        const [known, query, ill, plans] = drawn;
        const failed = within(known, query);
        if (failed.length === 0) return;
        const isPlanned = (ciId: string) => plans[failed.findIndex((one) => one.ciId === ciId)] === true;
        // Some of what fails is said to be planned by the health, and is down by it too.
        const windows = failed
          .filter((one) => isPlanned(one.ciId))
          .map(({ ciId }): Failure => ({ ciId, state: 'down', planned: true }));
        const others = within(known, ill).filter((one) => !ids(failed).has(one.ciId));
        const health = { version: '2', notOk: [...windows, ...others] };
        const verdict = radiusOf(known).verdict(failed, health);
        const after = bruteStates(known, [...others, ...failed]);
        const byWork = bruteStates(known, [...others, ...failed.filter((one) => isPlanned(one.ciId))]);
        const allPlanned = failed.every((one) => isPlanned(one.ciId));
        for (const service of verdict.services) {
          expect(service.planned).toBe(allPlanned || byWork.get(service.ciId) === after.get(service.ciId));
        }
        expect(verdict.failed.map((one) => [one.ciId, one.state, one.planned])).toEqual(
          failed.map((one) => [one.ciId, one.state, isPlanned(one.ciId)]),
        );
      }),
      SEED,
    );
  });
});
