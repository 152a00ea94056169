import type { Principal, Role, Tx } from '../../platform/index.ts';
import { ticketingErrors } from '../errors.ts';
import type { Order } from './order.ts';

/** Roles whose work is every order of the plant; all others see what concerns themselves. */
const SEE_ALL: readonly Role[] = ['admin', 'reliability-engineer', 'it-operator', 'dispatcher', 'viewer'];

/** Which orders somebody may see. */
export interface Viewer {
  readonly all: boolean;
  readonly userId: string | null;
  /** Lower-cased; an owner of an affected service is recognised by it. */
  readonly email: string | null;
}

export async function viewerOf(tx: Tx, principal: Principal): Promise<Viewer> {
  const { userId } = principal;
  if (principal.roles.some((role) => SEE_ALL.includes(role))) return { all: true, userId, email: null };
  const { rows } = await tx.query<{ email: string | null }>(
    'select lower(email) as email from user_account where id = $1',
    [userId],
  );
  return { all: false, userId, email: rows[0]?.email ?? null };
}

/** SQL condition on `work_order o`, with the viewer as parameters `$1` to `$3`. */
export const VISIBLE = '($1 or o.assignee_id = $2 or o.requester_id = $2 or o.concerned @> array[$3::text])';

export function viewerParameters({ all, userId, email }: Viewer): unknown[] {
  return [all, userId, email];
}

/** The same rule for an order in hand. @throws ORDER_UNKNOWN */
export function demandVisible(viewer: Viewer, order: Order): void {
  const { all, userId, email } = viewer;
  const own = userId !== null && (order.assigneeId === userId || order.requesterId === userId);
  if (all || own || (email !== null && order.concerned.includes(email))) return;
  throw ticketingErrors.ORDER_UNKNOWN({ id: order.id });
}

/** Work is done by the assignee; a dispatcher may stand in for anybody. @throws ORDER_UNKNOWN, ORDER_NOT_YOURS */
export function demandWorker(principal: Principal, viewer: Viewer, order: Order): void {
  if (principal.permissions.has('orders:dispatch')) return;
  if (order.assigneeId !== null && order.assigneeId === principal.userId) return;
  demandVisible(viewer, order);
  throw ticketingErrors.ORDER_NOT_YOURS({ number: order.number });
}

/** An order is ended by who oversees all orders, or by who asked for it. @throws ORDER_UNKNOWN, ORDER_NOT_YOURS */
export function demandOverseer(viewer: Viewer, order: Order): void {
  if (viewer.all || (order.requesterId !== null && order.requesterId === viewer.userId)) return;
  demandVisible(viewer, order);
  throw ticketingErrors.ORDER_NOT_YOURS({ number: order.number });
}
