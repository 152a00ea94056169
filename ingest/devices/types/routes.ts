import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { auditOf } from '../audit/audit.ts';
import { actorOf, historyBody, historyQuery } from '../audit/routes.ts';
import type { DeviceRoutesDeps } from '../routeDeps.ts';
import { declaredPoint, deviceTypeDraft } from './deviceType.ts';
import { createDeviceType, deleteDeviceType, getDeviceType, listDeviceTypes, replaceDeviceType } from './store.ts';

const typeBody = z.object({
  id: z.uuid(),
  key: z.string(),
  name: z.string(),
  vendor: z.string().optional(),
  model: z.string().optional(),
  telemetryFormat: z.string().optional(),
  mappingVersionId: z.uuid().optional(),
  expectedIntervalMs: z.number().optional(),
  points: z.array(declaredPoint),
  version: z.number(),
  devices: z.number().describe('How many devices are of this type'),
  createdAt: z.date(),
  updatedAt: z.date(),
});
const params = z.object({ type: z.string().min(1).max(63).describe('Id or key') });
const tags = ['device types'];
const url = '/api/v1/device-types';

/** Types of devices: formats, units, plausible ranges; every change is kept in their history. */
export function deviceTypeRoutes({ db, clock, registry }: DeviceRoutesDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url,
      config: { permission: 'devices:read' },
      schema: { tags, summary: 'List the device types', querystring: pageQuery, response: { 200: pageOf(typeBody) } },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const page = { limit: limit + 1, cursor };
        const rows = await db.tenant(principal.tenantId, (tx) => listDeviceTypes(tx, page));
        return toPage(rows, limit, ({ key }) => key);
      },
    });

    app.route({
      method: 'GET',
      url: `${url}/:type`,
      config: { permission: 'devices:read' },
      schema: { tags, summary: 'Get a device type', params, response: { 200: typeBody } },
      handler: async ({ principal, params: { type } }) =>
        db.tenant(principal.tenantId, (tx) => getDeviceType(tx, type)),
    });

    app.route({
      method: 'GET',
      url: `${url}/:type/history`,
      config: { permission: 'devices:read' },
      schema: {
        tags,
        summary: 'Changes of a device type, newest first',
        params,
        querystring: historyQuery,
        response: { 200: historyBody },
      },
      handler: async ({ principal, params: { type }, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, async (tx) =>
          auditOf(tx, (await getDeviceType(tx, type)).id, { limit: limit + 1, cursor }),
        );
        return toPage(rows, limit, ({ id }) => id);
      },
    });

    app.route({
      method: 'POST',
      url,
      config: { permission: 'devices:write' },
      schema: { tags, summary: 'Declare a device type', body: deviceTypeDraft, response: { 201: typeBody } },
      handler: async (request, reply) => {
        const type = await db.tenant(request.principal.tenantId, (tx) =>
          createDeviceType(tx, request.body, actorOf(request), clock.nowMs()),
        );
        return reply.code(201).send(type);
      },
    });

    app.route({
      method: 'PUT',
      url: `${url}/:type`,
      config: { permission: 'devices:write' },
      schema: {
        tags,
        summary: 'Replace what is said about a device type',
        description: 'Connected devices of the type take a new format over with their next message.',
        params,
        querystring: z.object({
          version: z.coerce.number().int().positive().optional().describe('Refuse unless the type is still at this'),
        }),
        body: deviceTypeDraft,
        response: { 200: typeBody },
      },
      handler: async (request) => {
        const { type, version } = { ...request.params, ...request.query };
        return db.tenant(request.principal.tenantId, async (tx) => {
          const by = actorOf(request);
          const replaced = await replaceDeviceType(tx, type, request.body, version, by, clock.nowMs());
          tx.afterCommit(() => replaced.touched.forEach(registry.changed));
          return replaced.type;
        });
      },
    });

    app.route({
      method: 'DELETE',
      url: `${url}/:type`,
      config: { permission: 'devices:write' },
      schema: { tags, summary: 'Delete a device type that no device has', params, response: { 204: z.null() } },
      handler: async (request, reply) => {
        await db.tenant(request.principal.tenantId, (tx) =>
          deleteDeviceType(tx, request.params.type, actorOf(request), clock.nowMs()),
        );
        return reply.code(204).send(null);
      },
    });
  };
}
