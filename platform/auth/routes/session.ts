import { z } from 'zod';
import { SESSION_COOKIE } from '../../http/access.ts';
import type { App } from '../../http/application.ts';
import { demandSameOrigin } from '../../http/sameOrigin.ts';
import type { Logger } from '../../log/log.ts';
import { FIRST_TENANT } from '../bootstrap.ts';
import { authErrors } from '../errors.ts';
import type { Principal } from '../principal.ts';
import { closeSession, confirmPassword, type LoginDeps, openSession } from '../sessions.ts';
import { deleteToken } from '../tokens.ts';
import { getUser, setPassword } from '../users.ts';
import { loginName, nothing, password, permission, role, tenantSlug } from './shapes.ts';

const loginBody = z.object({
  tenant: tenantSlug.default(FIRST_TENANT),
  login: loginName,
  password,
  as: z
    .enum(['bearer', 'cookie'])
    .default('bearer')
    .describe('bearer: the answer holds the secret; cookie: a browser keeps it out of reach of scripts'),
});

const openedBody = z.object({
  token: z.string().nullable().describe('Send as "Authorization: Bearer …"; null when it went into the cookie'),
  expiresAt: z.date(),
});

const meBody = z.object({
  tenant: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }),
  userId: z.uuid(),
  login: z.string(),
  name: z.string(),
  locale: z.string(),
  roles: z.array(role),
  permissions: z.array(permission),
  credential: z.enum(['session', 'token', 'link']),
});

/** Signing in and out, and what everybody may do with their own account. */
export function sessionRoutes(deps: LoginDeps & { log: Logger }): (app: App) => void {
  const tags = ['session'];
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/session',
      config: { public: true },
      schema: { tags, summary: 'Sign in', body: loginBody, response: { 201: openedBody } },
      handler: async (request, reply) => {
        const { as, ...login } = request.body;
        // Or another site's page could sign its visitor in as somebody else.
        if (as === 'cookie') demandSameOrigin(request);
        const opened = await openSession(deps, { ...login, address: request.ip });
        deps.log.info({ tenantId: opened.tenantId, userId: opened.userId, address: request.ip }, 'signed in');
        const { secret, expiresAt } = opened;
        if (as === 'bearer') return reply.code(201).send({ token: secret, expiresAt });
        const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: 'auto', expires: expiresAt } as const;
        return reply.setCookie(SESSION_COOKIE, secret, cookie).code(201).send({ token: null, expiresAt });
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/session',
      config: { permission: 'self' },
      schema: { tags, summary: 'Who am I, and what may I do?', response: { 200: meBody } },
      handler: async ({ principal }) =>
        deps.db.tenant(principal.tenantId, async (tx) => {
          const { rows } = await tx.query<{ id: string; slug: string; name: string }>(
            'select id, slug, name from tenant',
          );
          const user = await getUser(tx, userIdOf(principal));
          return {
            tenant: rows[0]!,
            userId: user.id,
            login: user.login,
            name: user.name,
            locale: user.locale,
            roles: [...principal.roles],
            permissions: [...principal.permissions],
            credential: principal.credential.kind,
          };
        }),
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/session',
      config: { permission: 'self' },
      schema: { tags, summary: 'Sign out: the session, or the token in use, ends at once', response: { 204: nothing } },
      handler: async ({ principal }, reply) => {
        const { kind, id } = principal.credential;
        await deps.db.tenant(principal.tenantId, (tx) =>
          kind === 'session' ? closeSession(tx, id) : deleteToken(tx, userIdOf(principal), id),
        );
        return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send();
      },
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/session/password',
      config: { permission: 'self' },
      schema: {
        tags,
        summary: 'Change my password; my other sessions end',
        body: z.object({ currentPassword: password, newPassword: password }),
        response: { 204: nothing },
      },
      handler: async ({ principal, body, ip }, reply) => {
        const { tenantId, credential } = principal;
        if (credential.kind !== 'session') throw authErrors.SESSION_NEEDED({});
        const userId = userIdOf(principal);
        await confirmPassword(deps, { tenantId, userId, address: ip }, body.currentPassword);
        const user = await deps.db.tenant(tenantId, (tx) => getUser(tx, userId));
        const hash = await deps.passwords.hash(user.login, body.newPassword);
        await deps.db.tenant(tenantId, (tx) => setPassword(tx, userId, hash, credential.id));
        deps.log.info({ tenantId, userId }, 'password changed');
        return reply.code(204).send();
      },
    });
  };
}

/** Every credential of this version belongs to a person. */
function userIdOf(principal: Principal): string {
  if (principal.userId === null) throw authErrors.SESSION_NEEDED({});
  return principal.userId;
}
