import type { Order } from '../orders/order.ts';
import { isResolved, isResponded } from '../orders/state.ts';

/** The clocks of an order; `owners` is that of those who have been told of it and have not acknowledged. */
export const CLOCKS = ['accept', 'response', 'resolution', 'owners'] as const;
export type OrderClock = (typeof CLOCKS)[number];

type Timed = Pick<
  Order,
  | 'state'
  | 'acceptDueAt'
  | 'responseDueAt'
  | 'resolutionDueAt'
  | 'responseOverdue'
  | 'resolutionOverdue'
  | 'respondedAt'
  | 'escalationDueAt'
>;

/** When a clock of the order runs out; null when it is stopped or has already run out. */
function dueMsOf(clock: OrderClock, order: Timed): number | null {
  switch (clock) {
    case 'accept':
      return order.state === 'assigned' && order.acceptDueAt ? order.acceptDueAt.getTime() : null;
    case 'response':
      return isResponded(order.state) || order.respondedAt || order.responseOverdue
        ? null
        : order.responseDueAt.getTime();
    case 'resolution':
      // Time on hold does not count: `resume` moves the due time on by it.
      return isResolved(order.state) || order.state === 'on_hold' || order.resolutionOverdue
        ? null
        : order.resolutionDueAt.getTime();
    case 'owners':
      return isResolved(order.state) || !order.escalationDueAt ? null : order.escalationDueAt.getTime();
  }
}

/** The clocks that have run out by now. */
export function runOut(order: Timed, nowMs: number): OrderClock[] {
  return CLOCKS.filter((clock) => {
    const dueMs = dueMsOf(clock, order);
    return dueMs !== null && dueMs <= nowMs;
  });
}

/** When the next clock of the order runs out; null when all stand. */
export function nextDueMs(order: Timed): number | null {
  let next: number | null = null;
  for (const clock of CLOCKS) {
    const dueMs = dueMsOf(clock, order);
    if (dueMs !== null && (next === null || dueMs < next)) next = dueMs;
  }
  return next;
}
