import type { Clock, Database, Outbox } from '../../platform/index.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import type { RunCypher } from '../graph/neo4j/cypher/runCypher.ts';
import type { Impact, ImpactQuestions } from '../impact/impact.ts';

/** What the CMDB's routes need. */
export interface CmdbRouteDeps {
  db: Database;
  outbox: Outbox;
  clock: Clock;
  graph: AssetGraph;
  impact: Impact & ImpactQuestions;
  /** Whether a Neo4j follows the graph. */
  mirrored: boolean;
  /** Queries of staff's own to that Neo4j; null where there is none. */
  cypher: RunCypher | null;
}
