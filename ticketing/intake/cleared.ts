import type { Tx } from '../../platform/index.ts';
import { answerAssignment } from '../dispatch/assignments.ts';
import { type LogEntry, SYSTEM } from '../orders/log.ts';
import { lockOrders, type Order } from '../orders/order.ts';
import { saveOrder } from '../orders/save.ts';
import { isOpen, isResponded, type Move, nextState, type OrderState } from '../orders/state.ts';
import { aboutOrder, restoredMessages } from '../response/messages.ts';
import { noticesOf } from '../telling/notices.ts';
import type { Unit } from '../unit.ts';
import type { Anomaly } from './anomaly.ts';

/** An anomaly that ended by itself, as analytics publishes it. */
export interface Cleared {
  readonly anomalyId: string;
  readonly clearedAtMs: number;
}

/**
 * Takes anomalies that ended by themselves. An order that nobody has taken yet is withdrawn; one that somebody works on
 * stays theirs, and its log proposes to close it: they know what they have seen. An incident is closed, whoever has it, when
 * everything that it is about is well again.
 */
export async function takeCleared(unit: Unit, arrivals: readonly Cleared[]): Promise<void> {
  const { tx, at } = unit;
  const ids = [...new Set(arrivals.map(({ anomalyId }) => anomalyId))].sort();
  await tx.query(
    `insert into cleared_anomaly (tenant_id, anomaly_id, cleared_at)
     select $1, id, $3 from unnest($2::uuid[]) as c (id) on conflict do nothing`,
    [tx.tenantId, ids, at],
  );
  const { rows } = await tx.query<{ orderId: string; anomalyId: string }>(
    `select order_id as "orderId", anomaly_id as "anomalyId" from work_order_anomaly
      where tenant_id = $1 and anomaly_id = any($2::uuid[])`,
    [tx.tenantId, ids],
  );
  const anomalyOf = new Map(rows.map(({ orderId, anomalyId }) => [orderId, anomalyId]));
  for (const order of await lockOrders(tx, [...anomalyOf.keys()])) {
    if (!isOpen(order.state)) continue;
    if (order.kind === 'incident') await closeIncident(unit, order, anomalyOf.get(order.id)!);
    else await recover(unit, order, anomalyOf.get(order.id)!);
  }
}

async function closeIncident(unit: Unit, order: Order, failureId: string): Promise<void> {
  const { rows } = await unit.tx.query<{ failing: number }>(
    `select count(*)::int as failing from work_order_anomaly a
      where a.tenant_id = $1 and a.order_id = $2 and not exists (
        select from cleared_anomaly c where c.tenant_id = $1 and c.anomaly_id = a.anomaly_id)`,
    [unit.tx.tenantId, order.id],
  );
  const { failing } = rows[0]!;
  const data = { anomalyId: failureId, stillFailing: failing };
  if (failing > 0) return tellRecovered(unit, order, data);
  const reason = 'monitoring reports that all is well again';
  const closed = await endRecovered(unit, order, data, { move: 'close', to: 'closed', reason });
  unit.message(...restoredMessages(aboutOrder(closed), await noticesOf(unit.tx, order.id), unit.nowMs));
}

async function recover(unit: Unit, order: Order, anomalyId: string): Promise<void> {
  const withdrawn = isResponded(order.state) ? null : nextState(order.state, 'cancel');
  if (withdrawn === null) return tellRecovered(unit, order, { anomalyId, proposes: 'close' });
  const reason = 'good data is back';
  await endRecovered(unit, order, { anomalyId, proposes: null }, { move: 'cancel', to: withdrawn, reason });
}

function recovered(data: LogEntry['data']): LogEntry {
  return { kind: 'recovered', actor: SYSTEM, data };
}

async function tellRecovered(unit: Unit, order: Order, data: LogEntry['data']): Promise<void> {
  await saveOrder(unit, order, {}, [recovered(data)], SYSTEM);
}

async function endRecovered(
  unit: Unit,
  order: Order,
  data: LogEntry['data'],
  { move, to, reason }: { move: Move; to: OrderState; reason: string },
): Promise<Order> {
  await answerAssignment(unit.tx, order.id, 'withdrawn', unit.at);
  const moved: LogEntry = { kind: 'moved', actor: SYSTEM, data: { move, from: order.state, to, reason } };
  const resolvedAt = order.resolvedAt ?? unit.at;
  const patch = { state: to, acceptDueAt: null, queueReason: null, resolvedAt };
  return saveOrder(unit, order, patch, [recovered(data), moved], SYSTEM);
}

/** Leaves out anomalies that were over before they arrived here: the two kinds of news come by ways of their own. */
export async function withoutCleared(tx: Tx, arrivals: readonly Anomaly[]): Promise<Anomaly[]> {
  if (arrivals.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    'select anomaly_id as id from cleared_anomaly where tenant_id = $1 and anomaly_id = any($2::uuid[])',
    [tx.tenantId, arrivals.map(({ anomalyId }) => anomalyId)],
  );
  const over = new Set(rows.map(({ id }) => id));
  return arrivals.filter(({ anomalyId }) => !over.has(anomalyId));
}
