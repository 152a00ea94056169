import { z } from 'zod';
import type { App, Permission } from '../../platform/index.ts';
import { closureSchema, outcomeSchema } from '../closure/closure.ts';
import { type MoveRequest, moveOrder } from '../orders/move.ts';
import type { Move } from '../orders/state.ts';
import { demandOverseer, demandWorker, viewerOf } from '../orders/viewer.ts';
import { actorOf, inTenant, type RouteDeps } from './deps.ts';
import { idParams, orderBody, text } from './shapes.ts';

const version = z
  .number()
  .int()
  .optional()
  .describe('The version that you have read; refused with 409 when it has changed');
const reasoned = z.object({ reason: text(2_000), version });
const bare = z.object({ version });

/** One move over HTTP: its body, who may do it, and what of it reaches the state machine. */
interface MoveRoute<Body extends z.ZodObject> {
  readonly move: Move;
  readonly summary: string;
  readonly permission: Permission;
  /** `worker`: the assignee or a dispatcher. `overseer`: who sees all orders, or who asked for this one. */
  readonly who: 'worker' | 'overseer';
  readonly body: Body;
  request(body: z.output<Body>): MoveRequest;
}

function route<Body extends z.ZodObject>(definition: MoveRoute<Body>): MoveRoute<Body> {
  return definition;
}

const MOVE_ROUTES = [
  route({
    move: 'assign',
    summary: 'Assign to a technician, or, without one, let the system choose',
    permission: 'orders:dispatch',
    who: 'overseer',
    body: z.object({ technicianId: z.uuid().nullable().default(null), version }),
    request: ({ technicianId }) => ({ move: 'assign', technicianId }),
  }),
  ...(['accept', 'start', 'resume'] as const).map((move) =>
    route({
      move,
      summary: { accept: 'Accept the order', start: 'Start the work', resume: 'Go on after a hold' }[move],
      permission: 'orders:work',
      who: 'worker',
      body: bare,
      request: () => ({ move }),
    }),
  ),
  ...(['decline', 'hold'] as const).map((move) =>
    route({
      move,
      summary: { decline: 'Decline the order; it goes to the next candidate', hold: 'Put the work on hold' }[move],
      permission: 'orders:work',
      who: 'worker',
      body: reasoned,
      request: ({ reason }) => ({ move, reason }),
    }),
  ),
  route({
    move: 'complete',
    summary: 'Report the work as done',
    permission: 'orders:work',
    who: 'worker',
    body: z.object({ note: text(4_000).nullable().default(null), version }),
    request: ({ note }) => ({ move: 'complete', note }),
  }),
  route({
    move: 'reopen',
    summary: 'Send completed work back',
    permission: 'orders:write',
    who: 'overseer',
    body: reasoned,
    request: ({ reason }) => ({ move: 'reopen', reason }),
  }),
  route({
    move: 'close',
    summary: 'Close with codes and outcome; the outcome labels the anomaly for the detector',
    permission: 'orders:write',
    who: 'overseer',
    body: closureSchema.extend({ note: text(4_000).optional(), version }),
    request: ({ version: _, ...closure }) => ({ move: 'close', closure }),
  }),
  route({
    move: 'cancel',
    summary: 'Cancel; an order that came from an anomaly needs its outcome',
    permission: 'orders:write',
    who: 'overseer',
    body: reasoned.extend({ outcome: outcomeSchema.nullable().default(null) }),
    request: ({ reason, outcome }) => ({ move: 'cancel', reason, outcome }),
  }),
] as const;

/** One route per move of the state machine. */
export function moveRoutes(deps: RouteDeps): (app: App) => void {
  return (app) => {
    for (const definition of MOVE_ROUTES) add(app, deps, definition as unknown as MoveRoute<z.ZodObject>);
  };
}

function add(
  app: App,
  deps: RouteDeps,
  { move, summary, permission, who, body, request }: MoveRoute<z.ZodObject>,
): void {
  app.route({
    method: 'POST',
    url: `/api/v1/work-orders/:id/${move}`,
    config: { permission },
    schema: { tags: ['work orders'], summary, params: idParams, body, response: { 200: orderBody } },
    handler: async ({ principal, params, body: given }) =>
      inTenant(deps, principal, async (unit) => {
        const viewer = await viewerOf(unit.tx, principal);
        const permit = (order: Parameters<typeof demandOverseer>[1]) =>
          who === 'worker' ? demandWorker(principal, viewer, order) : demandOverseer(viewer, order);
        const read = given.version as number | undefined;
        return moveOrder(unit, deps, params.id, request(given), actorOf(principal), permit, read);
      }),
  });
}
