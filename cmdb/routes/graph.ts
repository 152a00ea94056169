import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import type { CmdbRouteDeps } from './deps.ts';

const tags = ['cmdb'];

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
  };
}
