import { describe, expect, it } from 'vitest';
import type { GraphEdge, GraphNode } from '../graph/assetGraph.ts';
import { BlastRadius } from './blastRadius.ts';
import { projectionOf } from './projectionBuilder.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const ci = (key: string, type = 'server', attributes: Record<string, unknown> = {}): GraphNode => ({
  ...{ id: key, key, name: key, type, attributes },
});
const service = (key: string, costPerHour: number, users: number, more: Record<string, unknown> = {}) =>
  ci(key, 'business_service', { criticality: 2, costPerHour, users, ...more });
const edge = (fromId: string, toId: string, type = 'DEPENDS_ON', more: Partial<GraphEdge> = {}): GraphEdge => ({
  ...{ fromId, type, toId, group: null, minUp: null, role: null },
  ...more,
});
const radiusOf = (nodes: GraphNode[], edges: GraphEdge[]) => new BlastRadius(projectionOf(1n, nodes, edges));
const down = (ciId: string, sinceMs?: number) => ({ ciId, state: 'down' as const, sinceMs });

describe('how bad', () => {
  it('counts the money of a service and of those that it consists of once', () => {
    const radius = radiusOf(
      [
        service('orders', 10_000, 50),
        service('shop', 8_000, 400),
        service('phone', 5_000, 20),
        service('mail', 70, 9),
      ].concat([ci('host')]),
      [edge('orders', 'shop'), edge('orders', 'phone'), ...['shop', 'phone', 'mail'].map((name) => edge(name, 'host'))],
    );
    expect(radius.verdict([down('host')]).howBad).toMatchObject({
      ...{ servicesDown: 4, costPerHour: 10_070, users: 400 + 20 + 9 },
      ...{ servicesDegraded: 0, costPerHourAtRisk: 0, usersAtRisk: 0 },
    });
  });

  it('tells what is lost from what is at risk', () => {
    const pair = { group: 'pair', minUp: 1 };
    const radius = radiusOf(
      [service('shop', 8_000, 400), service('mail', 70, 9), ci('a'), ci('b')],
      [edge('shop', 'a', 'DEPENDS_ON', pair), edge('shop', 'b', 'DEPENDS_ON', pair), edge('mail', 'a')],
    );
    expect(radius.verdict([down('a')]).howBad).toMatchObject({
      ...{ servicesDown: 1, costPerHour: 70, users: 9 },
      ...{ servicesDegraded: 1, costPerHourAtRisk: 8_000, usersAtRisk: 400 },
    });
  });

  it('reckons how long the strictest SLA allows, from the failure on', () => {
    const nodes = [
      service('shop', 1, 1),
      service('mail', 1, 1, { maxOutageMinutes: 90 }),
      service('wiki', 1, 1),
      ci('gold', 'sla', { availabilityPercent: 99.9 }),
      ci('night', 'sla', { maxOutageMinutes: '240', periodDays: 7 }),
      ci('a'),
    ];
    const edges = [
      ...['shop', 'mail', 'wiki'].map((name) => edge(name, 'a')),
      ...[edge('shop', 'gold', 'COVERED_BY'), edge('night', 'shop', 'RELATED_TO')],
    ];
    const radius = radiusOf(nodes, edges);
    const left = (sinceMs?: number) =>
      new Map(
        radius
          .verdict([down('a', sinceMs)], undefined, { nowMs: NOW_MS })
          .services.map((one) => [one.key, one.slaMinutesLeft]),
      );
    expect(left()).toEqual(
      new Map<string, unknown>([
        ['mail', 90],
        ['shop', 43.2],
        ['wiki', null],
      ]),
    );
    const { howBad } = radius.verdict([down('a', NOW_MS - 50 * 60_000)], undefined, { nowMs: NOW_MS });
    expect(howBad.sla).toMatchObject({ key: 'shop', minutesLeft: expect.closeTo(-6.8, 6) });
    // The tie is loosened, and the other SLA is all that is left.
    radius.projection.apply(2n, [{ kind: 'relation', before: edge('shop', 'gold', 'COVERED_BY'), after: null }]);
    radius.refreshed();
    expect(left().get('shop')).toBe(240);
  });

  it('says what is left of a weighted group', () => {
    const feed = (weight: number) => ({ group: 'power', minUpPercent: 60, weight });
    const radius = radiusOf(
      [service('shop', 1, 1), ci('a'), ci('b'), ci('c')],
      [
        edge('shop', 'a', 'DEPENDS_ON', feed(50)),
        edge('shop', 'b', 'DEPENDS_ON', feed(30)),
        edge('shop', 'c', 'DEPENDS_ON', feed(20)),
      ],
    );
    expect(radius.verdict([down('a')]).services[0]!.state).toBe('down');
    expect(radius.verdict([down('b')]).services[0]).toMatchObject({
      state: 'degraded',
      redundancyLeft: 'power of shop: 2 of 3 up, by weight 70 of 100, 60 needed, 10 to spare',
    });
    expect(radius.verdict([down('b'), down('c')]).services[0]!.state).toBe('down');
  });
});
