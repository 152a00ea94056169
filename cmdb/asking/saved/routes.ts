import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { answerQuery } from '../graphql/answer.ts';
import { MOST_CHARACTERS, readyQuery } from '../graphql/limits.ts';
import { graphqlAnswer } from '../graphql/route.ts';
import type { AskingDeps } from '../graphql/session.ts';
import type { TenantSchemas } from '../graphql/tenantSchema.ts';
import { csvOf } from './csvAnswer.ts';
import { changeQuery, listQueries, removeQuery, requireQuery, revisionsOf, saveQuery } from './savedQueries.ts';

const tags = ['cmdb'];
const read = { permission: 'cmdb:read' } as const;
const write = { permission: 'queries:write' } as const;
const variables = z.record(z.string(), z.unknown());
const params = z.object({ id: z.string().trim().min(1).max(100).describe('id or name') });

const kept = z.object({
  name: z.string().trim().min(1).max(100),
  description: z.string().max(1000),
  query: z.string().min(1).max(MOST_CHARACTERS).describe('GraphQL, checked against the schema when it is saved'),
  variables: variables.describe('values for whoever runs it and tells no others'),
  shared: z.boolean().describe('whether everybody may see and run it, with their own rights'),
});
const text = kept.extend({
  description: kept.shape.description.default(''),
  variables: kept.shape.variables.default({}),
  shared: kept.shape.shared.default(false),
});
const saved = kept.extend({
  id: z.uuid(),
  owner: z.string(),
  revision: z.number().int(),
  changedBy: z.string(),
  createdAt: z.date(),
  changedAt: z.date(),
});

/** Queries that are kept, and run by name. */
export function savedQueryRoutes(deps: AskingDeps, schemas: TenantSchemas): (app: App) => void {
  const { db, clock } = deps;
  const now = () => new Date(clock.nowMs());
  /** Refuses what could not be run; limits that its variables set are seen when it is. */
  const checked = async (tenantId: string, query: string) =>
    void readyQuery((await schemas.of(tenantId)).schema, query, null);
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/queries',
      config: read,
      schema: {
        tags,
        summary: 'Saved queries: your own and those that are shared, by name',
        querystring: pageQuery.extend({
          cursor: z
            .string()
            .regex(/^[0-9a-f-]{36} .{1,100}$/s)
            .optional(),
        }),
        response: { 200: pageOf(saved) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const after = cursor === undefined ? null : { id: cursor.slice(0, 36), name: cursor.slice(37) };
        const page = { after, limit: limit + 1 };
        const rows = await db.tenant(principal.tenantId, (tx) => listQueries(tx, principal, page));
        return toPage(rows, limit, ({ id, name }) => `${id} ${name}`);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/queries',
      config: write,
      schema: { tags, summary: 'Save a query', body: text, response: { 201: saved } },
      handler: async ({ principal, body }, reply) => {
        await checked(principal.tenantId, body.query);
        const created = await db.tenant(principal.tenantId, (tx) => saveQuery(tx, principal, body, now()));
        return reply.code(201).send(created);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/queries/:id',
      config: read,
      schema: {
        tags,
        summary: 'One saved query, with what it was before',
        params,
        response: {
          200: saved.extend({
            revisions: z
              .array(kept.extend({ revision: z.number().int(), by: z.string(), at: z.date() }))
              .describe('newest first'),
          }),
        },
      },
      handler: ({ principal, params: { id } }) =>
        db.tenant(principal.tenantId, async (tx) => {
          const query = await requireQuery(tx, principal, id);
          return { ...query, revisions: await revisionsOf(tx, query.id) };
        }),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/cmdb/queries/:id',
      config: write,
      schema: {
        tags,
        summary: 'Change a saved query; what it was is kept',
        params,
        body: text,
        response: { 200: saved },
      },
      handler: async ({ principal, params: { id }, body }) => {
        await checked(principal.tenantId, body.query);
        return db.tenant(principal.tenantId, (tx) => changeQuery(tx, principal, id, body, now()));
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/cmdb/queries/:id',
      config: write,
      schema: {
        tags,
        summary: 'Remove a saved query and what it was before',
        params,
        response: { 200: z.object({ removed: z.literal(true) }) },
      },
      handler: async ({ principal, params: { id } }) => {
        await db.tenant(principal.tenantId, (tx) => removeQuery(tx, principal, id));
        return { removed: true as const };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/queries/:id/run',
      config: read,
      schema: {
        tags,
        summary: 'Run a saved query by its id or name, with your own rights; as JSON, or its one list as CSV',
        params,
        body: z.object({
          variables: variables.default({}).describe('over those that are saved with it'),
          as: z.enum(['json', 'csv']).default('json'),
        }),
        produces: ['application/json', 'text/csv'],
        response: { 200: graphqlAnswer },
      },
      handler: async ({ principal, params: { id }, body }, reply) => {
        const { query, variables: told } = await db.tenant(principal.tenantId, (tx) => requireQuery(tx, principal, id));
        const request = { query, variables: { ...told, ...body.variables } };
        const answer = await answerQuery(deps, await schemas.of(principal.tenantId), principal, request);
        if (body.as === 'json') return answer as z.input<typeof graphqlAnswer>;
        const csv = csvOf(answer.data);
        // A table is sent as it is: the schema describes JSON.
        return reply
          .type('text/csv; charset=utf-8')
          .serializer((table: unknown) => String(table))
          .send(csv as never);
      },
    });
  };
}
