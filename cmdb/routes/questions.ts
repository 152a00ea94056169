import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { ciRef, failedCi, failureOf, lifeShape, listOf } from './shapes.ts';

const tags = ['cmdb'];
const card = { ciId: z.string(), key: z.string(), name: z.string(), type: z.string() };
const told = z.array(failedCi);
const cause = z.object({
  ...card,
  score: z.number().min(0).max(1),
  explains: listOf(z.object(card)),
  silent: z.number().int().describe("CIs of the alarms' own types that would be down too and raised none"),
  distance: z.number().int().describe('dependencies between it and the nearest alarm that it explains'),
});

/** Questions that go against the direction of failure. */
export function questionRoutes({ impact }: CmdbRouteDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/next-losses',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'The single CIs whose loss would take this one down next',
        body: z.object({
          ci: ciRef.describe('a service, or any CI'),
          failed: told.max(1000).default([]).describe('taken as failed on top of the present health'),
        }),
        response: {
          200: z.object({
            graphVersion: z.string(),
            healthVersion: z.string(),
            alreadyDown: z.boolean(),
            losses: listOf(z.object({ ...card, distance: z.number().int(), remainingLife: lifeShape })).describe(
              'nearest first',
            ),
          }),
        },
      },
      handler: ({ principal, body }) =>
        impact.nextLosses(principal.tenantId, body.ci, body.failed.map(failureOf), principal),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/single-points-of-failure',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'Every CI whose loss alone takes a service down, worst first; while points is null, ask again',
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
        response: {
          200: z.object({
            graphVersion: z.string(),
            healthVersion: z.string(),
            done: z.number().int().describe('candidates tried'),
            total: z.number().int(),
            points: z
              .array(
                z.object({
                  ...card,
                  servicesDown: z.number().int().describe('beside itself, where it is one'),
                  criticality: z.number().describe('of the most critical service that goes down'),
                  costPerHour: z.number(),
                  users: z.number(),
                }),
              )
              .nullable(),
          }),
        },
      },
      handler: async ({ principal, query }) => {
        const search = await impact.singlePoints(principal.tenantId, principal);
        return { ...search, points: search.points?.slice(0, query.limit) ?? null };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/root-causes',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'Which failures explain these simultaneous alarms best',
        body: z.object({
          alarms: told.min(1).max(500),
          limit: z.number().int().min(1).max(100).default(10),
        }),
        response: {
          200: z.object({
            graphVersion: z.string(),
            causes: listOf(cause).describe('best first'),
            together: listOf(cause).describe('the fewest that explain all of the alarms'),
          }),
        },
      },
      handler: ({ principal, body }) =>
        impact.rootCauses(principal.tenantId, body.alarms.map(failureOf), body.limit, principal),
    });
  };
}
