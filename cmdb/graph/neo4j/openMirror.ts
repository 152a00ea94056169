import type { AnyConsumer, Clock, Logger, Outbox } from '../../../platform/index.ts';
import type { AssetGraph } from '../assetGraph.ts';
import { followConsumers } from './followConsumers.ts';
import { type GraphMirror, graphMirror } from './mirror.ts';
import { mirroredAssetGraph } from './mirroredAssetGraph.ts';
import { Neo4jGraph } from './neo4jGraph.ts';
import { type Neo4jSettings, openNeo4j } from './server.ts';

/** A Neo4j that follows the graph, and what of it the process uses. */
export interface Neo4jMirror {
  readonly mirror: GraphMirror;
  /** The graph whose projections come from where the settings say. */
  readonly graph: AssetGraph;
  readonly consumers: readonly AnyConsumer[];
  close(): Promise<void>;
}

/** Opens the mirror; nothing is asked of the server before the first change or question. */
export function openMirror(deps: {
  record: AssetGraph;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  settings: Neo4jSettings;
  loadFrom: boolean;
}): Neo4jMirror {
  const { record, outbox, clock, log, settings, loadFrom } = deps;
  const driver = openNeo4j(settings);
  const neo4j = new Neo4jGraph(driver, settings.database);
  const mirror = graphMirror({ record, neo4j, log });
  return {
    mirror,
    graph: loadFrom ? mirroredAssetGraph({ record, neo4j, mirror, log }) : record,
    consumers: followConsumers({ mirror, outbox, clock, log }),
    close: () => driver.close(),
  };
}
