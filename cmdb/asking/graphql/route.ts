import { z } from 'zod';
import type { App } from '../../../platform/index.ts';
import { answerQuery } from './answer.ts';
import { MOST_CHARACTERS, MOST_COST, MOST_DEPTH } from './limits.ts';
import type { AskingDeps } from './session.ts';
import type { TenantSchemas } from './tenantSchema.ts';

const tags = ['cmdb'];
const read = { permission: 'cmdb:read' } as const;

export const graphqlAnswer = z.object({
  data: z.record(z.string(), z.unknown()).nullable(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).describe('where it was asked'),
        extensions: z.object({
          code: z.string().describe('as of every error of this API'),
          field: z.string().optional(),
          detail: z.unknown().optional(),
        }),
      }),
    )
    .optional()
    .describe('what could not be answered; its place in data is null'),
});

export function graphqlRoutes(deps: AskingDeps, schemas: TenantSchemas): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/graphql',
      config: read,
      schema: {
        tags,
        summary: 'Ask the CMDB in GraphQL: CIs by typed filters, what they reach, what breaks, how it was',
        description: `The schema follows the tenant's model: GET /api/v1/cmdb/graphql/schema. There are no mutations. At most ${MOST_DEPTH} fields deep and ${MOST_COST} in cost, told before anything is executed: lists multiply what is asked of their items.`,
        body: z.object({
          query: z.string().min(1).max(MOST_CHARACTERS),
          variables: z.record(z.string(), z.unknown()).nullish(),
          operationName: z.string().max(200).nullish(),
        }),
        response: { 200: graphqlAnswer },
      },
      handler: async ({ principal, body }) =>
        (await answerQuery(deps, await schemas.of(principal.tenantId), principal, body)) as z.input<
          typeof graphqlAnswer
        >,
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/graphql/schema',
      config: read,
      schema: {
        tags,
        summary: 'The GraphQL schema of the present model, as SDL',
        response: { 200: z.object({ modelVersion: z.number().int(), sdl: z.string() }) },
      },
      handler: async ({ principal }) => {
        const { model, sdl } = await schemas.of(principal.tenantId);
        return { modelVersion: model.version, sdl };
      },
    });
  };
}
