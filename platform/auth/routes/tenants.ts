import { z } from 'zod';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../db/database.ts';
import type { App } from '../../http/application.ts';
import { pageOf, pageQuery, toPage } from '../../http/page.ts';
import type { Logger } from '../../log/log.ts';
import { FIRST_LOGIN } from '../bootstrap.ts';
import { type Passwords, randomPassword } from '../passwords.ts';
import { createTenant, listTenants } from '../tenants.ts';
import { displayName, loginName, password, tenantSlug } from './shapes.ts';

const tenantBody = z.object({ id: z.uuid(), slug: z.string(), name: z.string() });

const newTenantBody = z.object({
  slug: tenantSlug.describe('Part of the tenant’s MQTT topics; it cannot be changed later'),
  name: displayName,
  admin: z
    .object({
      login: loginName.default(FIRST_LOGIN),
      name: displayName.default('Administrator'),
      password: password.optional(),
    })
    .prefault({}),
});

/** The companies on this platform; only members of the tenant that runs it may manage them. */
export function tenantRoutes(deps: {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  log: Logger;
}): (app: App) => void {
  const tags = ['tenants'];
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/tenants',
      config: { permission: 'tenants:write' },
      schema: { tags, summary: 'List the tenants', querystring: pageQuery, response: { 200: pageOf(tenantBody) } },
      handler: async ({ query: { limit, cursor } }) => {
        const rows = await listTenants(deps.db, { limit: limit + 1, cursor });
        return toPage(rows, limit, (tenant) => tenant.slug);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/tenants',
      config: { permission: 'tenants:write' },
      schema: {
        tags,
        summary: 'Create a tenant with its first administrator',
        body: newTenantBody,
        response: {
          201: tenantBody.extend({
            admin: z.object({
              login: z.string(),
              password: z.string().nullable().describe('Shown this once; null when it was given'),
            }),
          }),
        },
      },
      handler: async ({ principal, body }, reply) => {
        const { admin } = body;
        const generated = admin.password === undefined ? randomPassword() : null;
        const { tenant } = await createTenant(deps, {
          slug: body.slug,
          name: body.name,
          admin: { ...admin, password: admin.password ?? generated! },
        });
        deps.log.info({ by: principal.userId, tenantId: tenant.id, slug: tenant.slug }, 'tenant created');
        return reply.code(201).send({ ...tenant, admin: { login: admin.login, password: generated } });
      },
    });
  };
}
