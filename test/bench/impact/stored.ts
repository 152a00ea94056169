import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { AssetGraph, CiPut, RelationPut } from '../../../cmdb/graph/assetGraph.ts';
import { postgresAssetGraph } from '../../../cmdb/graph/postgres/assetGraph.ts';
import type { Failure } from '../../../cmdb/impact/blastRadius.ts';
import { inProcessImpact } from '../../../cmdb/impact/impact.ts';
import { createOutbox, systemClock } from '../../../platform/index.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../fixtures/cmdbOverHttp.ts';
import type { LayeredGraph } from '../layeredGraph.ts';
import { inWords, progress, type Spread, seconds, timedAsync } from './timing.ts';

const HTTP_RUNS = 400;
const CHANGES = 20;
/** CIs and relations of one change of the graph. */
const PORTION = 100_000;

/** A graph in a real PostgreSQL, and what asks about it over a socket. */
export interface Stored {
  readonly http: CmdbOverHttp;
  readonly tenantId: string;
  readonly record: AssetGraph;
  readonly importMs: number;
  /** Failures by key. */
  starts(count: number, seed: number): Failure[];
}

/** Writes a graph by changes of `PORTION` rows each. */
export async function stored(graph: LayeredGraph): Promise<Stored> {
  const http = await cmdbOverHttp();
  const tenantId = randomUUID();
  const clock = systemClock();
  const record = postgresAssetGraph({ db: http.pg.db, outbox: createOutbox(clock, [], () => undefined), clock });
  const keyOf = new Map(graph.nodes.map(({ id, key }) => [id, key]));
  const start = performance.now();
  const write = async (
    what: string,
    all: number,
    changes: (from: number) => { cis: CiPut[] } | { relations: RelationPut[] },
  ) => {
    for (let from = 0; from < all; from += PORTION) {
      await record.apply(tenantId, { ...changes(from), attributes: 'merge' }, { author: 'bench' });
      if (from % (5 * PORTION) === 0) progress(`${what} of ${all} written from ${from} on`);
    }
  };
  await write('CIs', graph.nodes.length, (from) => ({
    cis: graph.nodes.slice(from, from + PORTION).map(({ key, type, name, attributes }) => ({
      ...{ key, type, name },
      attributes: Object.fromEntries(Object.entries(attributes ?? {}).filter(([, value]) => value !== null)),
    })),
  }));
  // The graph may name somebody twice for one service; a store knows a relation by its ends and type.
  const told = new Set<string>();
  await write('relations', graph.edges.length, (from) => ({
    relations: graph.edges.slice(from, from + PORTION).flatMap(({ fromId, type, toId, group, minUp, role }) => {
      const ends = `${fromId} ${toId}`;
      if (role !== null) {
        if (told.has(ends)) return [];
        told.add(ends);
      }
      const attributes: Record<string, unknown> = role === null ? {} : { role };
      return [{ from: keyOf.get(fromId)!, type, to: keyOf.get(toId)!, group, minUp, attributes }];
    }),
  }));
  const importMs = performance.now() - start;
  const starts = (count: number, seed: number) =>
    graph.starts(count, seed).map(({ ciId, state }) => ({ ciId: keyOf.get(ciId)!, state }));
  return { http, tenantId, record, importMs, starts };
}

/** From nothing in memory to the first verdict. */
export async function coldStartMs(graph: AssetGraph, tenantId: string, failed: Failure): Promise<number> {
  const start = performance.now();
  await inProcessImpact({ graph, clock: systemClock() }).impact(tenantId, { failed: [failed] });
  return performance.now() - start;
}

/** Questions over a socket, one after the other. */
export async function overHttp({ http, tenantId, starts }: Stored): Promise<{ impact: Spread; told: string[] }> {
  await http.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = http.app.server.address() as AddressInfo;
  let bytes = 0;
  const ask = async (path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/cmdb${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenantId}|admin`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${new TextDecoder().decode(answer)}`);
    bytes = Math.max(bytes, answer.byteLength);
  };
  const failing = ({ ciId, state }: Failure) => ({ failed: [{ ci: ciId, state }] });
  for (const failed of starts(50, 5)) await ask('/impact', failing(failed));
  const impact = await timedAsync(starts(HTTP_RUNS, 4), (failed) => ask('/impact', failing(failed)));
  const largestMb = bytes / 2 ** 20;
  const suppositions = await timedAsync(starts(HTTP_RUNS / 4, 6), ({ ciId, state }) =>
    ask('/what-if', { fail: [{ ci: ciId, state }] }),
  );
  return {
    impact,
    told: [
      `${inWords('impact over HTTP', impact)}; the largest answer ${largestMb.toFixed(2)} MB`,
      inWords('what-if over HTTP', suppositions),
    ],
  };
}

/** A relation is taken away: from the change, commit included, to a verdict that knows it. */
export async function changesVisible({ http, tenantId, record }: Stored, graph: LayeredGraph): Promise<Spread> {
  const keyOf = new Map(graph.nodes.map(({ id, key }) => [id, key]));
  const hard = graph.edges.filter((edge) => edge.type === 'DEPENDS_ON' && edge.group === null).slice(0, CHANGES + 1);
  const impact = http.cmdb.impact;
  const change = async ({ fromId, toId }: (typeof hard)[number]) => {
    const [from, to] = [keyOf.get(fromId)!, keyOf.get(toId)!];
    const changes = { removeRelations: [{ from, type: 'DEPENDS_ON', to }], attributes: 'merge' as const };
    const { version } = await record.apply(tenantId, changes, { author: 'bench' });
    const verdict = await impact.impact(tenantId, { failed: [{ ciId: to, state: 'down' }], minVersion: version });
    if (BigInt(verdict.graphVersion) < version) throw new Error(`the verdict is of version ${verdict.graphVersion}`);
  };
  await change(hard[0]!); // loads the graph, if nobody has asked yet
  return timedAsync(hard.slice(1), change);
}

export function importInWords(graph: LayeredGraph, importMs: number): string {
  return `${graph.nodes.length} CIs and ${graph.edges.length} relations written to PostgreSQL in ${seconds(importMs)}`;
}
