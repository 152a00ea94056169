import neo4j from 'neo4j-driver';
import { openMirror } from '../../../cmdb/index.ts';
import { createLog, createOutbox, reasonOf, systemClock } from '../../../platform/index.ts';
import { neo4jIsHere, startNeo4j } from '../../engines/neo4j.ts';
import { coldStartMs, type Stored } from './stored.ts';
import { inWords, progress, type Spread, seconds, spread } from './timing.ts';

/** Ways to ask Neo4j what a failure reaches. */
const QUERIES = {
  'breadth first, any depth (SHORTEST)':
    'MATCH p = SHORTEST 1 (start:CI {key: $key, tenant: $tenant})<-[:DEPENDS_ON]-+(hit:CI) RETURN count(DISTINCT hit) AS reached',
  'up to six steps, DISTINCT (*1..6)':
    'MATCH (start:CI {key: $key, tenant: $tenant})<-[:DEPENDS_ON*1..6]-(hit:CI) RETURN count(DISTINCT hit) AS reached',
} as const;
const RUNS = 30;
/** No query is waited for longer, nor all of a way. */
const QUERY_TIMEOUT_MS = 10_000;
const WAY_TIMEOUT_MS = 30_000;
/** A graph that takes longer to build there, on a busy machine, is not compared. */
const BUILD_TIMEOUT_MS = 240_000;

export interface BesideNeo4j {
  readonly cypher: Spread;
  readonly coldMs: number;
  readonly told: string[];
}

/** Builds the mirror, loads a projection from it, and asks Neo4j itself what the same failures reach; null without one. */
export async function besideNeo4j({ http, record, tenantId, starts }: Stored): Promise<BesideNeo4j | null> {
  if (!neo4jIsHere()) return null;
  progress('starting Neo4j');
  const engine = await startNeo4j({ heap: '2g', pageCache: '1g' });
  const clock = systemClock();
  const settings = { url: engine.url, user: engine.user, password: engine.password, database: 'neo4j' };
  const outbox = createOutbox(clock, [], () => undefined);
  const log = createLog('silent');
  const tied = { sources: [], news: [] };
  const mirror = openMirror({ db: http.pg.db, record, outbox, clock, log, settings, loadFrom: true, tied });
  const driver = neo4j.driver(engine.url, neo4j.auth.basic(engine.user, engine.password));
  try {
    progress('building the graph in Neo4j');
    const rebuildStart = performance.now();
    const built = await within(BUILD_TIMEOUT_MS, mirror.mirror.rebuild(tenantId));
    if (!built) {
      progress(`Neo4j was not built within ${seconds(BUILD_TIMEOUT_MS)}: left out`);
      return null;
    }
    const rebuildMs = performance.now() - rebuildStart;
    progress('loading it from there');
    const failures = starts(RUNS, 4);
    const coldMs = await coldStartMs(mirror.graph, tenantId, failures[0]!);
    const told = [`the graph built in Neo4j in ${seconds(rebuildMs)}`];
    let best: Spread | null = null;
    for (const [name, query] of Object.entries(QUERIES)) {
      progress(`Cypher, ${name}`);
      const tookMs: number[] = [];
      let cut = 0;
      const untilMs = performance.now() + WAY_TIMEOUT_MS;
      for (const { ciId } of [...failures.slice(0, 3), ...failures]) {
        if (performance.now() > untilMs) break;
        const start = performance.now();
        const session = driver.session({ database: 'neo4j', defaultAccessMode: 'READ' });
        await session
          .executeRead((tx) => tx.run(query, { key: ciId, tenant: tenantId }), { timeout: QUERY_TIMEOUT_MS })
          .catch(() => {
            cut += 1;
          });
        await session.close();
        tookMs.push(performance.now() - start);
      }
      // The first three warm the server up.
      const took = spread(tookMs.length > 3 ? tookMs.slice(3) : tookMs);
      if (best === null || took.p95 < best.p95) best = took;
      told.push(
        `${inWords(`Cypher, ${name}`, took)}; ${tookMs.length} asked, ${cut} cut off at ${seconds(QUERY_TIMEOUT_MS)}`,
      );
    }
    return { cypher: best!, coldMs, told };
  } catch (error) {
    // The other rows are worth telling without it.
    progress(`Neo4j failed: ${reasonOf(error)}`);
    return null;
  } finally {
    await driver.close();
    await mirror.close();
    await engine.stop();
  }
}

/** Whether it ended in time; what goes on afterwards ends with the server. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  // What fails after the deadline, with the server gone, is nobody's concern; what fails before is.
  const ended = work.then(() => true);
  ended.catch(() => undefined);
  try {
    return await Promise.race([ended, promise]);
  } finally {
    clearTimeout(timer);
  }
}
