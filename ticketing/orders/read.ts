import type { Tx } from '../../platform/index.ts';
import { type Assignment, readAssignments } from '../dispatch/assignments.ts';
import { ticketingErrors } from '../errors.ts';
import { linkedAnomalies } from '../intake/link.ts';
import type { Priority } from '../priority/policy.ts';
import { listStopCommands, type StopCommand } from '../response/stopCommand.ts';
import { type Notice, noticesOf } from '../telling/notices.ts';
import { readLog, type StoredEntry } from './log.ts';
import { parseOrderNumber } from './number.ts';
import { ORDER_SELECT, type Order, type OrderRow, orderOf } from './order.ts';
import { allowedMoves, type Move, type OrderState } from './state.ts';
import type { VerdictSnapshot } from './verdicts.ts';
import { VISIBLE, type Viewer, viewerParameters } from './viewer.ts';

export interface OrderFilter {
  readonly state?: OrderState | undefined;
  readonly priority?: Priority | undefined;
  /** A user's id, or `none` for the dispatcher's queue. */
  readonly assignee?: string | undefined;
  /** A number, or words of the summary or the asset. */
  readonly q?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Orders that the viewer may see, newest first, from before `cursor`. */
export async function listOrders(tx: Tx, viewer: Viewer, filter: OrderFilter): Promise<Order[]> {
  const values = viewerParameters(viewer);
  const conditions = [VISIBLE];
  const add = (condition: (parameter: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (filter.state) add((p) => `o.state = ${p}`, filter.state);
  if (filter.priority) add((p) => `o.priority = ${p}`, filter.priority);
  if (filter.assignee === 'none') conditions.push('o.assignee_id is null');
  else if (filter.assignee) add((p) => `o.assignee_id = ${p}::uuid`, filter.assignee);
  if (filter.cursor) add((p) => `o.id < ${p}::uuid`, filter.cursor);
  if (filter.q) {
    const number = parseOrderNumber(filter.q);
    const words = `%${filter.q.replaceAll(/[\\%_]/g, '\\$&')}%`;
    if (number !== null) add((p) => `o.number = ${p}::bigint`, number);
    else add((p) => `concat_ws(' ', o.asset_name, o.summary->>'en', o.summary->>'zh') ilike ${p}`, words);
  }
  values.push(filter.limit);
  const { rows } = await tx.query<OrderRow>(
    `select ${ORDER_SELECT} from work_order o where ${conditions.join(' and ')}
      order by o.id desc limit $${values.length}`,
    values,
  );
  return rows.map(orderOf);
}

/** An order with all that explains it. */
export interface OrderDetail extends Order {
  readonly allowedMoves: Move[];
  readonly verdict: VerdictSnapshot | null;
  readonly anomalies: { anomalyId: string; evidenceUrl: string }[];
  readonly assignments: Assignment[];
  readonly stopCommands: StopCommand[];
  /** Who was told, and who is told when nobody acknowledges. */
  readonly ownerNotices: Notice[];
  readonly log: StoredEntry[];
}

/** @throws ORDER_UNKNOWN, also for an order that does not concern the viewer */
export async function readOrder(tx: Tx, viewer: Viewer, id: string): Promise<OrderDetail> {
  const { rows } = await tx.query<OrderRow & { verdict: VerdictSnapshot | null }>(
    `select ${ORDER_SELECT}, v.document as verdict from work_order o
       left join impact_verdict v on v.tenant_id = o.tenant_id and v.id = o.verdict_id
      where ${VISIBLE} and o.id = $4`,
    [...viewerParameters(viewer), id],
  );
  if (!rows[0]) throw ticketingErrors.ORDER_UNKNOWN({ id });
  const { verdict, ...row } = rows[0];
  return {
    ...orderOf(row),
    verdict,
    allowedMoves: allowedMoves(row.state),
    anomalies: await linkedAnomalies(tx, id),
    assignments: await readAssignments(tx, id),
    stopCommands: await listStopCommands(tx, { orderId: id, limit: 10 }),
    ownerNotices: await noticesOf(tx, id),
    log: await readLog(tx, id),
  };
}
