import { z } from 'zod';
import {
  type App,
  FaultlineError,
  listTenants,
  newId,
  type Permission,
  pageOf,
  pageQuery,
  reasonOf,
  toPage,
} from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { RunCypher } from '../graph/neo4j/cypher/runCypher.ts';
import { listCypherRuns, noteAsked, noteOutcome } from '../graph/neo4j/cypher/runs.ts';
import { seesRestricted } from '../model/redaction.ts';
import type { CmdbRouteDeps } from './deps.ts';

const tags = ['cmdb'];
/** Whoever asks Neo4j reads all that stands there: it has no rights of its own by which to keep something back. */
const READ_THERE: readonly Permission[] = ['cmdb:read', 'orders:read', 'anomalies:read'];

const askBody = z.object({
  query: z.string().trim().min(1).max(20_000).describe('one Cypher query that reads'),
  parameters: z.record(z.string(), z.unknown()).default({}).describe('by name, without $'),
  limit: z.number().int().min(1).max(10_000).default(1_000).describe('most rows'),
  timeoutMs: z.number().int().min(100).max(30_000).default(10_000),
});
const answerShape = z.object({
  columns: z.array(z.string()),
  rows: z
    .array(z.array(z.unknown()))
    .describe(
      'nodes as {id, labels, properties}, relations as {id, type, from, to, properties}, paths as {nodes, relations}',
    ),
  cut: z.enum(['rows', 'bytes']).nullable().describe('what was reached before the end of the answer (8 MiB of text)'),
  tookMs: z.number(),
});
const runShape = z.object({
  id: z.uuid(),
  author: z.string(),
  query: z.string(),
  askedAt: z.date(),
  outcome: z.enum(['asked', 'answered', 'refused', 'failed']),
  rows: z.number().int().nullable(),
  tookMs: z.number().int().nullable(),
  problem: z.string().nullable(),
});

/** Staff's own Cypher, where the graph is in a Neo4j and nobody else's is. */
export function cypherRoutes({ db, clock, cypher }: CmdbRouteDeps): (app: App) => void {
  const offered = async (permissions: ReadonlySet<Permission>): Promise<RunCypher> => {
    if (cypher === null) throw cmdbErrors.CMDB_CYPHER_NO_NEO4J({});
    const lacking = READ_THERE.filter((permission) => !permissions.has(permission));
    if (!seesRestricted({ permissions })) lacking.push('cmdb:restricted');
    if (lacking.length > 0) throw cmdbErrors.CMDB_CYPHER_RIGHTS({ lacking });
    if ((await listTenants(db, { limit: 2 })).length !== 1) throw cmdbErrors.CMDB_CYPHER_TENANTS({});
    return cypher;
  };
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/cypher',
      config: { permission: 'cypher:run' },
      schema: {
        tags,
        summary: 'Ask the graph in Neo4j in Cypher, reading only',
        description:
          'In installations of one tenant, where NEO4J_URL is set. No LOAD CSV, no procedures, no writes; the plan is looked at first. docs/neo4j.md has examples.',
        body: askBody,
        response: { 200: answerShape },
      },
      handler: async ({ principal, body }) => {
        const { tenantId, name: author, permissions } = principal;
        const { query, parameters, limit: mostRows, timeoutMs } = body;
        const run = await offered(permissions);
        const id = newId();
        const beganMs = clock.nowMs();
        await noteAsked(db, tenantId, { id, author, query, askedAt: new Date(beganMs) });
        const noted = (outcome: 'answered' | 'refused' | 'failed', rows: number | null, problem: string | null) =>
          noteOutcome(db, tenantId, id, { outcome, rows, tookMs: Math.round(clock.nowMs() - beganMs), problem });
        try {
          const { columns, rows, cut } = await run({ query, parameters, mostRows, timeoutMs, by: author });
          await noted('answered', rows.length, null);
          return { columns: [...columns], rows: rows.map((row) => [...row]), cut, tookMs: clock.nowMs() - beganMs };
        } catch (error) {
          const refused = error instanceof FaultlineError && error.code === 'CMDB_CYPHER_REFUSED';
          await noted(refused ? 'refused' : 'failed', null, reasonOf(error));
          throw error;
        }
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/cypher/runs',
      config: { permission: 'cypher:run' },
      schema: {
        tags,
        summary: 'Who asked Neo4j what, the newest first',
        querystring: pageQuery.extend({ cursor: z.uuid().optional() }),
        response: { 200: pageOf(runShape) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) =>
          listCypherRuns(tx, { before: cursor, limit: limit + 1 }),
        );
        return toPage(rows, limit, (last) => last.id);
      },
    });
  };
}
