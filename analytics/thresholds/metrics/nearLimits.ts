import type { Tx } from '../../../platform/index.ts';

/** How near a feature of a point is to the limit at which it speaks. */
export interface NearLimit {
  readonly pointKey: string;
  readonly feature: string;
  /** Distance from its normal as a share of the limit's distance; 1 and more speaks. */
  readonly share: number;
}

/**
 * The feature of each point that is nearest to its limit, or furthest beyond it, by the last verdict.
 *
 * @param most points, the nearest to their limits first: a metric per feature of thousands of points would be no metric
 */
export async function nearLimits(tx: Tx, most: number): Promise<NearLimit[]> {
  const { rows } = await tx.query<NearLimit>(
    `select point_key as "pointKey", near.feature, near.share from analytics_point,
       lateral (select f ->> 'name' as feature,
           abs((f ->> 'value')::float8 - (f ->> 'centre')::float8) / ((f ->> 'upper')::float8 - (f ->> 'centre')::float8) as share
         from jsonb_array_elements(verdict -> 'features') f
         where (f ->> 'upper')::float8 > (f ->> 'centre')::float8
         order by share desc limit 1) near
     where tenant_id = current_tenant() and verdict is not null order by near.share desc limit $1`,
    [most],
  );
  return rows;
}
