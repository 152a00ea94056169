import type { Tx } from '../../platform/index.ts';
import type { Closure } from '../closure/closure.ts';
import { ticketingErrors } from '../errors.ts';
import type { AssetContext } from '../ports.ts';
import type { Level, Priority, Zone } from '../priority/policy.ts';
import type { PriorityBasis } from '../priority/priority.ts';
import { orderNumber } from './number.ts';
import type { OrderState } from './state.ts';

/** What a person reads about the order in one line, in both languages. */
export interface Summary {
  readonly en: string;
  readonly zh: string;
}

/** A work order as ticketing works with it. The impact verdict, which is large and never changed, is read apart. */
export interface Order {
  readonly id: string;
  readonly number: string;
  readonly kind: OrderKind;
  readonly state: OrderState;
  readonly summary: Summary;
  readonly faultKey: string | null;
  readonly fault: string;
  readonly level: Level | null;
  readonly zone: Zone | null;
  readonly confidence: number | null;
  readonly assetId: string | null;
  readonly assetName: string;
  readonly pointKey: string | null;
  readonly evidenceUrl: string | null;
  readonly priority: Priority;
  readonly priorityBasis: PriorityBasis;
  readonly contacts: AssetContext;
  readonly requesterId: string | null;
  readonly requesterName: string | null;
  readonly assigneeId: string | null;
  readonly assigneeName: string | null;
  readonly queueReason: string | null;
  /** Lower-cased addresses of the service owners and leaders, who may read the order. */
  readonly concerned: readonly string[];
  readonly responseDueAt: Date;
  readonly resolutionDueAt: Date;
  readonly acceptDueAt: Date | null;
  /** When further people are told unless somebody has acknowledged; null: nobody is left, or somebody has. */
  readonly escalationDueAt: Date | null;
  /** When the pending timer event of this order fires. */
  readonly timerDueAt: Date | null;
  readonly heldAt: Date | null;
  readonly respondedAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly responseOverdue: boolean;
  readonly resolutionOverdue: boolean;
  readonly closure: Closure | null;
  /** Grows with every change; a caller may demand the one that it has read. */
  readonly version: number;
  /** Length of the order's log, which is also the sequence of its last entry. */
  readonly logLength: number;
  readonly firstSeenAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** `instrumentation`: the machine is well, its measurement is not. `incident`: an IT component fails. */
export const ORDER_KINDS = [
  'repair',
  'inspection',
  'preventive',
  'calibration',
  'installation',
  'disposal',
  'instrumentation',
  'incident',
] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

/** Column of each field, for reading and writing alike. */
export const ORDER_COLUMNS = {
  id: 'id',
  number: 'number',
  kind: 'kind',
  state: 'state',
  summary: 'summary',
  faultKey: 'fault_key',
  fault: 'fault',
  level: 'level',
  zone: 'zone',
  confidence: 'confidence',
  assetId: 'asset_id',
  assetName: 'asset_name',
  pointKey: 'point_key',
  evidenceUrl: 'evidence_url',
  priority: 'priority',
  priorityBasis: 'priority_basis',
  contacts: 'contacts',
  requesterId: 'requester_id',
  requesterName: 'requester_name',
  assigneeId: 'assignee_id',
  assigneeName: 'assignee_name',
  queueReason: 'queue_reason',
  concerned: 'concerned',
  responseDueAt: 'response_due_at',
  resolutionDueAt: 'resolution_due_at',
  acceptDueAt: 'accept_due_at',
  escalationDueAt: 'escalation_due_at',
  timerDueAt: 'timer_due_at',
  heldAt: 'held_at',
  respondedAt: 'responded_at',
  resolvedAt: 'resolved_at',
  responseOverdue: 'response_overdue',
  resolutionOverdue: 'resolution_overdue',
  closure: 'closure',
  version: 'version',
  logLength: 'log_length',
  firstSeenAt: 'first_seen_at',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof Order, string>;

/** The select list of an order. */
export const ORDER_SELECT = Object.entries(ORDER_COLUMNS)
  .map(([field, column]) => `o.${column} as "${field}"`)
  .join(', ');

export type OrderRow = Omit<Order, 'number'> & { number: bigint };

export function orderOf(row: OrderRow): Order {
  return { ...row, number: orderNumber(row.number) };
}

/** Orders by id, in the order of their ids, locked until the transaction ends; the ids' order avoids deadlocks. */
export async function lockOrders(tx: Tx, ids: readonly string[]): Promise<Order[]> {
  const { rows } = await tx.query<OrderRow>(
    `select ${ORDER_SELECT} from work_order o where o.id = any($1::uuid[]) order by o.id for no key update`,
    [ids],
  );
  return rows.map(orderOf);
}

/** One order as it stands, without a lock. @throws ORDER_UNKNOWN */
export async function readPlain(tx: Tx, id: string): Promise<Order> {
  const { rows } = await tx.query<OrderRow>(`select ${ORDER_SELECT} from work_order o where o.id = $1`, [id]);
  if (!rows[0]) throw ticketingErrors.ORDER_UNKNOWN({ id });
  return orderOf(rows[0]);
}

/** One order, locked until the transaction ends. @throws ORDER_UNKNOWN */
export async function lockOrder(tx: Tx, id: string): Promise<Order> {
  const [order] = await lockOrders(tx, [id]);
  if (!order) throw ticketingErrors.ORDER_UNKNOWN({ id });
  return order;
}
