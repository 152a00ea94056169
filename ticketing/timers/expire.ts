import { answerAssignment } from '../dispatch/assignments.ts';
import { dispatch } from '../dispatch/offer.ts';
import { type LogEntry, SYSTEM } from '../orders/log.ts';
import { lockOrders, type Order } from '../orders/order.ts';
import { armTimer, type OrderPatch, saveOrder } from '../orders/save.ts';
import { loadPolicies, type Policies } from '../policies/policies.ts';
import type { OnCall } from '../ports.ts';
import { aboutOrder, overdueMessages } from '../response/messages.ts';
import { escalate } from '../telling/escalate.ts';
import type { Unit } from '../unit.ts';
import { type OrderClock, runOut } from './due.ts';

export interface ExpireDeps {
  readonly onCall: OnCall;
}

/**
 * Answers the timer events of orders. A timer says only where to look: what has run out is read from the order, so an
 * early, late or repeated timer does no harm. An order whose clocks still run gets its next timer.
 */
export async function expireOrders(unit: Unit, deps: ExpireDeps, orderIds: readonly string[]): Promise<void> {
  const orders = await lockOrders(unit.tx, [...new Set(orderIds)]);
  const late = orders.filter((order) => runOut(order, unit.nowMs).length > 0);
  const policies = late.length > 0 ? await loadPolicies(unit.tx) : null;
  for (const order of orders) {
    if (policies && late.includes(order)) await expire(unit, deps, policies, order);
    else await armTimer(unit, order);
  }
}

async function expire(unit: Unit, deps: ExpireDeps, policies: Policies, order: Order): Promise<void> {
  let patch: OrderPatch = {};
  const entries: LogEntry[] = [];
  for (const clock of runOut(order, unit.nowMs)) {
    const { patch: more, entries: told } = await expireClock(unit, deps, policies, order, clock);
    patch = { ...patch, ...more };
    entries.push(...told);
  }
  await saveOrder(unit, order, patch, entries, SYSTEM);
}

async function expireClock(
  unit: Unit,
  deps: ExpireDeps,
  policies: Policies,
  order: Order,
  clock: OrderClock,
): Promise<{ patch: OrderPatch; entries: LogEntry[] }> {
  switch (clock) {
    case 'accept': {
      await answerAssignment(unit.tx, order.id, 'expired', unit.at);
      const { patch, entries } = await dispatch(unit, policies.dispatch, order);
      const data = { technicianId: order.assigneeId, technicianName: order.assigneeName };
      return { patch, entries: [{ kind: 'accept_expired', actor: SYSTEM, data }, ...entries] };
    }
    case 'response':
      tellOverdue(unit, order, clock, order.responseDueAt);
      return { patch: { responseOverdue: true }, entries: [overdue('response_overdue', order.responseDueAt)] };
    case 'resolution':
      tellOverdue(unit, order, clock, order.resolutionDueAt);
      return { patch: { resolutionOverdue: true }, entries: [overdue('resolution_overdue', order.resolutionDueAt)] };
    case 'owners':
      return escalate(unit, deps, policies.owners, order);
  }
}

function overdue(kind: 'response_overdue' | 'resolution_overdue', dueAt: Date): LogEntry {
  return { kind, actor: SYSTEM, data: { dueAt: dueAt.toISOString() } };
}

function tellOverdue(unit: Unit, order: Order, clock: OrderClock, dueAt: Date): void {
  unit.message(...overdueMessages(aboutOrder(order), order.contacts.leaders, clock, dueAt.getTime()));
}
