import type { AnyConsumer, Clock, Database, Logger, Outbox } from '../../../platform/index.ts';
import type { AssetGraph } from '../assetGraph.ts';
import type { TieSource } from '../tie.ts';
import { cypherRunner, type RunCypher } from './cypher/runCypher.ts';
import { followConsumers } from './followConsumers.ts';
import { type GraphMirror, graphMirror } from './mirror.ts';
import { mirroredAssetGraph } from './mirroredAssetGraph.ts';
import { Neo4jGraph } from './neo4jGraph.ts';
import { type Neo4jSettings, openNeo4j } from './server.ts';
import { Neo4jTies } from './ties/neo4jTies.ts';
import { type TieNews, tieConsumer } from './ties/tieConsumer.ts';
import { tieMirror } from './ties/tieMirror.ts';

/** What other parts tie to CIs, and the news by which it changes. */
export interface Tied {
  readonly sources: readonly TieSource[];
  // biome-ignore lint/suspicious/noExplicitAny: a list over all payload types has no narrower element type
  readonly news: readonly TieNews<any>[];
}

/** A Neo4j that follows the graph, and what of it the process uses. */
export interface Neo4jMirror {
  readonly mirror: GraphMirror;
  /** The graph whose projections come from where the settings say. */
  readonly graph: AssetGraph;
  readonly consumers: readonly AnyConsumer[];
  /** Staff's own queries, which may only read. */
  readonly cypher: RunCypher;
  close(): Promise<void>;
}

/** Opens the mirror; nothing is asked of the server before the first change or question. */
export function openMirror(deps: {
  db: Database;
  record: AssetGraph;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  settings: Neo4jSettings;
  loadFrom: boolean;
  tied: Tied;
}): Neo4jMirror {
  const { db, record, outbox, clock, log, settings, loadFrom, tied } = deps;
  const driver = openNeo4j(settings);
  const at = { driver, database: settings.database };
  const neo4j = new Neo4jGraph(at);
  const ties = tieMirror({ db, ties: new Neo4jTies(at), sources: tied.sources });
  const mirror = graphMirror({ record, neo4j, ties, log });
  return {
    mirror,
    graph: loadFrom ? mirroredAssetGraph({ record, neo4j, mirror, log }) : record,
    consumers: [
      ...followConsumers({ mirror, outbox, clock, log }),
      ...tied.news.map((news) => tieConsumer({ outbox, clock }, news)),
    ],
    cypher: cypherRunner(at),
    close: () => driver.close(),
  };
}
