import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import { readMirrorState } from '../graph/neo4j/followConsumers.ts';
import { readingAs } from '../model/redaction.ts';
import type { CmdbRouteDeps } from './deps.ts';

/** How far the copy of the graph in Neo4j follows. */
export function mirrorRoutes({ db, graph, mirrored }: CmdbRouteDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/mirror',
      config: { permission: 'cmdb:read' },
      schema: {
        tags: ['cmdb'],
        summary: 'Whether a Neo4j follows the dependency graph, how far it is behind, and why',
        response: {
          200: z.object({
            enabled: z.boolean().describe('NEO4J_URL is set'),
            version: z.bigint().describe('of the graph itself'),
            mirrored: z.bigint().nullable().describe('version that stands in Neo4j; null before the first one does'),
            behind: z.bigint().describe('changes that Neo4j has not taken yet'),
            followedAt: z.date().nullable(),
            tiesBehind: z.number().int().describe('work orders and anomalies whose change it has not taken yet'),
            tiesSince: z.date().nullable().describe('when the first of them changed'),
            problem: z.string().nullable().describe('why it does not follow; null while it does'),
          }),
        },
      },
      handler: async ({ principal }) => {
        const version = await graph.version(principal.tenantId);
        const { mirrored: at, ...state } = await readingAs(db, principal, readMirrorState);
        return { enabled: mirrored, version, mirrored: at, behind: version - (at ?? 0n), ...state };
      },
    });
  };
}
