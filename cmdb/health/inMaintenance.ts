import type { Tx } from '../../platform/index.ts';

/**
 * Until when CIs are being worked on, they or what they are part of; CIs without work are left out.
 * @remarks walks PART_OF and RUNS_ON upwards, at most ten steps
 */
export async function maintenanceEnds(tx: Tx, ciIds: readonly string[], at: Date): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await tx.query<{ ciId: string; end: Date }>(
    `with recursive whole (ci_id, over_id, depth) as (
       select id, id, 0 from unnest($2::uuid[]) as asked (id)
       union
       select w.ci_id, r.to_id, w.depth + 1
       from whole w join cmdb_relation r
         on r.tenant_id = $1 and r.from_id = w.over_id and r.type in ('PART_OF', 'RUNS_ON') and w.depth < 10)
     select w.ci_id as "ciId", max(m.to_at) as end
     from whole w join cmdb_maintenance_window m on m.tenant_id = $1 and m.ci_id = w.over_id
     where m.from_at <= $3 and m.to_at > $3 group by w.ci_id`,
    [tx.tenantId, ciIds, at],
  );
  return new Map(rows.map(({ ciId, end }) => [ciId, end]));
}
