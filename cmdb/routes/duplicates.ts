import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import {
  decideDuplicate,
  listDuplicates,
  recordDuplicates,
  searchDuplicates,
  takeOpenDuplicate,
} from '../import/duplicates.ts';
import { mergeDuplicate } from '../import/merge.ts';
import { requireCi } from '../lookups/ci.ts';
import { readingAs } from '../model/redaction.ts';
import { currentModel } from '../model/store.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { applyReport, ciRef } from './shapes.ts';

const tags = ['cmdb'];
const params = z.object({ id: z.uuid() });
const states = z.enum(['open', 'merged', 'dismissed']);
const taskShape = z.object({
  id: z.uuid(),
  ciId: z.uuid(),
  otherId: z.uuid(),
  key: z.string().nullable().describe('null for a CI that is no more'),
  name: z.string().nullable(),
  otherKey: z.string().nullable(),
  otherName: z.string().nullable(),
  evidence: z.string().describe('by which attributes they seem to be one'),
  state: states,
  foundAt: z.date(),
  decidedAt: z.date().nullable(),
  decidedBy: z.string().nullable(),
  keptId: z.uuid().nullable(),
});

/** Tasks for CIs that seem to be one. */
export function duplicateRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const { db, clock } = deps;
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/duplicates',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'Pairs of CIs that seem to be one',
        querystring: pageQuery.extend({
          cursor: z.uuid().optional(),
          state: states.optional(),
          ciId: ciRef.optional(),
        }),
        response: { 200: pageOf(taskShape) },
      },
      handler: async ({ principal, query: { limit, cursor, state, ciId } }) => {
        const rows = await readingAs(db, principal, async (tx) => {
          const of = ciId === undefined ? undefined : (await requireCi(tx, ciId)).id;
          return listDuplicates(tx, { ciId: of, state, after: cursor, limit: limit + 1 });
        });
        return toPage(rows, limit, (last) => last.id);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/duplicates/search',
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Look through the whole graph for CIs of a type that are called the same, and open tasks for them',
        body: z.object({
          type: z.string().min(1).max(100),
          identifier: z.array(z.string().min(1).max(200)).min(1).max(5),
        }),
        response: { 200: z.object({ opened: z.number().int() }) },
      },
      handler: ({ principal, body }) =>
        readingAs(db, principal, async (tx) => {
          const pairs = await searchDuplicates(tx, await currentModel(tx), body.type, body.identifier);
          return { opened: await recordDuplicates(tx, pairs, new Date(clock.nowMs())) };
        }),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/duplicates/:id/merge',
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Make one CI of the two; the kept one takes over what it lacks, the history of both stays',
        params,
        body: z.object({ keep: ciRef }),
        response: { 200: applyReport },
      },
      handler: ({ principal, params: { id }, body: { keep } }) =>
        readingAs(db, principal, (tx) => mergeDuplicate(deps, tx, id, { keep, by: principal.name })),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/duplicates/:id/dismiss',
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'They are two; the pair does not come up again',
        params,
        response: { 200: z.object({ state: z.literal('dismissed') }) },
      },
      handler: ({ principal, params: { id } }) =>
        readingAs(db, principal, async (tx) => {
          await takeOpenDuplicate(tx, id);
          const at = new Date(clock.nowMs());
          await decideDuplicate(tx, id, { state: 'dismissed', by: principal.name, keptId: null, at });
          return { state: 'dismissed' as const };
        }),
    });
  };
}
