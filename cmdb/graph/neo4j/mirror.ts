import type { Logger } from '../../../platform/index.ts';
import type { AssetGraph } from '../assetGraph.ts';
import { type GraphSum, summing } from '../graphSum.ts';
import type { Neo4jGraph, RebuildProgress } from './neo4jGraph.ts';
import type { TieMirror } from './ties/tieMirror.ts';

/** How often a follower that others overtake looks again. */
const MOST_TRIES = 20;

/** Both graphs of a tenant, counted and summed. */
export interface GraphComparison {
  readonly equal: boolean;
  readonly record: GraphSum & { readonly version: bigint };
  /** null: there is none, or it is being built. */
  readonly neo4j: (GraphSum & { readonly version: bigint }) | null;
}

/** Keeps Neo4j what PostgreSQL, the system of record, says. */
export interface GraphMirror {
  /**
   * Brings a tenant's graph in Neo4j to the newest version, by the changes since its own or anew, and then what is tied to
   * its CIs.
   *
   * @returns the version that stands there now
   * @throws when Neo4j does not answer
   */
  follow(tenantId: string): Promise<bigint>;
  /** Builds it from nothing, whatever stands there. */
  rebuild(tenantId: string, told?: (progress: RebuildProgress) => void): Promise<bigint>;
  /** Counts and sums both graphs. O(graph). */
  compare(tenantId: string): Promise<GraphComparison>;
}

export function graphMirror(deps: {
  record: AssetGraph;
  neo4j: Neo4jGraph;
  ties: TieMirror;
  log: Logger;
}): GraphMirror {
  const { record, neo4j, ties, log } = deps;
  const rebuildGraph = (tenantId: string, told: (progress: RebuildProgress) => void = () => undefined) =>
    neo4j.rebuild(tenantId, async (begin) => (await record.load(tenantId, begin, 'whole')).version, told);

  const followGraph = async (tenantId: string): Promise<bigint> => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const since = await neo4j.version(tenantId);
      const changes = since === null ? null : await record.changesSince(tenantId, since);
      if (since === null || changes === null) {
        const version = await rebuildGraph(tenantId);
        log.info({ tenantId, version: String(version) }, 'the graph in Neo4j was built anew');
        return version;
      }
      // Equal, or ahead: another follower read a newer version than we did.
      if (changes.version <= since) return since;
      // Read after the changes: one that changed the model would have had the graph built anew.
      const model = await record.model(tenantId);
      if (await neo4j.apply(tenantId, since, { ...changes, model })) return changes.version;
    }
    throw new Error('other followers of the same graph were always quicker');
  };

  return {
    follow: async (tenantId) => {
      const version = await followGraph(tenantId);
      await ties.follow(tenantId);
      return version;
    },
    rebuild: async (tenantId, told) => {
      const version = await rebuildGraph(tenantId, told);
      await ties.rebuild(tenantId);
      return version;
    },
    compare: async (tenantId) => {
      const ofRecord = await record.load(tenantId, (_version, model) => summing(model), 'whole');
      const model = await record.model(tenantId);
      const ofNeo4j = await neo4j.load(tenantId, () => summing(model));
      const { recorded: tied, mirrored: drawn } = await ties.both(tenantId);
      ofRecord.sink.ties(tied);
      ofNeo4j?.sink.ties(drawn);
      const recorded = { ...ofRecord.sink.sum(), version: ofRecord.version };
      const mirrored = ofNeo4j && { ...ofNeo4j.sink.sum(), version: ofNeo4j.version };
      const equal =
        mirrored !== null &&
        mirrored.nodes === recorded.nodes &&
        mirrored.relations === recorded.relations &&
        mirrored.ties === recorded.ties &&
        mirrored.checksum === recorded.checksum;
      return { equal, record: recorded, neo4j: mirrored };
    },
  };
}
