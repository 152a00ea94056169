import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbox, manualClock, outboxMigration } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import type { AssetGraph, GraphChanges, GraphEdge, GraphNode, RelationPut } from '../graph/assetGraph.ts';
import { postgresAssetGraph } from '../graph/postgres/assetGraph.ts';
import { migrations } from '../schema.ts';
import { cisAsOf, neighbourhoodAsOf, relationsAsOf, requireCiAsOf } from './asOf.ts';
import { type Difference, type DiffPlace, diff, fieldDifferences } from './diff.ts';
import { loadAsOf } from './loadAsOf.ts';
import { pastVersion } from './moment.ts';
import { verifyWholeChain } from './verifyWhole.ts';

/** A graph as plain values: CIs by id, relations by ends and type. */
type Plain = Map<string, unknown>;

let pg: TestDatabase;
let graph: AssetGraph;
const clock = manualClock();
const origin = { author: 'Test', reason: 'to see', source: 'suite' };

beforeAll(async () => {
  pg = await testDatabase([outboxMigration, ...migrations]);
  graph = postgresAssetGraph({ db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock });
});
afterAll(() => pg.stop());

const relationKey = (from: string, type: string, to: string) => `${from} ${type} ${to}`;
const newTenant = () => crypto.randomUUID();

/** The present graph, read from its tables. */
async function present(tenant: string): Promise<Plain> {
  const plain: Plain = new Map();
  const cis = await pg.asOwner<{ id: string; state: unknown }>(
    `select id, jsonb_build_object('key', key, 'type', type, 'name', name, 'status', status, 'attributes', attributes) as state
     from cmdb_ci where tenant_id = $1`,
    [tenant],
  );
  for (const { id, state } of cis) plain.set(id, state);
  const relations = await pg.asOwner<{ from_id: string; type: string; to_id: string; state: object }>(
    `select from_id, type, to_id, jsonb_build_object('type', type, 'redundancyGroup', redundancy_group, 'minUp', min_up,
            'attributes', attributes) as state from cmdb_relation where tenant_id = $1`,
    [tenant],
  );
  for (const { from_id: from, type, to_id: to, state } of relations) plain.set(relationKey(from, type, to), state);
  return plain;
}

/** The history played from the first change to a version. */
async function replayed(tenant: string, version: bigint): Promise<Plain> {
  const plain: Plain = new Map();
  const rows = await pg.asOwner<{ ci_id: string; other_id: string | null; before: unknown; after: unknown }>(
    'select ci_id, other_id, before, after from cmdb_change where tenant_id = $1 and version <= $2 order by version, seq',
    [tenant, version],
  );
  for (const { ci_id: id, other_id: other, before, after } of rows) {
    const { type } = (after ?? before) as { type: string };
    const key = other === null ? id : relationKey(id, type, other);
    if (after === null) plain.delete(key);
    else plain.set(key, after);
  }
  return plain;
}

/** The graph as of a version, whole. */
async function loaded(tenant: string, version: bigint): Promise<Plain> {
  const plain: Plain = new Map();
  await pg.db.tenant(tenant, (tx) =>
    loadAsOf(tx, version, {
      nodes: (nodes: readonly GraphNode[]) => nodes.forEach(({ id, ...state }) => void plain.set(id, state)),
      edges: (edges: readonly GraphEdge[]) => {
        for (const { fromId, type, toId, group, minUp } of edges) {
          plain.set(relationKey(fromId, type, toId), { type, redundancyGroup: group, minUp });
        }
      },
    }),
  );
  return plain;
}

async function wholeDiff(tenant: string, from: bigint, to: bigint, limit: number): Promise<Difference[]> {
  const all: Difference[] = [];
  for (let after: DiffPlace | undefined; ; after = all.at(-1)) {
    const page = await pg.db.tenant(tenant, (tx) => diff(tx, from, to, { after, limit }));
    all.push(...page);
    if (page.length < limit) return all;
  }
}

/** What a projection's edge knows of a relation's state. */
function withoutAttributes(plain: Plain): Plain {
  return new Map(
    [...plain].map(([key, state]) => {
      if (!key.includes(' ')) return [key, state];
      const { attributes: _, ...rest } = state as { attributes: unknown };
      return [key, rest];
    }),
  );
}

/** Numbers from 0 to 1, the same for the same seed (Park and Miller's generator). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Any change of a small graph: creates, changes, removes, and creates again under the same key. */
function anyChange(next: () => number, keys: readonly string[]): GraphChanges {
  const some = () => keys.filter(() => next() < 0.3);
  const gone = new Set(next() < 0.4 ? some() : []);
  const there = keys.filter((key) => !gone.has(key));
  const cis = keys.map((key) => ({
    key,
    type: next() < 0.5 ? 'server' : 'vm',
    attributes: next() < 0.5 ? { load: Math.floor(next() * 3) } : {},
  }));
  const relations = new Map<string, RelationPut>();
  for (let i = 0; i < 4; i++) {
    const [from, to] = [there[Math.floor(next() * there.length)], there[Math.floor(next() * there.length)]];
    if (from === undefined || to === undefined || from === to) continue;
    const group = next() < 0.5 ? 'g' : null;
    const put = { from, type: 'DEPENDS_ON', to, group, minUp: group && 1, attributes: { n: Math.floor(next() * 2) } };
    relations.set(`${from} ${to}`, put);
  }
  // What is removed is not there any more when the relations are drawn, so all others are put first.
  return {
    removeCis: [...gone],
    cis: cis.filter((ci) => !gone.has(ci.key)),
    relations: [...relations.values()],
    attributes: next() < 0.5 ? 'merge' : 'replace',
  };
}

describe('a graph with any history', () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const tenant = newTenant();
  let newest = 0n;
  const at = new Map<bigint, Date>();

  beforeAll(async () => {
    const next = random(20_260_322);
    for (let change = 0; change < 30; change++) {
      await clock.advance(60_000);
      const { version } = await graph.apply(tenant, anyChange(next, keys), origin);
      at.set(version, new Date(clock.nowMs()));
      newest = version;
    }
  });

  it('stood, at every version, as playing its history says', async () => {
    expect(newest).toBeGreaterThan(20n);
    expect(await replayed(tenant, newest)).toEqual(await present(tenant));
    for (let version = 0n; version <= newest; version++) {
      const stood = await replayed(tenant, version);
      expect(await loaded(tenant, version), `version ${version}`).toEqual(withoutAttributes(stood));
      const ids = [...(await replayed(tenant, newest)).keys(), ...stood.keys()].filter((key) => !key.includes(' '));
      const { cis, relations } = await pg.db.tenant(tenant, async (tx) => ({
        cis: await cisAsOf(tx, version, ids),
        relations: await relationsAsOf(tx, version, ids),
      }));
      const asked: Plain = new Map(cis.map(({ id, ...state }) => [id, state]));
      for (const { fromId, toId, ...state } of relations) asked.set(relationKey(fromId, state.type, toId), state);
      expect(asked).toEqual(stood);
    }
  });

  it('differs between two versions in exactly what makes one of the other', async () => {
    for (const [from, to] of [
      [0n, newest],
      [3n, 4n],
      [5n, 19n],
      [11n, newest],
      [newest, newest],
    ] as const) {
      const changed = await replayed(tenant, from);
      const target = await replayed(tenant, to);
      for (const { ciId, otherId, relationType, before, after } of await wholeDiff(tenant, from, to, 3)) {
        const key = otherId === null ? ciId : relationKey(ciId, relationType!, otherId);
        expect(changed.get(key) ?? null).toEqual(before);
        expect(before).not.toEqual(after);
        if (after === null) changed.delete(key);
        else changed.set(key, after);
      }
      expect(changed, `${from} to ${to}`).toEqual(target);
    }
  });

  it('is found by time, and a CI by a key that it had', async () => {
    await pg.db.tenant(tenant, async (tx) => {
      for (const [version, made] of at) {
        expect((await pastVersion(tx, { at: made })).version).toBe(version);
        expect((await pastVersion(tx, { at: new Date(made.getTime() - 1) })).version).toBeLessThan(version);
      }
      expect(await pastVersion(tx, { at: new Date(0) })).toEqual({ version: 0n, modelVersion: 0, at: null });
      await expect(pastVersion(tx, { version: newest + 1n })).rejects.toMatchObject({ code: 'CMDB_VERSION_UNKNOWN' });
      let found = 0;
      for (let version = 1n; version <= newest; version++) {
        const stood = [...(await replayed(tenant, version))] as [string, { key: string }][];
        for (const key of keys) {
          const [id] = stood.find(([id, state]) => !id.includes(' ') && state.key === key) ?? [];
          const asked = requireCiAsOf(tx, version, key);
          if (id === undefined) await expect(asked).rejects.toMatchObject({ code: 'CMDB_CI_UNKNOWN_THEN' });
          else expect((await asked).id).toBe(id);
          found += id === undefined ? 0 : 1;
        }
      }
      expect(found).toBeGreaterThan(50);
    });
  });

  it('has a chain that holds', async () => {
    const verdict = await verifyWholeChain(pg.db, tenant);
    expect(verdict).toMatchObject({ broken: null, links: Number(newest), head: { version: newest } });
    expect(verdict.head!.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

it('walks a neighbourhood as it stood, nearest first', async () => {
  const tenant = newTenant();
  const cis = ['a', 'b', 'c', 'd'].map((key) => ({ key, type: 'server', attributes: {} }));
  const on = (from: string, to: string): RelationPut => ({
    ...{ from, type: 'DEPENDS_ON', to, group: null, minUp: null, attributes: {} },
  });
  await graph.apply(
    tenant,
    { cis, relations: [on('a', 'b'), on('b', 'c'), on('c', 'd')], attributes: 'merge' },
    origin,
  );
  await graph.apply(tenant, { removeCis: ['b'], attributes: 'merge' }, origin);
  const keysWithin = (version: bigint, depth: number, most = 100) =>
    pg.db.tenant(tenant, async (tx) => {
      const root = await requireCiAsOf(tx, version, 'a');
      const part = await neighbourhoodAsOf(tx, version, root, { depth, most });
      return [part.cis.map((ci) => ci.key).join(''), part.relations.length, part.truncated];
    });
  expect(await keysWithin(1n, 0)).toEqual(['a', 0, false]);
  expect(await keysWithin(1n, 1)).toEqual(['ab', 1, false]);
  expect(await keysWithin(1n, 9)).toEqual(['abcd', 3, false]);
  expect(await keysWithin(1n, 9, 3)).toEqual(['abc', 2, true]);
  expect(await keysWithin(2n, 9)).toEqual(['a', 0, false]);
});

it('names the fields that differ, attributes one by one', () => {
  const before = { name: 'a', attributes: { x: 1, y: { z: 1 } } };
  expect(fieldDifferences(before, { name: 'b', attributes: { y: { z: 1 }, w: null } })).toEqual([
    { field: 'name', before: 'a', after: 'b' },
    { field: 'attributes.x', before: 1, after: null },
    { field: 'attributes.w', before: null, after: null },
  ]);
});
