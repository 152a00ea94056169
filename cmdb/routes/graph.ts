import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import { importBody, readBody } from '../import/body.ts';
import { importGraph } from '../import/importGraph.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { importReport } from './shapes.ts';

const tags = ['cmdb'];
/** A CMDB of a few hundred thousand CIs as text. */
const LARGEST_IMPORT_BYTES = 256 * 1024 * 1024;

export function graphRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const { graph } = deps;
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/version',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'Version of the dependency graph',
        response: { 200: z.object({ version: z.bigint() }) },
      },
      handler: async ({ principal }) => ({ version: await graph.version(principal.tenantId) }),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/import',
      bodyLimit: LARGEST_IMPORT_BYTES,
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Import CIs and relations from CSV texts or lists: everything or nothing',
        querystring: z.object({ dryRun: z.enum(['true', 'false']).default('false').describe('preview only') }),
        body: importBody,
        response: { 200: importReport },
      },
      handler: async ({ principal, query, body }) => {
        const { source = 'import', reason } = body;
        const origin = { author: principal.name, source, reason };
        const report = await importGraph(
          deps,
          principal.tenantId,
          await readBody(body),
          origin,
          query.dryRun === 'true',
        );
        return { ...report, warnings: [...report.warnings] };
      },
    });
  };
}
