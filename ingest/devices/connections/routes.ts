import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { RENEWED_WITHIN_MS } from '../presence.ts';
import { deviceNamed } from '../registry.ts';
import type { DeviceRoutesDeps } from '../routeDeps.ts';

const body = z.object({
  id: z.uuid(),
  connectedAt: z.date(),
  endedAt: z.date().nullable(),
  reason: z
    .string()
    .nullable()
    .describe(
      'clean, lost (the network), keep-alive, revoked, taken-over, stopping (our process), unknown (our process was ' +
        'killed) or what was refused; null: still connected',
    ),
});

/** When a device was connected; the history goes back 90 days. */
export function connectionRoutes({ db, clock }: DeviceRoutesDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/devices/:device/connections',
      config: { permission: 'devices:read' },
      schema: {
        tags: ['devices'],
        summary: 'When a device was connected and why each time ended, newest first',
        params: z.object({ device: z.string().min(1).max(63).describe('Id or name') }),
        querystring: pageQuery.extend({ cursor: z.uuid().optional() }),
        response: { 200: pageOf(body) },
      },
      handler: async ({ principal, params, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, async (tx) => {
          const { id } = await deviceNamed(tx, params.device);
          // A period without an end whose intake renews it no more ended with that process.
          const { rows } = await tx.query<z.output<typeof body>>(
            `select c.id, c.connected_at as "connectedAt",
                    case when c.reason is null and not alive then renewed_at else c.ended_at end as "endedAt",
                    case when c.reason is null and not alive then 'unknown' else c.reason end as reason
               from device_connection c left join lateral (
                 select p.renewed_at, p.connected and p.renewed_at > $2 as alive from device_presence p
                  where p.device_id = c.device_id) presence on true
              where c.device_id = $1 and ($3::uuid is null or c.id < $3) order by c.id desc limit $4`,
            [id, new Date(clock.nowMs() - RENEWED_WITHIN_MS), cursor ?? null, limit + 1],
          );
          return rows;
        });
        return toPage(rows, limit, ({ id }) => id);
      },
    });
  };
}
