import { z } from 'zod';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../db/database.ts';
import type { App } from '../../http/application.ts';
import { pageOf, pageQuery, toPage } from '../../http/page.ts';
import type { Logger } from '../../log/log.ts';
import { authErrors } from '../errors.ts';
import type { Principal } from '../principal.ts';
import { demandWithinOwn } from '../rights.ts';
import { deleteToken, insertToken, listTokens } from '../tokens.ts';
import { displayName, idParams, nothing, permission } from './shapes.ts';

const DAY_MS = 86_400_000;

const tokenBody = z
  .object({
    id: z.uuid(),
    name: z.string(),
    permissions: z.array(permission),
    createdAt: z.date(),
    expiresAt: z.date(),
  })
  .meta({ id: 'ApiToken' });

const newTokenBody = z.object({
  name: displayName.describe('What uses it, so that it can be recognised later'),
  permissions: z.array(permission).min(1),
  expiresInDays: z.number().int().min(1).max(730).default(90),
});

/** API tokens: a person lends a program a part of their own rights. */
export function tokenRoutes(deps: { db: Database; clock: Clock; log: Logger }): (app: App) => void {
  const tags = ['tokens'];
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/tokens',
      config: { permission: 'tokens:write' },
      schema: {
        tags,
        summary: 'List my API tokens',
        querystring: pageQuery.extend({ cursor: z.uuid().optional() }),
        response: { 200: pageOf(tokenBody) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await deps.db.tenant(principal.tenantId, (tx) =>
          listTokens(tx, ownerOf(principal), { limit: limit + 1, cursor }),
        );
        return toPage(rows, limit, (token) => token.id);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/tokens',
      config: { permission: 'tokens:write' },
      schema: {
        tags,
        summary: 'Make an API token; its secret is shown this once',
        body: newTokenBody,
        response: { 201: tokenBody.extend({ token: z.string() }).meta({ id: 'NewApiToken' }) },
      },
      handler: async ({ principal, body }, reply) => {
        demandWithinOwn(principal, body.permissions);
        const { secret, ...made } = await deps.db.tenant(principal.tenantId, (tx) =>
          insertToken(tx, {
            userId: ownerOf(principal),
            name: body.name,
            permissions: body.permissions,
            nowMs: deps.clock.nowMs(),
            lifeMs: body.expiresInDays * DAY_MS,
          }),
        );
        deps.log.info({ by: principal.userId, tokenId: made.id, permissions: made.permissions }, 'API token made');
        return reply.code(201).send({ ...made, token: secret });
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/tokens/:id',
      config: { permission: 'tokens:write' },
      schema: { tags, summary: 'Revoke one of my API tokens', params: idParams, response: { 204: nothing } },
      handler: async ({ principal, params }, reply) => {
        await deps.db.tenant(principal.tenantId, (tx) => deleteToken(tx, ownerOf(principal), params.id));
        deps.log.info({ by: principal.userId, tokenId: params.id }, 'API token revoked');
        return reply.code(204).send();
      },
    });
  };
}

function ownerOf(principal: Principal): string {
  if (principal.userId === null) throw authErrors.SESSION_NEEDED({});
  return principal.userId;
}
