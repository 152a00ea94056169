import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { auditOf } from '../audit/audit.ts';
import { actorOf, historyBody, historyQuery } from '../audit/routes.ts';
import { DEVICE_NAME } from '../identity.ts';
import type { DeviceRoutesDeps } from '../routeDeps.ts';
import { TYPE_KEY } from '../types/deviceType.ts';
import { createClaims, listClaims, redeemClaim, revokeClaim } from './claims.ts';

const YEAR_MS = 365 * 86_400_000;
const kind = z.enum(['device', 'gateway']);
const wanted = z.strictObject({
  count: z.number().int().min(1).max(1_000).default(1),
  kind: kind.default('device'),
  type: z.string().regex(TYPE_KEY).optional().describe('Key of the type that its devices get'),
  gateway: z.string().regex(DEVICE_NAME).optional().describe('Gateway that publishes for its devices'),
  label: z.string().trim().min(1).max(200).optional(),
  maxUses: z.number().int().min(1).max(10_000).default(1),
  expiresInMs: z
    .number()
    .int()
    .min(60_000)
    .max(YEAR_MS)
    .default(7 * 86_400_000),
});
const claimBody = z.object({
  id: z.uuid(),
  label: z.string().nullable(),
  kind,
  type: z.string().nullable(),
  gateway: z.string().nullable(),
  maxUses: z.number(),
  uses: z.number(),
  createdAt: z.date(),
  createdBy: z.string(),
  expiresAt: z.date(),
  revokedAt: z.date().nullable(),
});
const tags = ['device claims'];
const idParams = z.object({ id: z.uuid() });
const url = '/api/v1/device-claims';

/** Codes with which devices get a name and a secret of their own, without a person at hand. */
export function claimRoutes({ db, clock, registry, log }: DeviceRoutesDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url,
      config: { permission: 'devices:write' },
      schema: {
        tags,
        summary: 'Make claim codes',
        description: 'The codes are returned here and never again.',
        body: wanted,
        response: { 201: z.object({ items: z.array(z.object({ id: z.uuid(), code: z.string() })) }) },
      },
      handler: async (request, reply) => {
        const items = await db.tenant(request.principal.tenantId, (tx) =>
          createClaims(tx, request.body, actorOf(request), clock.nowMs()),
        );
        return reply.code(201).send({ items });
      },
    });

    app.route({
      method: 'GET',
      url,
      config: { permission: 'devices:read' },
      schema: {
        tags,
        summary: 'List claim codes, newest first; not the codes themselves',
        querystring: pageQuery.extend({ cursor: z.uuid().optional() }),
        response: { 200: pageOf(claimBody) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => listClaims(tx, { limit: limit + 1, cursor }));
        return toPage(rows, limit, ({ id }) => id);
      },
    });

    app.route({
      method: 'GET',
      url: `${url}/:id/history`,
      config: { permission: 'devices:read' },
      schema: {
        tags,
        summary: 'Who made, used and revoked a code',
        params: idParams,
        querystring: historyQuery,
        response: { 200: historyBody },
      },
      handler: async ({ principal, params: { id }, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => auditOf(tx, id, { limit: limit + 1, cursor }));
        return toPage(rows, limit, (entry) => entry.id);
      },
    });

    app.route({
      method: 'POST',
      url: `${url}/:id/revoke`,
      config: { permission: 'devices:write' },
      schema: {
        tags,
        summary: 'Revoke a code; devices that have used it stay',
        params: idParams,
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        await db.tenant(request.principal.tenantId, (tx) =>
          revokeClaim(tx, request.params.id, actorOf(request), clock.nowMs()),
        );
        return reply.code(204).send(null);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/claim',
      config: { public: true },
      schema: {
        tags,
        summary: 'Redeem a claim code: a device registers itself',
        description:
          'Open to whoever has a code, at the rate that an address without credentials is allowed. A code that is ' +
          'unknown, expired, revoked or used up is refused with one and the same answer. The secret is returned here ' +
          'and never again.',
        body: z.strictObject({
          code: z.string().min(1).max(64),
          name: z.string().regex(DEVICE_NAME, 'letters and digits, then also . _ : - ; at most 63 characters'),
        }),
        response: {
          201: z.object({ id: z.uuid(), name: z.string(), username: z.string(), secret: z.string() }),
        },
      },
      handler: async (request, reply) => {
        const { code, name } = request.body;
        const credential = await redeemClaim({ db, registry, nowMs: clock.nowMs() }, code, name, request.ip);
        log.info({ deviceId: credential.id, source: request.ip }, 'device registered by a claim code');
        return reply.code(201).send(credential);
      },
    });
  };
}
