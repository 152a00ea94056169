import type { Tx } from '../../../platform/index.ts';
import type { DeclaredPoint } from './deviceType.ts';

/** The range in which a point's values are plausible; a side that is not declared is open. */
export type DeclaredRange = Pick<DeclaredPoint, 'min' | 'max'>;

/** The ranges that a device's type declares, by point; empty for a device without a type. */
export async function declaredRanges(tx: Tx, device: string): Promise<Map<string, DeclaredRange>> {
  const { rows } = await tx.query<{ points: DeclaredPoint[] }>(
    `select t.points from device d join device_type t on t.tenant_id = d.tenant_id and t.id = d.type_id
      where d.tenant_id = $1 and d.name = $2`,
    [tx.tenantId, device],
  );
  const points = rows[0]?.points ?? [];
  return new Map(
    points.flatMap(({ name, min, max }) => (min === undefined && max === undefined ? [] : [[name, { min, max }]])),
  );
}
