import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type {
  AssetGraph,
  GraphChanges,
  GraphEdge,
  GraphNode,
  LoadDepth,
  RelationPut,
} from '../../cmdb/graph/assetGraph.ts';

const origin = { author: 'Contract', reason: 'to see', source: 'suite' };
const put = (key: string, type = 'server', attributes: Record<string, unknown> = {}) => ({ key, type, attributes });
const relate = (from: string, to: string, more: Partial<RelationPut> = {}): RelationPut => ({
  from,
  type: 'DEPENDS_ON',
  to,
  group: null,
  minUp: null,
  attributes: {},
  ...more,
});
const change = (changes: Omit<GraphChanges, 'attributes'>): GraphChanges => ({ ...changes, attributes: 'merge' });

async function loaded(graph: AssetGraph, tenant: string, depth: LoadDepth = 'projection') {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const { version } = await graph.load(
    tenant,
    () => ({
      nodes: (batch: readonly GraphNode[]) => void nodes.push(...batch),
      edges: (batch: readonly GraphEdge[]) => void edges.push(...batch),
    }),
    depth,
  );
  const keyOf = new Map(nodes.map((node) => [node.id, node.key]));
  const ends = edges.map((edge) => `${keyOf.get(edge.fromId)} ${edge.type} ${keyOf.get(edge.toId)}`);
  return { version, nodes, edges, keys: nodes.map((node) => node.key).sort(), ends: ends.sort() };
}

const day = (number: number) => new Date(Date.UTC(2040, 0, number));

async function edgesByTo(graph: AssetGraph, tenant: string, keys: readonly string[]) {
  const { nodes, edges } = await loaded(graph, tenant, 'whole');
  return keys.map((key) => edges.find((edge) => edge.toId === nodes.find((node) => node.key === key)?.id));
}

/** What every store of the dependency graph must do. `open` gives a store; tenants are made up here. */
export function assetGraphContract(name: string, open: () => AssetGraph): void {
  describe(`AssetGraph on ${name}`, () => {
    it('starts empty at version 0', async () => {
      const tenant = randomUUID();
      expect(await open().version(tenant)).toBe(0n);
      expect(await loaded(open(), tenant)).toMatchObject({ version: 0n, keys: [], ends: [] });
    });

    it('gives back what was applied, one version per change', async () => {
      const graph = open();
      const tenant = randomUUID();
      const first = await graph.apply(
        tenant,
        change({
          cis: [put('a'), put('b'), put('shop', 'business_service', { criticality: '2', users: 10 })],
          relations: [relate('shop', 'a', { group: 'web', minUp: 1 }), relate('shop', 'b', { group: 'web' })],
        }),
        origin,
      );
      expect(first).toEqual({
        version: 1n,
        cis: { created: 3, changed: 0, unchanged: 0, removed: 0 },
        relations: { created: 2, changed: 0, unchanged: 0, removed: 0 },
      });
      const seen = await loaded(graph, tenant);
      expect(seen.ends).toEqual(['shop DEPENDS_ON a', 'shop DEPENDS_ON b']);
      expect(seen.edges.map((edge) => edge.group)).toEqual(['web', 'web']);
      expect(seen.nodes.find((node) => node.key === 'shop')).toMatchObject({
        name: 'shop',
        type: 'business_service',
        attributes: { criticality: 2, users: 10 },
      });
      expect(await graph.version(tenant)).toBe(1n);
    });

    it('keeps how a redundancy group is weighed, and tells of changes of that', async () => {
      const graph = open();
      const tenant = randomUUID();
      const weighed = (minUpPercent: number | null, weight: number | null) =>
        change({
          cis: [put('a'), put('shop')],
          relations: [relate('shop', 'a', { group: 'power', minUpPercent, weight })],
        });
      await graph.apply(tenant, weighed(62.5, 40), origin);
      expect((await loaded(graph, tenant)).edges).toMatchObject([
        { group: 'power', minUp: null, minUpPercent: 62.5, weight: 40 },
      ]);
      expect((await graph.apply(tenant, weighed(62.5, 40), origin)).relations.unchanged).toBe(1);
      expect((await graph.apply(tenant, weighed(62.5, 30), origin)).relations.changed).toBe(1);
      expect((await graph.apply(tenant, weighed(null, null), origin)).relations.changed).toBe(1);
      const steps = (await graph.changesSince(tenant, 1n))!.steps;
      expect(steps).toMatchObject([
        { before: { minUpPercent: 62.5, weight: 40 }, after: { minUpPercent: 62.5, weight: 30 } },
        { before: { minUpPercent: 62.5, weight: 30 }, after: { minUpPercent: null, weight: null } },
      ]);
      expect((await loaded(graph, tenant)).edges).toMatchObject([{ minUpPercent: null, weight: null }]);
    });

    it('changes nothing, and no version, when all is as wanted', async () => {
      const graph = open();
      const tenant = randomUUID();
      const wanted = change({ cis: [put('a'), put('b')], relations: [relate('a', 'b')] });
      await graph.apply(tenant, wanted, origin);
      const again = await graph.apply(tenant, wanted, origin);
      expect(again).toMatchObject({ version: 1n, cis: { unchanged: 2 }, relations: { unchanged: 1 } });
    });

    it('applies all or nothing', async () => {
      const graph = open();
      const tenant = randomUUID();
      const broken = change({ cis: [put('a')], relations: [relate('a', 'nowhere')] });
      await expect(graph.apply(tenant, broken, origin)).rejects.toMatchObject({
        code: 'CMDB_RELATION_END_UNKNOWN',
        field: 'to',
        detail: { place: 0, end: 'to' },
      });
      expect(await loaded(graph, tenant)).toMatchObject({ version: 0n, keys: [] });
    });

    it.each([
      ['an unknown type', { cis: [put('a', 'warp_drive')] }, 'CMDB_TYPE_UNKNOWN'],
      ['a bad attribute', { cis: [put('a', 'equipment', { powerKw: 'much' })] }, 'CMDB_ATTRIBUTE'],
      ['a key told twice', { cis: [put('a'), put('a')] }, 'CMDB_KEY_REPEATED'],
      [
        'an unknown relation',
        { cis: [put('a'), put('b')], relations: [relate('a', 'b', { type: 'LIKES' })] },
        'CMDB_RELATION_TYPE_UNKNOWN',
      ],
      [
        'more than certainty',
        { cis: [put('a'), put('b')], relations: [relate('a', 'b', { confidence: 1.2 })] },
        'CMDB_CONFIDENCE',
      ],
      ['a CI related to itself', { cis: [put('a')], relations: [relate('a', 'a')] }, 'CMDB_RELATION_TO_ITSELF'],
    ])('refuses %s', async (_what, changes, code) => {
      const tenant = randomUUID();
      await expect(open().apply(tenant, change(changes), origin)).rejects.toMatchObject({ code });
      expect(await open().version(tenant)).toBe(0n);
    });

    it('merges attributes or replaces them, and keeps a name that is not told again', async () => {
      const graph = open();
      const tenant = randomUUID();
      const person = (attributes: Record<string, unknown>, name?: string) => ({
        ...put('p', 'person', attributes),
        ...(name === undefined ? {} : { name }),
      });
      await graph.apply(tenant, change({ cis: [person({ email: 'a@b.c', phone: '1' }, 'Ann')] }), origin);
      await graph.apply(tenant, change({ cis: [person({ phone: '2' })] }), origin);
      expect((await loaded(graph, tenant)).nodes[0]).toMatchObject({
        name: 'Ann',
        attributes: { email: 'a@b.c', phone: '2' },
      });
      await graph.apply(tenant, { cis: [person({ phone: '3' })], attributes: 'replace' }, origin);
      expect((await loaded(graph, tenant)).nodes[0]!.attributes).toEqual({ phone: '3' });
    });

    it('removes relations, and CIs with their relations', async () => {
      const graph = open();
      const tenant = randomUUID();
      const all = {
        cis: [put('a'), put('b'), put('c')],
        relations: [relate('a', 'b'), relate('b', 'c'), relate('a', 'c')],
      };
      await graph.apply(tenant, change(all), origin);
      const one = await graph.apply(tenant, change({ removeRelations: [relate('a', 'c')] }), origin);
      expect(one.relations.removed).toBe(1);
      const two = await graph.apply(tenant, change({ removeCis: ['b'] }), origin);
      expect(two).toMatchObject({ version: 3n, cis: { removed: 1 }, relations: { removed: 2 } });
      expect(await loaded(graph, tenant)).toMatchObject({ keys: ['a', 'c'], ends: [] });
    });

    it('tells the steps from one version to another in an order in which they can be followed', async () => {
      const graph = open();
      const tenant = randomUUID();
      await graph.apply(tenant, change({ cis: [put('a'), put('b')], relations: [relate('a', 'b')] }), origin);
      await graph.apply(tenant, change({ relations: [relate('a', 'b', { group: 'g', minUp: 1 })] }), origin);
      await graph.apply(tenant, change({ removeCis: ['b'] }), origin);
      const since = await graph.changesSince(tenant, 1n);
      expect(since?.version).toBe(3n);
      expect(since?.steps.map((step) => [step.kind, step.after === null ? 'gone' : 'there'])).toEqual([
        ['relation', 'there'],
        ['relation', 'gone'],
        ['ci', 'gone'],
      ]);
      expect(since?.steps[0]).toMatchObject({ before: { group: null }, after: { group: 'g', minUp: 1 } });
      expect(await graph.changesSince(tenant, 3n)).toEqual({ version: 3n, steps: [] });
    });

    it('tells who told of a relation, how sure that is, and when it was seen', async () => {
      const graph = open();
      const tenant = randomUUID();
      const cis = [put('a'), put('b'), put('c')];
      const relations = [
        relate('a', 'b', { source: 'scanner', confidence: 0.7, lastSeenAt: day(9), firstSeenAt: day(2) }),
        relate('a', 'c'),
      ];
      await graph.apply(tenant, change({ cis, relations }), origin);
      const [guess, told] = await edgesByTo(graph, tenant, ['b', 'c']);
      expect(guess).toMatchObject({ source: 'scanner', confidence: 0.7 });
      expect([guess!.firstSeenAtMs, guess!.lastSeenAtMs]).toEqual([day(2).getTime(), day(9).getTime()]);
      expect(told).toMatchObject({ source: 'suite', confidence: 1 });
      expect(told!.firstSeenAtMs).toBe(told!.lastSeenAtMs);
      // What is not told stays; another group is a change, by another source.
      await graph.apply(tenant, change({ relations: [relate('a', 'b', { group: 'g', lastSeenAt: day(5) })] }), origin);
      const [changed] = await edgesByTo(graph, tenant, ['b']);
      expect(changed).toMatchObject({ source: 'suite', confidence: 0.7, group: 'g' });
      expect([changed!.firstSeenAtMs, changed!.lastSeenAtMs]).toEqual([day(2).getTime(), day(9).getTime()]);
    });

    it('has seen what is told again as it stands: a version and steps, but no history', async () => {
      const graph = open();
      const tenant = randomUUID();
      const seenOn = (date: Date) =>
        change({
          cis: [{ ...put('a'), lastSeenAt: date }, put('b')],
          relations: [relate('a', 'b', { lastSeenAt: date })],
        });
      await graph.apply(tenant, seenOn(day(1)), origin);
      const later = await graph.apply(tenant, seenOn(day(30)), origin);
      expect(later).toMatchObject({ version: 2n, cis: { changed: 0, unchanged: 2 }, relations: { unchanged: 1 } });
      const since = await graph.changesSince(tenant, 1n);
      expect(since?.steps.map((step) => [step.kind, step.after?.lastSeenAtMs])).toEqual([
        ['ci', day(30).getTime()],
        ['relation', day(30).getTime()],
      ]);
      const [edge] = await edgesByTo(graph, tenant, ['b']);
      expect([edge!.firstSeenAtMs, edge!.lastSeenAtMs]).toEqual([day(1).getTime(), day(30).getTime()]);
      const { nodes } = await loaded(graph, tenant, 'whole');
      const a = nodes.find((node) => node.key === 'a')!;
      expect([a.firstSeenAtMs, a.lastSeenAtMs]).toEqual([day(1).getTime(), day(30).getTime()]);
      expect(await graph.history(tenant, a.id, { limit: 10 })).toHaveLength(2);
      // The same day again is not worth a version.
      expect(await graph.apply(tenant, seenOn(new Date(day(30).getTime() + 60_000)), origin)).toMatchObject({
        version: 2n,
      });
    });

    it('keeps who changed what, why and when, newest first', async () => {
      const graph = open();
      const tenant = randomUUID();
      await graph.apply(tenant, change({ cis: [put('a'), put('b')] }), origin);
      await graph.apply(tenant, change({ relations: [relate('a', 'b')] }), { author: 'Other' });
      const id = (await loaded(graph, tenant)).nodes.find((node) => node.key === 'b')!.id;
      const history = await graph.history(tenant, id, { limit: 10 });
      expect(history).toMatchObject([
        { version: 2n, kind: 'relation', otherId: id, before: null, after: { type: 'DEPENDS_ON' }, author: 'Other' },
        { version: 1n, kind: 'ci', before: null, after: { key: 'b' }, ...origin },
      ]);
      const { version, seq } = history[0]!;
      expect(await graph.history(tenant, id, { limit: 10, before: { version, seq } })).toHaveLength(1);
    });

    it('puts concurrent changes in one order, each with a version of its own', async () => {
      const graph = open();
      const tenant = randomUUID();
      const reports = await Promise.all(
        Array.from({ length: 8 }, (_, index) => graph.apply(tenant, change({ cis: [put(`ci-${index}`)] }), origin)),
      );
      expect(reports.map((report) => Number(report.version)).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect((await loaded(graph, tenant)).keys).toHaveLength(8);
    });

    it('keeps tenants apart', async () => {
      const graph = open();
      const [one, two] = [randomUUID(), randomUUID()];
      await graph.apply(one, change({ cis: [put('same')] }), origin);
      expect(await loaded(graph, two)).toMatchObject({ version: 0n, keys: [] });
      await graph.apply(two, change({ cis: [put('same')] }), origin);
      expect((await loaded(graph, one)).nodes[0]!.id).not.toBe((await loaded(graph, two)).nodes[0]!.id);
    });
  });
}
