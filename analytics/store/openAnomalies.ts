import type { Tx } from '../../platform/index.ts';
import type { Anomaly } from './anomalies.ts';

/** A confirmed anomaly that is open and whose CI is known, as it is told outside of analytics. */
export type OpenAnomalyFacts = Pick<
  Anomaly,
  | 'id'
  | 'pointKey'
  | 'assetName'
  | 'fault'
  | 'level'
  | 'severityZone'
  | 'confidence'
  | 'summary'
  | 'firstSeenMs'
  | 'confirmedMs'
> & { readonly assetId: string };

/** Of these anomalies, those that are confirmed and open on a known CI; all of them without ids. */
export async function openAnomalies(tx: Tx, ids?: readonly string[]): Promise<OpenAnomalyFacts[]> {
  const { rows } = await tx.query<OpenAnomalyFacts>(
    `select id, asset_id as "assetId", asset_name as "assetName", point_key as "pointKey", fault, level,
            severity_zone as "severityZone", confidence, summary, first_seen_ms as "firstSeenMs",
            confirmed_ms as "confirmedMs"
     from anomaly
     where tenant_id = current_tenant() and status = 'confirmed' and asset_id is not null
       and ($1::uuid[] is null or id = any ($1))`,
    [ids ?? null],
  );
  return rows;
}
