import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { requireCi } from '../lookups/ci.ts';
import { addWindow, listWindows, removeWindow } from '../maintenance/windows.ts';
import { readingAs } from '../model/redaction.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { ciRef, windowShape } from './shapes.ts';

const tags = ['cmdb'];
const instant = z.iso.datetime({ offset: true }).describe('ISO 8601 with offset');

export function maintenanceRoutes({ db }: Pick<CmdbRouteDeps, 'db'>): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/maintenance-windows',
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Announce work on a CI and all that is part of it',
        body: z.object({ ciId: ciRef, from: instant, to: instant, reason: z.string().trim().min(1).max(500) }),
        response: { 201: windowShape },
      },
      handler: async ({ principal, body }, reply) => {
        const window = await readingAs(db, principal, async (tx) => {
          const { id } = await requireCi(tx, body.ciId);
          const { reason } = body;
          const author = principal.name;
          return addWindow(tx, { ciId: id, from: new Date(body.from), to: new Date(body.to), reason, author });
        });
        return reply.code(201).send(window);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/maintenance-windows',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'List maintenance windows',
        querystring: pageQuery.extend({ cursor: z.uuid().optional(), ciId: ciRef.optional() }),
        response: { 200: pageOf(windowShape) },
      },
      handler: ({ principal, query }) =>
        readingAs(db, principal, async (tx) => {
          const ciId = query.ciId === undefined ? undefined : (await requireCi(tx, query.ciId)).id;
          const rows = await listWindows(tx, { ciId, after: query.cursor, limit: query.limit + 1 });
          return toPage(rows, query.limit, (last) => last.id);
        }),
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/cmdb/maintenance-windows/:id',
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Take a maintenance window back',
        params: z.object({ id: z.uuid() }),
        response: { 200: z.object({ removed: z.literal(true) }) },
      },
      handler: async ({ principal, params }) => {
        if (!(await readingAs(db, principal, (tx) => removeWindow(tx, params.id)))) {
          throw cmdbErrors.CMDB_WINDOW_UNKNOWN({ id: params.id });
        }
        return { removed: true as const };
      },
    });
  };
}
