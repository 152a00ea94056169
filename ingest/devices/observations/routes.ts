import { z } from 'zod';
import type { App } from '../../../platform/index.ts';
import { deviceNamed } from '../registry.ts';
import type { DeviceRoutesDeps } from '../routeDeps.ts';

const clockBody = z.object({
  skewMs: z.number().describe('To be added to the device’s time; positive: its clock is behind'),
  spreadMs: z.number().describe('Median distance of deliveries from it'),
  samples: z.int(),
  since: z.date(),
  updatedAt: z.date(),
});
const problemBody = z.object({
  point: z.string(),
  kind: z.enum(['range', 'unit']),
  samples: z.int().describe('Samples outside the declared range, or with another unit; they are stored all the same'),
  lastValue: z.number(),
  lastUnit: z.string().nullable(),
  firstAt: z.date(),
  lastAt: z.date(),
});

/** What a device's data show about it. */
export function observationRoutes({ db }: DeviceRoutesDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/devices/:device/observations',
      config: { permission: 'devices:read' },
      schema: {
        tags: ['devices'],
        summary: 'How a device’s clock stands, and which values and units are not as its type declares',
        params: z.object({ device: z.string().min(1).max(63).describe('Id or name') }),
        response: { 200: z.object({ clock: clockBody.nullable(), points: z.array(problemBody) }) },
      },
      handler: async ({ principal, params }) =>
        db.tenant(principal.tenantId, async (tx) => {
          const { id } = await deviceNamed(tx, params.device);
          const clocks = await tx.query<z.output<typeof clockBody>>(
            `select skew_ms as "skewMs", spread_ms as "spreadMs", samples::float8 as samples, since,
                    updated_at as "updatedAt" from device_clock where device_id = $1`,
            [id],
          );
          const points = await tx.query<z.output<typeof problemBody>>(
            `select point, kind, samples::float8 as samples, last_value as "lastValue", last_unit as "lastUnit",
                    first_at as "firstAt", last_at as "lastAt" from device_point_problem
              where device_id = $1 order by point, kind limit 1000`,
            [id],
          );
          return { clock: clocks.rows[0] ?? null, points: points.rows };
        }),
    });
  };
}
