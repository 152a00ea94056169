import { z } from 'zod';
import { countWaitingBatches } from '../../ingest/index.ts';
import type { App } from '../../platform/index.ts';
import { countSkipped, lastProcessedAtMs } from '../store/consumed.ts';
import type { RouteDeps } from './deps.ts';

/** How far analytics is. */
export function systemRoutes({ db }: RouteDeps) {
  return (app: App): void => {
    app.route({
      method: 'GET',
      url: '/api/v1/analytics/progress',
      config: { permission: 'system:read' },
      schema: {
        tags: ['system'],
        summary: 'What waits to be analysed, and when analysis last went on',
        response: {
          200: z.object({
            pendingBatches: z.int(),
            lastProcessedAtMs: z.number().nullable(),
            /** Units and batches set aside with a reason. */
            skipped: z.int(),
          }),
        },
      },
      handler: ({ principal }) =>
        db.tenant(principal.tenantId, async (tx) => ({
          pendingBatches: await countWaitingBatches(tx),
          lastProcessedAtMs: await lastProcessedAtMs(tx),
          skipped: await countSkipped(tx),
        })),
    });
  };
}
