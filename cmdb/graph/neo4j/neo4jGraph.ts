import type { ManagedTransaction } from 'neo4j-driver';
import neo4j from 'neo4j-driver';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import type { GraphEdge, GraphNode, GraphSink, GraphStep } from '../assetGraph.ts';
import { batches } from '../batches.ts';
import { type EdgeEnds, type EdgeRow, edgeRow, type NodeRow, netChange, nodeRow } from './rows.ts';
import { inSession, type Neo4jDatabase } from './session.ts';
import { drawAllTies, drawTiesOf, TIE_SCHEMA } from './ties/draw.ts';

/** What must exist once in a database; each statement may run again. */
const SCHEMA = [
  'CREATE CONSTRAINT faultline_ci_id IF NOT EXISTS FOR (n:CI) REQUIRE n.id IS UNIQUE',
  'CREATE CONSTRAINT faultline_graph_tenant IF NOT EXISTS FOR (v:GraphVersion) REQUIRE v.tenant IS UNIQUE',
  'CREATE INDEX faultline_ci_tenant IF NOT EXISTS FOR (n:CI) ON (n.tenant)',
  'CREATE INDEX faultline_ci_key IF NOT EXISTS FOR (n:CI) ON (n.key)',
  ...TIE_SCHEMA,
] as const;

/** Written as dates of Neo4j, so that people ask by them: `r.lastSeenAt < datetime() - duration('P40D')`. */
const SEEN = (of: string) => `SET ${of}.firstSeenAt = ${time('first')}, ${of}.lastSeenAt = ${time('last')}`;
const time = (end: 'first' | 'last') =>
  `CASE WHEN row.seen.${end} IS NOT NULL THEN datetime({epochMillis: toInteger(row.seen.${end})}) END`;
/** What is written of each CI and relation; a graph of an earlier layout is built anew. */
const LAYOUT = 3;

/** Rows of one UNWIND. */
const BATCH_ROWS = 10_000;
/** Node batches written side by side; relations lock both their ends and so go one after another. */
const NODE_WRITERS = 3;
/** How often a reading begins again because the graph moved under it. */
const MOST_READINGS = 5;

export interface RebuildProgress {
  readonly phase: 'removing' | 'nodes' | 'relations';
  readonly done: number;
}

/**
 * One tenant's graph at a time, as nodes `:CI` and relations in a Neo4j 5.26 or newer. A node `:GraphVersion` says which
 * version of the tenant's graph stands there; a version of null means that it is being built or was never built.
 * Leaves out: deciding what to write, which is the mirror's.
 */
export class Neo4jGraph {
  readonly #at: Neo4jDatabase;
  #prepared: Promise<void> | null = null;

  constructor(at: Neo4jDatabase) {
    this.#at = at;
  }

  /** Tells at once that nobody listens, where everything else tries for some seconds. @throws when nobody answers */
  async reachable(): Promise<void> {
    await this.#at.driver.verifyConnectivity({ database: this.#at.database });
  }

  /** @throws when the server cannot be reached */
  async version(tenantId: string): Promise<bigint | null> {
    return inSession(this.#at, 'READ', async (session) => {
      const { records } = await session.executeRead((tx) =>
        tx.run('MATCH (v:GraphVersion {tenant: $tenantId}) WHERE v.layout = $layout RETURN v.version AS version', {
          tenantId,
          layout: LAYOUT,
        }),
      );
      return (records[0]?.get('version') as bigint | null | undefined) ?? null;
    });
  }

  /**
   * Writes a change in one transaction, if the graph stands at `since`.
   *
   * @returns false when somebody else was quicker: nothing was written then
   */
  async apply(
    tenantId: string,
    since: bigint,
    { version, steps, model }: { version: bigint; steps: readonly GraphStep[]; model: CmdbModel },
  ): Promise<boolean> {
    const net = netChange(tenantId, steps, model);
    return inSession(this.#at, 'WRITE', (session) =>
      session.executeWrite(async (tx) => {
        // Setting a property takes the node's lock, so that two followers write one after the other.
        const { records } = await tx.run(
          'MATCH (v:GraphVersion {tenant: $tenantId}) SET v.follower = $version WITH v WHERE v.version = $since RETURN v.tenant',
          { tenantId, since, version },
        );
        if (records.length === 0) return false;
        for (const rows of batches(net.goneEdges, BATCH_ROWS)) await removeEdges(tx, rows);
        for (const ids of batches(net.goneNodes, BATCH_ROWS)) await removeNodes(tx, ids);
        for (const rows of batches(net.nodes, BATCH_ROWS)) {
          await putNodes(tx, rows);
          await drawTiesOf(
            tx,
            rows.map(({ id }) => id),
          );
        }
        for (const rows of batches(net.edges, BATCH_ROWS)) await putEdges(tx, rows);
        await setVersion(tx, tenantId, version);
        return true;
      }),
    );
  }

  /**
   * Builds a tenant's graph from nothing. Until it is whole its version is null, so that a crash leaves no half graph
   * that anybody would take for one.
   *
   * @param read streams one version of the graph into the sink that it is given, and tells which
   */
  async rebuild(
    tenantId: string,
    read: (begin: (version: bigint, model: CmdbModel) => GraphSink) => Promise<bigint>,
    told: (progress: RebuildProgress) => void,
  ): Promise<bigint> {
    await this.#prepare();
    await this.#clear(tenantId);
    told({ phase: 'removing', done: 0 });
    const nodes = this.#writer(NODE_WRITERS, createNodes, (done) => told({ phase: 'nodes', done }));
    const relations = this.#writer(1, createEdges, (done) => told({ phase: 'relations', done }));
    const version = await read((_version, model) => ({
      nodes: (batch) => nodes.write(batch.map((node) => nodeRow(tenantId, node, model))),
      edges: async (batch) => {
        await nodes.finish(); // both ends stand before anything is drawn between them
        await relations.write(batch.map(edgeRow));
      },
    }));
    await nodes.finish();
    await relations.finish();
    await inSession(this.#at, 'WRITE', (session) =>
      session.executeWrite(async (tx) => {
        await drawAllTies(tx, tenantId);
        await setVersion(tx, tenantId, version);
      }),
    );
    return version;
  }

  /**
   * Streams one version of the graph.
   *
   * @returns null when the graph is being built, or keeps moving
   */
  async load<Sink extends GraphSink>(
    tenantId: string,
    begin: (version: bigint) => Sink,
  ): Promise<{ version: bigint; sink: Sink } | null> {
    for (let reading = 0; reading < MOST_READINGS; reading++) {
      const version = await this.version(tenantId);
      if (version === null) return null;
      const sink = begin(version);
      await this.#stream<GraphNode>(
        'MATCH (n:CI {tenant: $tenantId}) RETURN n.id AS id, n.key AS key, n.type AS type, n.name AS name, n.status AS status, n.attributes AS attributes, n.firstSeenAt.epochMillis AS first, n.lastSeenAt.epochMillis AS last',
        tenantId,
        (get) => ({
          ...{ id: get('id') as string, key: get('key') as string, type: get('type') as string },
          ...{ name: get('name') as string, status: get('status') as string },
          attributes: JSON.parse(get('attributes') as string),
          ...seenOf(get),
        }),
        (batch) => sink.nodes(batch),
      );
      await this.#stream<GraphEdge>(
        'MATCH (a:CI {tenant: $tenantId})-[r]->(b:CI) RETURN a.id AS from, type(r) AS type, b.id AS to, r.group AS group, r.minUp AS minUp, r.minUpPercent AS minUpPercent, r.weight AS weight, r.role AS role, r.source AS source, r.confidence AS confidence, r.firstSeenAt.epochMillis AS first, r.lastSeenAt.epochMillis AS last',
        tenantId,
        (get) => ({
          ...{ fromId: get('from') as string, type: get('type') as string, toId: get('to') as string },
          ...{ group: get('group') as string | null, role: get('role') as string | null },
          ...{
            minUp: numberOf(get('minUp')),
            minUpPercent: numberOf(get('minUpPercent')),
            weight: numberOf(get('weight')),
          },
          ...{ source: get('source') as string | null, confidence: get('confidence') as number },
          ...seenOf(get),
        }),
        (batch) => sink.edges(batch),
      );
      if ((await this.version(tenantId)) === version) return { version, sink };
    }
    return null;
  }

  async #stream<T>(
    query: string,
    tenantId: string,
    map: (get: (name: string) => unknown) => T,
    take: (batch: T[]) => void | Promise<void>,
  ): Promise<void> {
    await inSession(this.#at, 'READ', async (session) => {
      let batch: T[] = [];
      for await (const record of session.run(query, { tenantId })) {
        batch.push(map((name) => record.get(name)));
        if (batch.length === BATCH_ROWS) {
          await take(batch);
          batch = [];
        }
      }
      if (batch.length > 0) await take(batch);
    });
  }

  /** Removes a tenant's graph, part after part; from here to the end of a rebuild its version is null. */
  async #clear(tenantId: string): Promise<void> {
    await inSession(this.#at, 'WRITE', async (session) => {
      await session.executeWrite((tx) =>
        tx.run('MERGE (v:GraphVersion {tenant: $tenantId}) SET v.version = null', { tenantId }),
      );
      // Outside a transaction function: it commits by itself.
      await session.run('MATCH (n:CI {tenant: $tenantId}) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS', {
        tenantId,
      });
    });
  }

  /** Writes batches by a few transactions side by side; `write` waits while all of them are busy. */
  #writer<Row>(
    width: number,
    create: (tx: ManagedTransaction, rows: readonly Row[]) => Promise<unknown>,
    told: (done: number) => void,
  ) {
    const busy = new Set<Promise<void>>();
    // Several may fail while nobody waits for them: the first is told to whoever writes next, or finishes.
    let failed: { readonly reason: unknown } | null = null;
    let done = 0;
    const one = async (rows: readonly Row[]) => {
      await inSession(this.#at, 'WRITE', (session) => session.executeWrite((tx) => create(tx, rows)));
      done += rows.length;
      told(done);
    };
    return {
      write: async (rows: readonly Row[]): Promise<void> => {
        for (const batch of batches(rows, BATCH_ROWS)) {
          while (busy.size >= width) await Promise.race(busy);
          if (failed !== null) throw failed.reason;
          const writing = one(batch)
            .catch((reason: unknown) => {
              failed ??= { reason };
            })
            .finally(() => busy.delete(writing));
          busy.add(writing);
        }
      },
      finish: async (): Promise<void> => {
        await Promise.all(busy);
        if (failed !== null) throw failed.reason;
      },
    };
  }

  #prepare(): Promise<void> {
    this.#prepared ??= inSession(this.#at, 'WRITE', async (session) => {
      for (const statement of SCHEMA) await session.run(statement);
    }).catch((error: unknown) => {
      this.#prepared = null; // to be tried again
      throw error;
    });
    return this.#prepared;
  }
}

function numberOf(value: unknown): number | null {
  return value === null ? null : Number(value);
}

function seenOf(get: (name: string) => unknown) {
  const [first, last] = [get('first'), get('last')];
  return first === null || last === null ? {} : { firstSeenAtMs: Number(first), lastSeenAtMs: Number(last) };
}

function setVersion(tx: ManagedTransaction, tenantId: string, version: bigint) {
  return tx.run('MATCH (v:GraphVersion {tenant: $tenantId}) SET v.version = $version, v.layout = $layout', {
    ...{ tenantId, version, layout: LAYOUT },
  });
}

function removeNodes(tx: ManagedTransaction, ids: readonly string[]) {
  return tx.run('UNWIND $ids AS id MATCH (n:CI {id: id}) DETACH DELETE n', { ids });
}

function putNodes(tx: ManagedTransaction, rows: readonly NodeRow[]) {
  return tx.run(
    `UNWIND $rows AS row MERGE (n:CI {id: row.id})
     REMOVE n:$([label IN labels(n) WHERE label <> 'CI']) SET n = row.props SET n:$(row.label) ${SEEN('n')}`,
    { rows },
  );
}

function createNodes(tx: ManagedTransaction, rows: readonly NodeRow[]) {
  return tx.run(`UNWIND $rows AS row CREATE (n:CI:$(row.label)) SET n = row.props ${SEEN('n')}`, { rows });
}

function putEdges(tx: ManagedTransaction, rows: readonly EdgeRow[]) {
  return tx.run(
    `UNWIND $rows AS row MATCH (a:CI {id: row.from}) MATCH (b:CI {id: row.to})
     MERGE (a)-[r:$(row.type)]->(b) SET r = row.props ${SEEN('r')}`,
    { rows: rows.map(withIntegers) },
  );
}

function createEdges(tx: ManagedTransaction, rows: readonly EdgeRow[]) {
  return tx.run(
    `UNWIND $rows AS row MATCH (a:CI {id: row.from}) MATCH (b:CI {id: row.to})
     CREATE (a)-[r:$(row.type)]->(b) SET r = row.props ${SEEN('r')}`,
    { rows: rows.map(withIntegers) },
  );
}

function removeEdges(tx: ManagedTransaction, rows: readonly EdgeEnds[]) {
  return tx.run('UNWIND $rows AS row MATCH (:CI {id: row.from})-[r:$(row.type)]->(:CI {id: row.to}) DELETE r', {
    rows,
  });
}

/** A plain number would arrive as a float. */
function withIntegers(row: EdgeRow): EdgeRow {
  const { minUp, weight } = row.props;
  if (typeof minUp !== 'number' && typeof weight !== 'number') return row;
  const whole = (value: unknown) => (typeof value === 'number' ? neo4j.int(value) : null);
  return { ...row, props: { ...row.props, minUp: whole(minUp), weight: whole(weight) } };
}
