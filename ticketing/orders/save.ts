import { addLoads } from '../dispatch/roster.ts';
import { WorkOrderRevised, WorkOrderStateChanged, WorkOrderTimer } from '../events.ts';
import { nextDueMs } from '../timers/due.ts';
import type { Unit } from '../unit.ts';
import { type Actor, type LogEntry, writeLog } from './log.ts';
import { ORDER_COLUMNS, type Order } from './order.ts';
import { occupies } from './state.ts';

type Kept = 'id' | 'number' | 'version' | 'logLength' | 'createdAt' | 'updatedAt' | 'timerDueAt';
/** What a change may set. */
export type OrderPatch = Partial<Omit<Order, Kept>>;

const JSON_FIELDS: ReadonlySet<string> = new Set(['summary', 'priorityBasis', 'contacts', 'closure']);

/**
 * Writes one change of a locked order: its columns, its log entries, the technician's load, its timer and the event of
 * a changed state. Every change of an existing order goes through here, so none of these can be forgotten.
 */
export async function saveOrder(
  unit: Unit,
  before: Order,
  patch: OrderPatch,
  entries: readonly LogEntry[],
  by: Actor,
): Promise<Order> {
  const changed: Order = {
    ...before,
    ...patch,
    version: before.version + 1,
    logLength: before.logLength + entries.length,
    updatedAt: unit.at,
  };
  const after: Order = { ...changed, timerDueAt: setTimer(unit, changed) };
  await update(unit, before, after);
  const placed = entries.map((e, i) => ({ ...e, orderId: before.id, sequence: before.logLength + i + 1 }));
  await writeLog(unit.tx, placed, unit.at);
  await addLoads(unit.tx, loadChange(before, after));
  if (before.state !== after.state) {
    const { id: orderId, number, version } = after;
    unit.publish(WorkOrderStateChanged, { orderId, number, from: before.state, to: after.state, by: by.name, version });
  } else if (before.priority !== after.priority || before.assetId !== after.assetId) {
    unit.publish(WorkOrderRevised, { orderId: after.id, number: after.number });
  }
  return after;
}

/** Gives an order without other changes its next timer, if one of its clocks still runs. */
export async function armTimer(unit: Unit, order: Order): Promise<void> {
  const dueAt = setTimer(unit, order);
  if (dueAt === order.timerDueAt) return;
  await unit.tx.query('update work_order set timer_due_at = $2 where id = $1', [order.id, dueAt]);
}

/** Asks for a timer event when the order's next due time is earlier than the one still pending. */
function setTimer(unit: Unit, order: Order): Date | null {
  const dueMs = nextDueMs(order);
  const pendingMs = order.timerDueAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (dueMs === null || (pendingMs <= dueMs && pendingMs > unit.nowMs)) return order.timerDueAt;
  unit.publish(WorkOrderTimer, { orderId: order.id }, dueMs);
  return new Date(dueMs);
}

async function update(unit: Unit, before: Order, after: Order): Promise<void> {
  const values: unknown[] = [before.id];
  const sets: string[] = [];
  for (const [field, column] of Object.entries(ORDER_COLUMNS)) {
    const value = after[field as keyof Order];
    if (value === before[field as keyof Order]) continue;
    values.push(JSON_FIELDS.has(field) && value !== null ? JSON.stringify(value) : value);
    sets.push(`${column} = $${values.length}`);
  }
  await unit.tx.query(`update work_order set ${sets.join(', ')} where id = $1`, values);
}

function loadChange(before: Order, after: Order): Map<string, number> {
  const change = new Map<string, number>();
  const add = (order: Order, by: number) => {
    if (order.assigneeId === null || !occupies(order.state)) return;
    change.set(order.assigneeId, (change.get(order.assigneeId) ?? 0) + by);
  };
  add(before, -1);
  add(after, 1);
  return change;
}
