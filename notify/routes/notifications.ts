import { z } from 'zod';
import {
  type App,
  type Clock,
  type Database,
  getUser,
  newId,
  type Outbox,
  type Principal,
  pageOf,
  pageQuery,
  type Tx,
  toPage,
} from '../../platform/index.ts';
import { notifyErrors } from '../errors.ts';
import { NotificationRequested } from '../events.ts';
import { recipientSchema, STATUSES } from '../message.ts';
import { type Notification, queryNotifications } from '../notification.ts';

const notificationBody = z
  .object({
    id: z.uuid(),
    recipient: recipientSchema,
    template: z.string(),
    params: z.record(z.string(), z.unknown()),
    link: z.string().nullable(),
    status: z.enum(STATUSES),
    reason: z.string().nullable().describe('Why it has not been sent (yet)'),
    attempts: z.number(),
    nextAttemptAt: z.date().nullable(),
    createdAt: z.date(),
    sentAt: z.date().nullable(),
  })
  .meta({ id: 'Notification' });

const attemptBody = z.object({
  attempt: z.number(),
  channel: z.string(),
  address: z.string(),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
  outcome: z
    .enum(['sent', 'failed', 'refused'])
    .nullable()
    .describe('null: it runs, or the process died meanwhile and nobody knows whether the message arrived'),
  reason: z.string().nullable(),
});

/** What was told to whom, and what became of it. */
export function notificationRoutes(deps: { db: Database; clock: Clock; outbox: Outbox }): (app: App) => void {
  const tags = ['notifications'];
  const params = z.object({ id: z.uuid() });
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/notifications',
      config: { permission: 'notifications:read' },
      schema: {
        tags,
        summary: 'List messages, newest first',
        description: 'Whoever neither dispatches orders nor manages channels sees the messages to themselves only.',
        querystring: pageQuery.extend({ cursor: z.uuid().optional(), status: z.enum(STATUSES).optional() }),
        response: { 200: pageOf(notificationBody) },
      },
      handler: async ({ principal, query: { limit, cursor, status } }) =>
        deps.db.tenant(principal.tenantId, async (tx) => {
          const own = await ownOnly(tx, principal);
          const rows = await queryNotifications(
            tx,
            `select $columns from notification n
              where ($1::uuid is null or n.id < $1) and ($2::text is null or n.status = $2)
                and ($3::text is null or n.recipient_ref = $3 or lower(n.recipient_email) = $4)
              order by n.id desc limit $5`,
            [cursor ?? null, status ?? null, own?.ref ?? null, own?.email ?? null, limit + 1],
          );
          return toPage(rows, limit, (row) => row.id);
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/notifications/:id',
      config: { permission: 'notifications:read' },
      schema: {
        tags,
        summary: 'Get a message with its attempts',
        params,
        response: {
          200: notificationBody.extend({ attemptLog: z.array(attemptBody) }).meta({ id: 'NotificationWithAttempts' }),
        },
      },
      handler: async ({ principal, params: { id } }) =>
        deps.db.tenant(principal.tenantId, async (tx) => {
          const notification = await find(tx, principal, id);
          const { rows } = await tx.query<z.infer<typeof attemptBody>>(
            `select attempt, channel, address, started_at as "startedAt", ended_at as "endedAt", outcome, reason
               from notification_attempt where notification_id = $1 order by attempt`,
            [id],
          );
          return { ...notification, attemptLog: rows };
        }),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/notifications/:id/retry',
      config: { permission: 'notifications:write' },
      schema: {
        tags,
        summary: 'Send a dead or undeliverable message again',
        description: 'Meant for after the cause was mended: all channels are tried anew and failures are counted anew.',
        params,
        response: { 202: notificationBody },
      },
      handler: async ({ principal, params: { id } }, reply) => {
        const notification = await deps.db.tenant(principal.tenantId, async (tx) => {
          const [again] = await queryNotifications(
            tx,
            `update notification n set status = 'pending', failures = 0, refused_by = '{}', next_attempt_at = $2
              where n.id = $1 and n.status in ('dead', 'undeliverable') returning $columns`,
            [id, new Date(deps.clock.nowMs())],
          );
          if (!again) throw notifyErrors.NOTIFICATION_NOT_DEAD({ status: (await find(tx, principal, id)).status });
          await deps.outbox.publish(tx, NotificationRequested, { notificationIds: [id], cause: 'requested' });
          return again;
        });
        return reply.code(202).send(notification);
      },
    });
  };
}

/** Null for those who see everything; else what marks a message as the principal's own. */
async function ownOnly(tx: Tx, principal: Principal): Promise<{ ref: string; email: string | null } | null> {
  if (principal.permissions.has('orders:dispatch') || principal.permissions.has('notifications:write')) return null;
  // Without a person behind the credential nothing is one's own: an id that no recipient has.
  if (principal.userId === null) return { ref: newId(), email: null };
  const { email } = await getUser(tx, principal.userId);
  return { ref: principal.userId, email: email?.toLowerCase() ?? null };
}

async function find(tx: Tx, principal: Principal, id: string): Promise<Notification> {
  const [notification] = await queryNotifications(tx, 'select $columns from notification n where n.id = $1', [id]);
  const own = await ownOnly(tx, principal);
  const { ref, email } = notification?.recipient ?? {};
  const visible = own === null || ref === own.ref || (own.email !== null && email?.toLowerCase() === own.email);
  if (!notification || !visible) throw notifyErrors.NOTIFICATION_UNKNOWN({ id });
  return notification;
}
