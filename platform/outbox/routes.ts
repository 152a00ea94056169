import { z } from 'zod';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import type { App } from '../http/application.ts';
import { pageOf, pageQuery, toPage } from '../http/page.ts';
import type { Logger } from '../log/log.ts';
import { listDead, retryDead } from './dead.ts';

const deadBody = z
  .object({
    eventId: z.uuid(),
    consumer: z.string().describe('Who did not take the event'),
    event: z.string(),
    occurredAt: z.date(),
    deadAt: z.date(),
    attempts: z.number(),
    reason: z.string().nullable().describe('What the last attempt ended with'),
  })
  .meta({ id: 'DeadDelivery' });

const cursor = z
  .string()
  .max(200)
  .transform((text, context) => {
    const [, eventId, consumer] = /^([0-9a-f-]{36})\/(.+)$/.exec(text) ?? [];
    if (eventId && consumer && z.uuid().safeParse(eventId).success) return { eventId, consumer };
    context.addIssue({ code: 'custom', message: 'Use the nextCursor of the page before, or none.' });
    return z.NEVER;
  });

/**
 * The way back for events that a consumer could not take for so long that their delivery was given up, such as
 * confirmed anomalies while the CMDB was away. They are put aside like messages that could not be decoded, and each
 * plant brings back its own: hence the quarantine's permissions.
 *
 * @param nudge wakes the relay
 */
export function outboxRoutes(deps: { db: Database; clock: Clock; log: Logger; nudge: () => void }): (app: App) => void {
  const tags = ['outbox'];
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/outbox/dead',
      config: { permission: 'quarantine:read' },
      schema: {
        tags,
        summary: 'List deliveries of events that were given up, oldest first',
        querystring: pageQuery.extend({ cursor: cursor.optional(), consumer: z.string().max(100).optional() }),
        response: { 200: pageOf(deadBody) },
      },
      handler: async ({ principal, query: { limit, cursor: after, consumer } }) => {
        const page = { consumer, after, limit: limit + 1 };
        const rows = await deps.db.tenant(principal.tenantId, (tx) => listDead(tx, page));
        return toPage(rows, limit, (last) => `${last.eventId}/${last.consumer}`);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/outbox/dead/retry',
      config: { permission: 'quarantine:replay' },
      schema: {
        tags,
        summary: 'Deliver events after all whose delivery was given up',
        description:
          'Meant for after the cause was mended: all that match get their attempts anew, oldest first. Ask again while `remaining` is not 0.',
        body: z
          .object({
            consumer: z.string().max(100).optional().describe('Only what this consumer did not take'),
            eventIds: z.array(z.uuid()).min(1).max(1000).optional().describe('Only these events'),
          })
          .strict(),
        response: { 202: z.object({ retried: z.number(), remaining: z.number() }) },
      },
      handler: async ({ principal, body }, reply) => {
        const result = await deps.db.tenant(principal.tenantId, async (tx) => {
          tx.afterCommit(deps.nudge);
          return retryDead(tx, body, deps.clock.nowMs());
        });
        deps.log.info({ by: principal.userId, ...body, ...result }, 'dead deliveries retried');
        return reply.code(202).send(result);
      },
    });
  };
}
