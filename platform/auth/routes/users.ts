import { z } from 'zod';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../db/database.ts';
import type { App } from '../../http/application.ts';
import { pageOf, pageQuery, toPage } from '../../http/page.ts';
import type { Logger } from '../../log/log.ts';
import type { Passwords } from '../passwords.ts';
import { demandRolesWithinOwn } from '../rights.ts';
import { changeUser, getUser, insertUser, listUsers, setPassword, setRoles } from '../users.ts';
import { displayName, email, idParams, locale, loginName, nothing, password, role, userBody } from './shapes.ts';

const newUserBody = z.object({
  login: loginName,
  name: displayName,
  email: email.nullable().default(null),
  locale: locale.default('en'),
  roles: z.array(role).min(1).max(8),
  password,
});

const changeBody = z
  .object({ name: displayName, email: email.nullable(), locale, disabled: z.boolean() })
  .partial()
  .strict();

/** The people of a tenant and what they may do. */
export function userRoutes(deps: {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  log: Logger;
}): (app: App) => void {
  const tags = ['users'];
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/users',
      config: { permission: 'users:read' },
      schema: { tags, summary: 'List the users', querystring: pageQuery, response: { 200: pageOf(userBody) } },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await deps.db.tenant(principal.tenantId, (tx) => listUsers(tx, { limit: limit + 1, cursor }));
        return toPage(rows, limit, (user) => user.login);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/users/:id',
      config: { permission: 'users:read' },
      schema: { tags, summary: 'Get a user', params: idParams, response: { 200: userBody } },
      handler: async ({ principal, params }) => deps.db.tenant(principal.tenantId, (tx) => getUser(tx, params.id)),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/users',
      config: { permission: 'users:write' },
      schema: { tags, summary: 'Create a user', body: newUserBody, response: { 201: userBody } },
      handler: async ({ principal, body }, reply) => {
        demandRolesWithinOwn(principal, body.roles);
        const passwordHash = await deps.passwords.hash(body.login, body.password);
        const now = new Date(deps.clock.nowMs());
        const user = await deps.db.tenant(principal.tenantId, (tx) => insertUser(tx, { ...body, passwordHash, now }));
        deps.log.info({ by: principal.userId, userId: user.id, roles: user.roles }, 'user created');
        return reply.code(201).send(user);
      },
    });

    app.route({
      method: 'PATCH',
      url: '/api/v1/users/:id',
      config: { permission: 'users:write' },
      schema: {
        tags,
        summary: 'Change, disable or enable a user',
        description: 'Disabling ends the user’s sessions and stops their API tokens at once.',
        params: idParams,
        body: changeBody,
        response: { 200: userBody },
      },
      handler: async ({ principal, params, body }) => {
        const now = new Date(deps.clock.nowMs());
        const user = await deps.db.tenant(principal.tenantId, async (tx) => {
          demandRolesWithinOwn(principal, (await getUser(tx, params.id)).roles);
          return changeUser(tx, params.id, body, now);
        });
        deps.log.info({ by: principal.userId, userId: user.id, changed: Object.keys(body) }, 'user changed');
        return user;
      },
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/users/:id/roles',
      config: { permission: 'users:write' },
      schema: {
        tags,
        summary: 'Replace the roles of a user',
        params: idParams,
        body: z.object({ roles: z.array(role).max(8) }),
        response: { 200: userBody },
      },
      handler: async ({ principal, params, body }) => {
        const user = await deps.db.tenant(principal.tenantId, async (tx) => {
          const before = await getUser(tx, params.id);
          demandRolesWithinOwn(principal, [...before.roles, ...body.roles]);
          return setRoles(tx, params.id, body.roles);
        });
        deps.log.info({ by: principal.userId, userId: user.id, roles: user.roles }, 'roles changed');
        return user;
      },
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/users/:id/password',
      config: { permission: 'users:write' },
      schema: {
        tags,
        summary: 'Give a user a new password; all their sessions end',
        params: idParams,
        body: z.object({ password }),
        response: { 204: nothing },
      },
      handler: async ({ principal, params, body }, reply) => {
        const user = await deps.db.tenant(principal.tenantId, (tx) => getUser(tx, params.id));
        demandRolesWithinOwn(principal, user.roles);
        const hash = await deps.passwords.hash(user.login, body.password);
        await deps.db.tenant(principal.tenantId, (tx) => setPassword(tx, user.id, hash, null));
        deps.log.info({ by: principal.userId, userId: user.id }, 'password reset');
        return reply.code(204).send();
      },
    });
  };
}
