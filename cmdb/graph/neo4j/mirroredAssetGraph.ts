import { type Logger, reasonOf } from '../../../platform/index.ts';
import { projectsSensitive } from '../../model/keptAttributes.ts';
import type { AssetGraph } from '../assetGraph.ts';
import type { GraphMirror } from './mirror.ts';
import type { Neo4jGraph } from './neo4jGraph.ts';

/**
 * The dependency graph whose projections are loaded from Neo4j. Changes, versions and history stay with the system of
 * record; a graph that Neo4j cannot give (unreachable, being built) is read from there too, so that a verdict never
 * waits for Neo4j. So is what Neo4j is not given: sensitive attributes.
 */
export function mirroredAssetGraph(deps: {
  record: AssetGraph;
  neo4j: Neo4jGraph;
  mirror: GraphMirror;
  log: Logger;
}): AssetGraph {
  const { record, neo4j, mirror, log } = deps;
  return {
    model: record.model,
    version: record.version,
    changesSince: record.changesSince,
    apply: record.apply,
    history: record.history,
    load: async (tenantId, begin, depth) => {
      const ofRecord = () => record.load(tenantId, begin, depth);
      if (depth === 'whole') return ofRecord();
      try {
        await neo4j.reachable();
        await mirror.follow(tenantId);
        const model = await record.model(tenantId);
        if (projectsSensitive(model)) return ofRecord();
        const loaded = await neo4j.load(tenantId, (version) => begin(version, model));
        if (loaded) return loaded;
        log.warn({ tenantId }, 'the graph in Neo4j is being built; reading it from PostgreSQL');
      } catch (error) {
        log.warn({ tenantId, reason: reasonOf(error) }, 'Neo4j did not give the graph; reading it from PostgreSQL');
      }
      return ofRecord();
    },
  };
}
