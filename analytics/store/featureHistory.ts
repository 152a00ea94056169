import type { Sql, Tx } from '../../platform/index.ts';

/** Observations remembered per point; older ones are overwritten. */
export const FEATURE_RING = 512;

export interface FeatureRow {
  pointKey: string;
  /** Number of the observation; its slot is this modulo the ring. */
  observation: number;
  atMs: number;
  speedRpm: number | null;
  values: Record<string, number>;
  /** The row that models take, of a waveform that belongs to the baseline; null for all others. */
  shape: Float32Array | null;
}

/** Writes features into the rings; of rows that fall on the same slot the last one stays. */
export async function saveFeatures(tx: Tx, rows: readonly FeatureRow[]): Promise<void> {
  const last = new Map(rows.map((row) => [`${row.pointKey}\n${row.observation % FEATURE_RING}`, row]));
  const kept = [...last.values()];
  if (kept.length === 0) return;
  await tx.query(
    `insert into analytics_feature (tenant_id, point_key, slot, at_ms, speed_rpm, values, shape)
     select $1, point_key, slot, at_ms, speed_rpm, values, shape::real[]
     from unnest($2::text[], $3::int[], $4::float8[], $5::real[], $6::jsonb[], $7::text[])
       as row (point_key, slot, at_ms, speed_rpm, values, shape)
     on conflict (tenant_id, point_key, slot) do update set at_ms = excluded.at_ms, speed_rpm = excluded.speed_rpm,
       values = excluded.values, shape = excluded.shape`,
    [
      tx.tenantId,
      kept.map((r) => r.pointKey),
      kept.map((r) => r.observation % FEATURE_RING),
      kept.map((r) => r.atMs),
      kept.map((r) => r.speedRpm),
      kept.map((r) => JSON.stringify(r.values)),
      // unnest flattens arrays of arrays, so that each row travels as the text of an array.
      kept.map((r) => r.shape && `{${r.shape.join(',')}}`),
    ],
  );
}

/** The rows that models take, of the observations that belong to the point's baseline, oldest first. */
export async function readShapes(tx: Sql, pointKey: string): Promise<Float32Array[]> {
  const { rows } = await tx.query<{ shape: number[] }>(
    `select shape from analytics_feature where tenant_id = current_tenant() and point_key = $1 and shape is not null
     order by at_ms`,
    [pointKey],
  );
  return rows.map(({ shape }) => Float32Array.from(shape));
}

/** The course of one feature, oldest first. */
export async function readTrend(
  tx: Sql,
  pointKey: string,
  feature: string,
  limit: number = FEATURE_RING,
): Promise<{ atMs: number; value: number }[]> {
  const { rows } = await tx.query<{ at_ms: number; value: number }>(
    `select at_ms, (values ->> $2)::float8 as value from analytics_feature
     where tenant_id = current_tenant() and point_key = $1 and values ? $2 order by at_ms desc limit $3`,
    [pointKey, feature, limit],
  );
  return rows.map((row) => ({ atMs: row.at_ms, value: row.value })).reverse();
}
