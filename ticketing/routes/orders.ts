import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { FAILURE_CAUSES, FAILURE_MECHANISMS, FAILURE_MODES } from '../closure/iso14224.ts';
import { ticketingErrors } from '../errors.ts';
import { commentOrder } from '../orders/comment.ts';
import { createOrder, subjectOf } from '../orders/create.ts';
import { ORDER_KINDS } from '../orders/order.ts';
import { listOrders, readOrder } from '../orders/read.ts';
import { STATES } from '../orders/state.ts';
import { demandVisible, viewerOf } from '../orders/viewer.ts';
import { prioritySchema } from '../priority/policy.ts';
import { actorOf, inTenant, type RouteDeps } from './deps.ts';
import { idParams, orderBody, orderDetailBody, text } from './shapes.ts';

const tags = ['work orders'];

const listQuery = pageQuery.extend({
  cursor: z.uuid().optional(),
  state: z.enum(STATES).optional(),
  priority: prioritySchema.optional(),
  assignee: z
    .union([z.uuid(), z.enum(['me', 'none'])])
    .optional()
    .describe('A user id, `me`, or `none`'),
  q: text(200).optional().describe('An order number, or words of the summary or the asset'),
});

const newOrderBody = z.object({
  kind: z.enum(ORDER_KINDS).default('repair'),
  summary: text(500),
  assetId: z.uuid().nullable().default(null).describe('CMDB item; its impact then sets the priority'),
  assetName: text(200).nullable().default(null),
  fault: text(60).default('other').describe('Kind of fault, by which the skill is chosen'),
  priority: prioritySchema.nullable().default(null).describe('Null: derived from what depends on the asset'),
});

const code = z.object({ code: z.string(), en: z.string(), zh: z.string() });
const codesBody = z.object({
  failureModes: z.array(code),
  failureMechanisms: z.array(code),
  failureCauses: z.array(code),
});

/** Listing, reading, asking for and commenting on work orders. */
export function orderRoutes(deps: RouteDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/work-orders',
      config: { permission: 'orders:read' },
      schema: {
        tags,
        summary: 'List work orders, newest first; technicians, owners and requesters see those that concern them',
        querystring: listQuery,
        response: { 200: pageOf(orderBody) },
      },
      handler: async ({ principal, query }) => {
        const { assignee, limit, ...filter } = query;
        const who = assignee === 'me' ? (principal.userId ?? 'none') : assignee;
        const orders = await deps.db.tenant(principal.tenantId, async (tx) =>
          listOrders(tx, await viewerOf(tx, principal), { ...filter, assignee: who, limit: limit + 1 }),
        );
        return toPage(orders, limit, (order) => order.id);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/work-orders',
      config: { permission: 'orders:write' },
      schema: { tags, summary: 'Ask for a work order', body: newOrderBody, response: { 201: orderBody } },
      handler: async ({ principal, body }, reply) => {
        const subject = await subjectOf(deps.db, deps, principal.tenantId, body.assetId);
        const order = await inTenant(deps, principal, (unit) => createOrder(unit, subject, body, actorOf(principal)));
        return reply.code(201).send(order);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/work-orders/closure-codes',
      config: { permission: 'orders:read' },
      schema: { tags, summary: 'Codes for closing an order, after ISO 14224', response: { 200: codesBody } },
      handler: async () => ({
        failureModes: [...FAILURE_MODES],
        failureMechanisms: [...FAILURE_MECHANISMS],
        failureCauses: [...FAILURE_CAUSES],
      }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/work-orders/:id',
      config: { permission: 'orders:read' },
      schema: {
        tags,
        summary: 'One work order with its log, impact verdict, evidence and the reasons of its assignment',
        params: idParams,
        response: { 200: orderDetailBody },
      },
      handler: async ({ principal, params }) =>
        deps.db.tenant(principal.tenantId, async (tx) => readOrder(tx, await viewerOf(tx, principal), params.id)),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/work-orders/:id/comments',
      config: { permission: 'orders:read' },
      schema: {
        tags,
        summary: 'Comment on an order that concerns you',
        params: idParams,
        body: z.object({ text: text(4_000) }),
        response: { 201: orderBody },
      },
      handler: async ({ principal, params, body }, reply) => {
        const order = await inTenant(deps, principal, async (unit) => {
          const viewer = await viewerOf(unit.tx, principal);
          const { permissions } = principal;
          // Who may look at everything without a part in any order only looks.
          const partakes = !viewer.all || permissions.has('orders:write') || permissions.has('orders:work');
          return commentOrder(unit, params.id, body.text, actorOf(principal), (found) => {
            demandVisible(viewer, found);
            if (!partakes) throw ticketingErrors.ORDER_READ_ONLY({ number: found.number });
          });
        });
        return reply.code(201).send(order);
      },
    });
  };
}
