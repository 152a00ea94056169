import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { auditOf } from './audit/audit.ts';
import { actorOf, historyBody, historyQuery } from './audit/routes.ts';
import { bulkRoutes } from './bulk/routes.ts';
import { claimRoutes } from './claims/routes.ts';
import { configurationRoutes } from './configuration/routes.ts';
import { connectionRoutes } from './connections/routes.ts';
import { DEVICE_KINDS } from './identity.ts';
import { observationRoutes } from './observations/routes.ts';
import { getDevice, listDevices, type PresenceRule } from './queries.ts';
import { deviceNamed } from './registry.ts';
import type { DeviceRoutesDeps } from './routeDeps.ts';
import { deviceChange, issued, newDevice } from './shapes.ts';
import { deviceTypeRoutes } from './types/routes.ts';

const MAX_BATCH = 1_000;
const MAX_OVERLAP_MINUTES = 7 * 24 * 60;

const deviceBody = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(DEVICE_KINDS),
  gateway: z.string().nullable(),
  type: z.string().nullable().describe('Key of its device type'),
  description: z.string().nullable(),
  createdAt: z.date(),
  revokedAt: z.date().nullable(),
  connection: z.object({ connected: z.boolean(), since: z.date().nullable() }),
  lastMessageAt: z.date().nullable(),
  silence: z.object({ silent: z.boolean(), expectedIntervalMs: z.number().nullable() }),
  state: z.enum(['online', 'silent', 'offline']),
  problem: z.object({ code: z.string(), text: z.string(), at: z.date() }).nullable(),
});
const params = z.object({ device: z.string().min(1).max(63).describe('Id or name') });
const tags = ['devices'];

/** Devices of a tenant: registration, credentials, presence. */
export function deviceRoutes(deps: DeviceRoutesDeps): (app: App) => void {
  return (app) => {
    readingRoutes(app, deps);
    writingRoutes(app, deps);
    deviceTypeRoutes(deps)(app);
    claimRoutes(deps)(app);
    bulkRoutes(deps)(app);
    observationRoutes(deps)(app);
    configurationRoutes(deps)(app);
    connectionRoutes(deps)(app);
  };
}

function readingRoutes(app: App, { db, clock, silentAfterMs }: DeviceRoutesDeps): void {
  const rule = (): PresenceRule => ({ nowMs: clock.nowMs(), silentAfterMs });

  app.route({
    method: 'GET',
    url: '/api/v1/devices',
    config: { permission: 'devices:read' },
    schema: { tags, summary: 'List the devices', querystring: pageQuery, response: { 200: pageOf(deviceBody) } },
    handler: async ({ principal, query: { limit, cursor } }) => {
      const page = { limit: limit + 1, cursor };
      const rows = await db.tenant(principal.tenantId, (tx) => listDevices(tx, page, rule()));
      return toPage(rows, limit, ({ name }) => name);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/devices/:device',
    config: { permission: 'devices:read' },
    schema: { tags, summary: 'Get a device with its presence', params, response: { 200: deviceBody } },
    handler: async ({ principal, params: { device } }) =>
      db.tenant(principal.tenantId, (tx) => getDevice(tx, device, rule())),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/devices/:device/history',
    config: { permission: 'devices:read' },
    schema: {
      tags,
      summary: 'Who did what about a device, newest first',
      params,
      querystring: historyQuery,
      response: { 200: historyBody },
    },
    handler: async ({ principal, params: { device }, query: { limit, cursor } }) => {
      const rows = await db.tenant(principal.tenantId, async (tx) =>
        auditOf(tx, (await deviceNamed(tx, device)).id, { limit: limit + 1, cursor }),
      );
      return toPage(rows, limit, ({ id }) => id);
    },
  });
}

function writingRoutes(app: App, { db, clock, registry, log, silentAfterMs }: DeviceRoutesDeps): void {
  app.route({
    method: 'PATCH',
    url: '/api/v1/devices/:device',
    config: { permission: 'devices:write' },
    schema: {
      tags,
      summary: 'Change a device; null removes what was set',
      params,
      body: deviceChange,
      response: { 200: deviceBody },
    },
    handler: async (request) => {
      const { principal, params, body } = request;
      await registry.change(principal.tenantId, params.device, body, actorOf(request));
      const rule = { nowMs: clock.nowMs(), silentAfterMs };
      return db.tenant(principal.tenantId, (tx) => getDevice(tx, params.device, rule));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/devices',
    config: { permission: 'devices:write' },
    schema: { tags, summary: 'Register a device', body: newDevice, response: { 201: issued } },
    handler: async (request, reply) => {
      const { principal, body } = request;
      const [device] = await registry.register(principal.tenantId, [body], actorOf(request));
      log.info({ by: principal.userId, deviceId: device!.id }, 'device registered');
      return reply.code(201).send(device!);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/devices/batch',
    config: { permission: 'devices:write' },
    schema: {
      tags,
      summary: 'Register many devices at once',
      description: 'All or none. The secrets are returned here and never again.',
      body: z.strictObject({ devices: z.array(newDevice).min(1).max(MAX_BATCH) }),
      response: { 201: z.object({ items: z.array(issued) }) },
    },
    handler: async (request, reply) => {
      const { principal, body } = request;
      const items = await registry.register(principal.tenantId, body.devices, actorOf(request));
      log.info({ by: principal.userId, devices: items.length }, 'devices registered');
      return reply.code(201).send({ items });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/devices/:device/rotate',
    config: { permission: 'devices:write' },
    schema: {
      tags,
      summary: 'Issue a new secret; the old one and its connections end, at once or after an overlap',
      description: 'A revoked device may connect again with its new secret; its old one stays ended.',
      params,
      querystring: z.object({
        overlapMinutes: z.coerce.number().int().min(0).max(MAX_OVERLAP_MINUTES).default(0),
      }),
      response: { 200: issued },
    },
    handler: async (request) => {
      const { principal, params } = request;
      const overlapMs = request.query.overlapMinutes * 60_000;
      const credential = await registry.rotate(principal.tenantId, params.device, actorOf(request), overlapMs);
      log.info({ by: principal.userId, deviceId: credential.id }, 'device secret rotated');
      return credential;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/devices/:device/revoke',
    config: { permission: 'devices:write' },
    schema: {
      tags,
      summary: 'Revoke a device; its connections end',
      params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { principal, params } = request;
      await registry.revoke(principal.tenantId, params.device, actorOf(request));
      log.info({ by: principal.userId, device: params.device }, 'device revoked');
      return reply.code(204).send(null);
    },
  });
}
