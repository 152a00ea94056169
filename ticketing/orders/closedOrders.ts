import type { Tx } from '../../platform/index.ts';
import { orderNumber } from './number.ts';

/** An order that was closed with an outcome, with the anomalies it was about. */
export interface ClosedOrder {
  readonly orderId: string;
  readonly number: string;
  readonly assetId: string | null;
  readonly anomalyIds: readonly string[];
  readonly outcome: 'confirmed' | 'false_alarm' | 'other_cause';
  readonly openedAtMs: number;
  readonly closedAtMs: number;
}

/** Orders closed in a span of time, newest first; what detectors are judged by, so without monitoring's incidents. */
export async function closedOrders(
  tx: Tx,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  limit: number,
): Promise<ClosedOrder[]> {
  const { rows } = await tx.query<{
    id: string;
    number: bigint;
    asset_id: string | null;
    outcome: ClosedOrder['outcome'];
    anomaly_ids: string[] | null;
    opened_at: Date;
    closed_at: Date;
  }>(
    `select o.id, o.number, o.asset_id, o.closure ->> 'outcome' as outcome, o.created_at as opened_at,
            coalesce(o.resolved_at, o.updated_at) as closed_at,
            (select array_agg(a.anomaly_id) from work_order_anomaly a
             where a.tenant_id = current_tenant() and a.order_id = o.id) as anomaly_ids
     from work_order o
     where o.tenant_id = current_tenant() and o.state = 'closed' and o.closure is not null
       and o.kind <> 'incident'
       and coalesce(o.resolved_at, o.updated_at) >= $1 and o.created_at < $2
     order by o.id desc limit $3`,
    [new Date(Math.max(0, fromMs)), new Date(Math.min(toMs, MAX_DATE_MS)), limit],
  );
  return rows.map((row) => ({
    orderId: row.id,
    number: orderNumber(row.number),
    assetId: row.asset_id,
    anomalyIds: row.anomaly_ids ?? [],
    outcome: row.outcome,
    openedAtMs: row.opened_at.getTime(),
    closedAtMs: row.closed_at.getTime(),
  }));
}

/** The last instant that both JavaScript and PostgreSQL can write. */
const MAX_DATE_MS = 8.64e15;
