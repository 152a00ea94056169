import type { Tx } from '../../platform/index.ts';
import type { Anomaly } from './anomaly.ts';

/** Ties anomalies to their orders for good: one anomaly belongs to one order, so a late repeat is recognised. */
export async function linkAnomalies(
  tx: Tx,
  links: readonly { orderId: string; anomaly: Anomaly }[],
  at: Date,
): Promise<void> {
  if (links.length === 0) return;
  await tx.query(
    `insert into work_order_anomaly (tenant_id, anomaly_id, order_id, evidence_url, linked_at)
     select $1, l.anomaly_id, l.order_id, l.evidence_url, $2
       from unnest($3::uuid[], $4::uuid[], $5::text[]) as l (anomaly_id, order_id, evidence_url)`,
    [
      tx.tenantId,
      at,
      links.map(({ anomaly }) => anomaly.anomalyId),
      links.map(({ orderId }) => orderId),
      links.map(({ anomaly }) => anomaly.evidenceUrl),
    ],
  );
}

/** The anomalies that an order is about, in the order of their arrival. */
export async function linkedAnomalies(tx: Tx, orderId: string): Promise<{ anomalyId: string; evidenceUrl: string }[]> {
  const { rows } = await tx.query<{ anomalyId: string; evidenceUrl: string }>(
    `select anomaly_id as "anomalyId", evidence_url as "evidenceUrl"
       from work_order_anomaly where order_id = $1 order by linked_at, anomaly_id`,
    [orderId],
  );
  return rows;
}
