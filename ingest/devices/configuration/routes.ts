import { z } from 'zod';
import type { App } from '../../../platform/index.ts';
import { actorOf } from '../audit/routes.ts';
import type { DeviceRoutesDeps } from '../routeDeps.ts';
import type { Document } from './mergePatch.ts';
import { configureDevice, configureType, getConfiguration } from './store.ts';

const document = z.record(z.string().min(1).max(128), z.unknown()).describe('At most 32 KiB');
/** What a device reports has whatever keys it likes. */
const shown = z.record(z.string(), z.unknown());
const body = z.object({
  version: z.int(),
  desired: shown.describe('The type’s default with the device’s own document merged over it (RFC 7386)'),
  typeDefault: shown,
  own: shown,
  sentVersion: z.int(),
  reported: shown,
  reportedVersion: z.int().nullable(),
  reportedAt: z.date().nullable(),
  differences: z.array(
    z.object({ path: z.string(), desired: z.unknown().optional(), reported: z.unknown().optional() }),
  ),
});
const params = z.object({ device: z.string().min(1).max(63).describe('Id or name') });
const tags = ['device configuration'];
const url = '/api/v1/devices/:device/configuration';

/** Desired and reported configuration; who changed what is in the history of the device or type. */
export function configurationRoutes({ db, clock }: DeviceRoutesDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url,
      config: { permission: 'devices:read' },
      schema: {
        tags,
        summary: 'What a device is to be set to, and what it says it is',
        params,
        response: { 200: body },
      },
      handler: async ({ principal, params: { device } }) =>
        db.tenant(principal.tenantId, (tx) => getConfiguration(tx, device)),
    });

    for (const [method, how, summary] of [
      ['PUT', 'replace', 'Replace a device’s own configuration'],
      ['PATCH', 'merge', 'Merge into a device’s own configuration; null takes a field of the type’s default away'],
    ] as const) {
      app.route({
        method,
        url,
        config: { permission: 'devices:write' },
        schema: { tags, summary, params, body: z.strictObject({ document }), response: { 200: body } },
        handler: async (request) =>
          db.tenant(request.principal.tenantId, async (tx) => {
            const { device } = request.params;
            const wanted = request.body.document as Document;
            await configureDevice(tx, device, wanted, how, actorOf(request), clock.nowMs());
            return getConfiguration(tx, device);
          }),
      });
    }

    app.route({
      method: 'PUT',
      url: '/api/v1/device-types/:type/configuration',
      config: { permission: 'devices:write' },
      schema: {
        tags,
        summary: 'Replace the configuration that devices of a type have by default',
        params: z.object({ type: z.string().min(1).max(63).describe('Id or key') }),
        body: z.strictObject({ document }),
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        await db.tenant(request.principal.tenantId, (tx) =>
          configureType(tx, request.params.type, request.body.document as Document, actorOf(request), clock.nowMs()),
        );
        return reply.code(204).send(null);
      },
    });
  };
}
