import type { App } from '../../platform/index.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { failureOf, impactRequest, presentQuery, verdictShape, whatIfRequest, whatIfShape } from './shapes.ts';
import { asVerdict, asWhatIf } from './verdictText.ts';

const tags = ['cmdb'];

/** What breaks: of a failure, at present, and if something were otherwise. */
export function impactRoutes({ impact }: Pick<CmdbRouteDeps, 'impact'>): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/impact',
      config: { permission: 'cmdb:read' },
      serializerCompiler: asVerdict,
      schema: {
        tags,
        summary: 'What breaks when these CIs fail: services, owners, cause chains, redundancy left',
        body: impactRequest,
        response: { 200: verdictShape },
      },
      handler: ({ principal, body }) =>
        impact.impact(principal.tenantId, {
          failed: body.failed.map(failureOf),
          minVersion: body.minVersion === undefined ? undefined : BigInt(body.minVersion),
          affectedLimit: body.affectedLimit,
          reader: principal,
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/impact',
      config: { permission: 'cmdb:read' },
      serializerCompiler: asVerdict,
      schema: {
        tags,
        summary: 'What is broken at present, by all that is not ok or worked on: services, owners, cause chains',
        querystring: presentQuery,
        response: { 200: verdictShape },
      },
      handler: ({ principal, query }) => impact.present(principal.tenantId, query.affectedLimit, principal),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/what-if',
      config: { permission: 'cmdb:read' },
      serializerCompiler: asWhatIf,
      schema: {
        tags,
        summary: 'What would be if these failed, those were worked on and others worked again; nothing is kept',
        body: whatIfRequest,
        response: { 200: whatIfShape },
      },
      handler: ({ principal, body }) =>
        impact.whatIf(principal.tenantId, { ...body, fail: body.fail.map(failureOf), reader: principal }),
    });
  };
}
