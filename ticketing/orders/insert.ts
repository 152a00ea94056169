import type { Tx } from '../../platform/index.ts';
import type { ImpactVerdict } from '../ports.ts';
import { parseOrderNumber } from './number.ts';
import { ORDER_COLUMNS, type Order } from './order.ts';
import { keepVerdicts } from './verdicts.ts';

/** PostgreSQL type of each column, for reading the batch back out of its one JSON parameter. */
const TYPES = {
  id: 'uuid',
  number: 'bigint',
  kind: 'text',
  state: 'text',
  summary: 'json',
  faultKey: 'text',
  fault: 'text',
  level: 'text',
  zone: 'text',
  confidence: 'double precision',
  assetId: 'uuid',
  assetName: 'text',
  pointKey: 'text',
  evidenceUrl: 'text',
  priority: 'text',
  priorityBasis: 'json',
  contacts: 'json',
  requesterId: 'uuid',
  requesterName: 'text',
  assigneeId: 'uuid',
  assigneeName: 'text',
  queueReason: 'text',
  concerned: 'text[]',
  responseDueAt: 'timestamptz',
  resolutionDueAt: 'timestamptz',
  acceptDueAt: 'timestamptz',
  escalationDueAt: 'timestamptz',
  timerDueAt: 'timestamptz',
  heldAt: 'timestamptz',
  respondedAt: 'timestamptz',
  resolvedAt: 'timestamptz',
  responseOverdue: 'boolean',
  resolutionOverdue: 'boolean',
  closure: 'json',
  version: 'integer',
  logLength: 'integer',
  firstSeenAt: 'timestamptz',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
} as const satisfies Record<keyof Order, string>;

const FIELDS = Object.keys(TYPES) as (keyof Order)[];
const COLUMNS = FIELDS.map((field) => ORDER_COLUMNS[field]).join(', ');
const RECORD = FIELDS.map((field) => `"${field}" ${TYPES[field]}`).join(', ');

// In the order of the fault keys, so that two batches with the same faults wait for one another and never in a circle.
const INSERT = `
insert into work_order (tenant_id, ${COLUMNS}, verdict_id)
select $1, ${FIELDS.map((field) => `o."${field}"`).join(', ')}, o."verdictId"
  from json_to_recordset($2::json) as o (${RECORD}, "verdictId" uuid)
 order by o."faultKey"
    on conflict (tenant_id, fault_key) where fault_key is not null and state not in ('closed', 'cancelled') do nothing
returning id`;

/**
 * Inserts orders in one statement.
 *
 * @returns the ids that were inserted; the others' faults already have an open order
 */
export async function insertOrders(
  tx: Tx,
  orders: readonly { readonly order: Order; readonly verdict: ImpactVerdict | null }[],
): Promise<Set<string>> {
  const verdictIds = await keepVerdicts(
    tx,
    orders.flatMap(({ verdict }) => verdict ?? []),
  );
  const records = orders.map(({ order, verdict }) => ({
    ...order,
    number: parseOrderNumber(order.number),
    verdictId: verdict && verdictIds.get(verdict),
  }));
  const { rows } = await tx.query<{ id: string }>(INSERT, [tx.tenantId, JSON.stringify(records)]);
  return new Set(rows.map((row) => row.id));
}
