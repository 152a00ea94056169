import { z } from 'zod';
import type { App, Principal, Tx } from '../../platform/index.ts';
import { ticketingErrors } from '../errors.ts';
import { type Order, readPlain } from '../orders/order.ts';
import { demandVisible, viewerOf } from '../orders/viewer.ts';
import { prioritySchema } from '../priority/policy.ts';
import { acknowledgeByAccount, acknowledgeByLink } from '../telling/acknowledge.ts';
import { type Notice, readNotice } from '../telling/notices.ts';
import { actorOf, inTenant, type RouteDeps } from './deps.ts';
import { idParams, orderBody } from './shapes.ts';

const tags = ['acknowledgement'];
/** Nothing is to be said beside that one knows. */
const SMALL_BODY_BYTES = 1_024;
const nothing = z.object({}).strict();

const linkedBody = z
  .object({
    orderNumber: z.string(),
    priority: prioritySchema,
    over: z.boolean().describe('The order is closed or cancelled'),
    summary: z.object({ en: z.string(), zh: z.string() }),
    assetName: z.string(),
    since: z.date(),
    name: z.string().describe('Whom the link was sent to'),
    locale: z.string(),
    service: z.string(),
    state: z.enum(['degraded', 'down']),
    otherServices: z.array(z.string()).readonly(),
    causeChain: z.array(z.string()).readonly(),
    redundancyLeft: z.string().nullable(),
    acknowledgedAt: z.date().nullable(),
    acknowledgedBy: z.string().nullable(),
  })
  .meta({ id: 'LinkedNotice' });

/**
 * Saying that one knows: signed in, or by the link of a message, which is a credential of its own (`fll_…`, sent as a
 * bearer like any other). Reading what a link is about says nothing: programs that look through mail follow links.
 */
export function acknowledgementRoutes(deps: RouteDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/work-orders/:id/acknowledge',
      bodyLimit: SMALL_BODY_BYTES,
      config: { permission: 'orders:acknowledge' },
      schema: {
        tags,
        summary: 'Say that you know, as an owner who was told at your account’s address; deputies are not told then',
        params: idParams,
        body: nothing,
        response: { 200: orderBody },
      },
      handler: async ({ principal, params }) =>
        inTenant(deps, principal, async (unit) => {
          const viewer = await viewerOf(unit.tx, principal);
          const said = { by: actorOf(principal), email: await addressOf(unit.tx, principal) };
          return acknowledgeByAccount(unit, params.id, said, (order) => demandVisible(viewer, order));
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/owner-notice',
      config: { permission: 'orders:acknowledge' },
      schema: {
        tags,
        summary: 'What the link of a message is about; acknowledges nothing',
        response: { 200: linkedBody },
      },
      handler: async ({ principal }) => {
        const id = linkedNotice(principal);
        return deps.db.tenant(principal.tenantId, async (tx) => {
          const notice = await readNotice(tx, id);
          if (!notice) throw ticketingErrors.NOTICE_UNKNOWN({});
          return linkedAnswer(await readPlain(tx, notice.orderId), notice);
        });
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/owner-notice/acknowledgement',
      bodyLimit: SMALL_BODY_BYTES,
      config: { permission: 'orders:acknowledge' },
      schema: {
        tags,
        summary: 'Say that you know, by the link of a message; again changes nothing',
        body: nothing,
        response: { 200: linkedBody },
      },
      handler: async ({ principal }) => {
        const id = linkedNotice(principal);
        const { order, notice } = await inTenant(deps, principal, (unit) => acknowledgeByLink(unit, id));
        return linkedAnswer(order, notice);
      },
    });
  };
}

/** The one notice that the bearer's link is about. @throws NOTICE_LINK_NEEDED to everybody else */
function linkedNotice({ credential }: Principal): string {
  if (credential.kind !== 'link' || credential.subject === undefined) throw ticketingErrors.NOTICE_LINK_NEEDED({});
  return credential.subject;
}

async function addressOf(tx: Tx, { userId }: Principal): Promise<string | null> {
  const { rows } = await tx.query<{ email: string | null }>(
    'select lower(email) as email from user_account where tenant_id = $1 and id = $2',
    [tx.tenantId, userId],
  );
  return rows[0]?.email ?? null;
}

function linkedAnswer(order: Order, { name, locale, loss, acknowledgedAt, acknowledgedBy }: Notice) {
  const { service, state, otherServices, causeChain, redundancyLeft } = loss;
  return {
    ...{ orderNumber: order.number, priority: order.priority, summary: order.summary, assetName: order.assetName },
    over: order.state === 'closed' || order.state === 'cancelled',
    since: order.firstSeenAt ?? order.createdAt,
    ...{ name, locale, service, state, otherServices, causeChain, redundancyLeft, acknowledgedAt, acknowledgedBy },
  };
}
