import type { Tx } from '../../../platform/index.ts';
import type { Label } from '../../detectors/rebaseline.ts';
import type { FaultName } from '../../detectors/state.ts';
import type { ClosedOrders } from '../ports.ts';
import type { ScopedPoint } from '../scope.ts';

/** Something that is known to have been, or not to have been: an anomaly with its label, or a fault that people found. */
export interface Truth {
  /** null for a fault that no anomaly told of. */
  readonly anomalyId: string | null;
  readonly order: string | null;
  readonly fault: FaultName | null;
  readonly assetName: string | null;
  /** null while it is open. */
  readonly label: Label | null;
  /** Points that could have told of it. */
  readonly pointKeys: readonly string[];
  readonly startMs: number;
  /** When people learnt of it: the confirmation, or the order that they opened. */
  readonly toldMs: number;
  readonly endMs: number | null;
}

/** A point with what places its orders: its asset and its machine. */
export interface KnownPoint extends ScopedPoint {
  readonly assetId: string | null;
}

const MOST_ORDERS = 2000;

interface AnomalyRow {
  id: string;
  fault: FaultName;
  assetName: string;
  label: Label | null;
  startMs: number;
  toldMs: number;
  endMs: number | null;
  pointKeys: string[];
}

/** What began in a span at the points, from labelled and open anomalies and from orders that people opened. */
export async function truthsOf(
  tx: Tx,
  orders: ClosedOrders,
  points: readonly KnownPoint[],
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<Truth[]> {
  const { rows } = await tx.query<AnomalyRow>(
    `select a.id, a.fault, a.asset_name as "assetName", a.label, a.first_seen_ms as "startMs",
            a.confirmed_ms as "toldMs", a.closed_ms as "endMs", array_agg(p.point_key) as "pointKeys"
     from anomaly a join anomaly_point p on p.tenant_id = a.tenant_id and p.anomaly_id = a.id
     where a.tenant_id = current_tenant() and a.confirmed_ms is not null and a.fault <> 'sensor' and a.first_seen_ms < $2 and a.first_seen_ms >= $1
       and exists (select 1 from anomaly_point q where q.tenant_id = a.tenant_id and q.anomaly_id = a.id
                   and q.point_key = any($3::text[]))
     group by a.tenant_id, a.id order by a.first_seen_ms, a.id`,
    [span.fromMs, Math.min(span.toMs, Number.MAX_SAFE_INTEGER), points.map((point) => point.pointKey)],
  );
  const closed = await orders.closed(tx, span, MOST_ORDERS);
  const orderOf = new Map(closed.flatMap((order) => order.anomalyIds.map((id) => [id, order.number])));
  const told: Truth[] = rows.map(({ id, ...row }) => ({ ...row, anomalyId: id, order: orderOf.get(id) ?? null }));
  const found = closed
    .filter(
      (order) =>
        order.anomalyIds.length === 0 &&
        order.outcome === 'confirmed' &&
        order.assetId !== null &&
        order.openedAtMs >= span.fromMs,
    )
    .map((order): Truth => {
      const of = points.filter((point) => point.assetId === order.assetId || point.machineId === order.assetId);
      return {
        ...{ anomalyId: null, order: order.number, fault: null, assetName: null, label: order.outcome },
        pointKeys: of.map((point) => point.pointKey),
        startMs: order.openedAtMs,
        toldMs: order.openedAtMs,
        endMs: order.closedAtMs,
      };
    });
  return [...told, ...found.filter((truth) => truth.pointKeys.length > 0)];
}
