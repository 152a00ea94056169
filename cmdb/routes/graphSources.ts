import { z } from 'zod';
import type { App, Principal } from '../../platform/index.ts';
import { checkMapping } from '../import/neo4j/checkMapping.ts';
import type { GraphSources } from '../import/neo4j/graphSources.ts';
import { mappingSchema } from '../import/neo4j/mapping.ts';
import {
  type GraphSource,
  listGraphSources,
  putGraphSource,
  removeGraphSource,
  requireGraphSource,
} from '../import/neo4j/store.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { importReport } from './imports.ts';

const tags = ['cmdb'];
const write = { permission: 'cmdb:write' } as const;
const params = z.object({ id: z.uuid() });
const MOST_MINUTES = 31 * 24 * 60;

const settings = z.object({
  name: z.string().trim().min(1).max(200).describe('the source by which its CIs are remembered'),
  url: z
    .string()
    .max(500)
    .regex(
      /^bolt(\+s|\+ssc)?:\/\/[^/@\s]+$/,
      'is no address: bolt://host:7687, or bolt+s:// for TLS, without user and path',
    )
    .refine((text) => URL.canParse(text), 'is no address')
    .describe('of one server of a Neo4j 5 or newer'),
  user: z.string().min(1).max(200).default('neo4j'),
  database: z.string().min(1).max(200).default('neo4j'),
  mapping: mappingSchema,
  everyMinutes: z.number().int().min(1).max(MOST_MINUTES).nullable().default(null).describe('read again so often'),
});
const newSource = settings.extend({ password: z.string().min(1).max(500) });
const changedSource = settings.extend({
  password: z.string().min(1).max(500).optional().describe('left out, the one that is kept stays'),
});
const sourceShape = settings.extend({ id: z.uuid(), createdAt: z.date() });
const contents = z.object({
  labels: z.array(
    z.object({
      label: z.string(),
      count: z.number().int(),
      properties: z.array(
        z.object({
          name: z.string(),
          count: z.number().int().describe('nodes of the label that have it'),
          different: z.number().int().describe('different values: as many as nodes is what a key can be'),
        }),
      ),
    }),
  ),
  relations: z.array(
    z.object({
      relation: z.string(),
      from: z.array(z.string()),
      to: z.array(z.string()),
      count: z.number().int(),
    }),
  ),
});

/** Graphs that a site keeps in a Neo4j of its own, read into the CMDB. */
export function graphSourceRoutes({ db, clock }: CmdbRouteDeps, sources: GraphSources): (app: App) => void {
  const saved = (tenantId: string, id: string | null, body: z.output<typeof changedSource>) =>
    db.tenant(tenantId, async (tx) => {
      await checkMapping(tx, body.mapping);
      const known = id === null ? null : await requireGraphSource(tx, id);
      const source = await putGraphSource(tx, sources.sealer, known, body, new Date(clock.nowMs()));
      await sources.plan(tx, source);
      return shown(source);
    });
  const found = ({ tenantId }: Principal, id: string) => db.tenant(tenantId, (tx) => requireGraphSource(tx, id));
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/graph-sources',
      config: write,
      schema: {
        tags,
        summary: 'Graphs of other Neo4j that are read',
        response: { 200: z.object({ items: z.array(sourceShape) }) },
      },
      handler: async ({ principal }) => ({
        items: (await db.tenant(principal.tenantId, listGraphSources)).map(shown),
      }),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/graph-sources',
      config: write,
      schema: {
        tags,
        summary: 'Set up the reading of a graph in another Neo4j: where it is, and what its labels are here',
        description: 'Addresses inside private networks need the operator’s consent (WEBHOOK_ALLOW).',
        body: newSource,
        response: { 201: sourceShape },
      },
      handler: async ({ principal, body }, reply) => reply.code(201).send(await saved(principal.tenantId, null, body)),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/cmdb/graph-sources/:id',
      config: write,
      schema: { tags, summary: 'Set it up otherwise', params, body: changedSource, response: { 200: sourceShape } },
      handler: ({ principal, params: { id }, body }) => saved(principal.tenantId, id, body),
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/cmdb/graph-sources/:id',
      config: write,
      schema: {
        tags,
        summary: 'Read it no more; what was read stays',
        params,
        response: { 204: z.undefined().describe('Done') },
      },
      handler: async ({ principal, params: { id } }, reply) => {
        await db.tenant(principal.tenantId, (tx) => removeGraphSource(tx, id));
        return reply.code(204).send();
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/graph-sources/:id/look',
      config: write,
      schema: {
        tags,
        summary: 'What stands there: labels, relations and properties with their counts',
        params,
        response: { 200: contents },
      },
      handler: async ({ principal, params: { id } }) => {
        const { labels, relations } = await sources.look(principal.tenantId, await found(principal, id));
        return {
          labels: labels.map((label) => ({ ...label, properties: [...label.properties] })),
          relations: relations.map((one) => ({ ...one, from: [...one.from], to: [...one.to] })),
        };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/graph-sources/:id/import',
      config: write,
      schema: {
        tags,
        summary: 'Read it now: everything that the mapping names, or nothing',
        params,
        querystring: z.object({ dryRun: z.enum(['true', 'false']).default('false').describe('preview only') }),
        body: z.object({
          expectedVersion: z
            .string()
            .regex(/^\d{1,18}$/)
            .optional()
            .describe('baseVersion of a preview; refused when the graph has changed since'),
          reason: z.string().max(500).optional(),
        }),
        response: { 200: importReport },
      },
      handler: async ({ principal, params: { id }, query, body }) => {
        const source = await found(principal, id);
        const report = await sources.read(principal.tenantId, source, {
          ...{ author: principal.name, dryRun: query.dryRun === 'true', reason: body.reason, reader: principal },
          expectedVersion: body.expectedVersion === undefined ? undefined : BigInt(body.expectedVersion),
        });
        return { ...report, formats: [{ file: source.name, format: 'Neo4j' }] } as z.input<typeof importReport>;
      },
    });
  };
}

/** Without the password, which never leaves. */
function shown({ id, name, url, user, database, mapping, everyMinutes, createdAt }: GraphSource) {
  return { id, name, url, user, database, mapping, everyMinutes, createdAt };
}
