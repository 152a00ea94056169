import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { App } from '../../../platform/index.ts';
import { actorOf } from '../audit/routes.ts';
import type { DeviceRoutesDeps } from '../routeDeps.ts';
import { issued } from '../shapes.ts';
import { importDevices } from './importDevices.ts';
import { COLUMNS, MAX_LINES } from './readCsv.ts';

const LARGEST_BYTES = 16 * 1024 * 1024;

const resultBody = z.object({
  lines: z.number().describe('Lines read, without the header'),
  right: z.number().describe('Lines that would be, or were, registered'),
  errors: z.array(z.object({ line: z.number(), column: z.string().nullable(), reason: z.string() })),
  registered: z.array(issued),
});

/** Registration of many devices from CSV. */
export function bulkRoutes({ db, registry, log }: DeviceRoutesDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/devices/import',
      bodyLimit: LARGEST_BYTES,
      config: { permission: 'devices:write' },
      schema: {
        tags: ['devices'],
        summary: 'Register devices from CSV',
        description:
          `Columns: ${COLUMNS.join(', ')} (name is needed; interval in seconds, or as 500ms, 5m, 1h); at most ` +
          `${MAX_LINES} lines. The secrets are returned here and never again.`,
        body: z.strictObject({
          csv: z.string().min(1).max(LARGEST_BYTES),
          dryRun: z.boolean().default(false).describe('Only say what is wrong'),
          mode: z.enum(['all', 'each']).default('all').describe('all: nothing unless every line is right'),
          answer: z
            .enum(['json', 'csv'])
            .default('json')
            .describe('csv: the credentials as a file, if nothing is wrong'),
        }),
        response: { 200: z.union([resultBody, z.string()]), 422: resultBody },
      },
      handler: async (request, reply) => {
        const { csv, answer, ...options } = request.body;
        const { tenantId, userId } = request.principal;
        const result = await importDevices({ db, registry }, tenantId, csv, options, actorOf(request));
        log.info({ by: userId, devices: result.registered.length, dryRun: options.dryRun }, 'devices imported');
        const refused = !options.dryRun && result.registered.length === 0;
        if (refused) return reply.code(422).send(result);
        // With errors the answer is JSON: a file of credentials has no place to name them.
        if (answer === 'json' || options.dryRun || result.errors.length > 0) return reply.send(result);
        const rows = result.registered.map(({ name, username, secret }) => [name, username, secret]);
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="device-credentials.csv"')
          .header('cache-control', 'no-store')
          .send(stringify([['name', 'username', 'secret'], ...rows]));
      },
    });
  };
}
