import type { Tx } from '../../platform/index.ts';
import type { Failure } from '../impact/health.ts';

/** A CI that is worked on from some time on, ms since 1970. */
export interface Work {
  readonly ciId: string;
  readonly sinceMs: number;
}

/**
 * SQL of whether work on `to` of a relation is work on its `from`: on what is part of it, and on what runs on it and on
 * nothing else. The one rule of what is in maintenance, whichever way it is followed.
 */
const CARRIES_WORK = "(r.type = 'PART_OF' or (r.type = 'RUNS_ON' and r.redundancy_group is null))";

/** All that is not available while these are worked on: they themselves and what the work carries over to. */
export async function workedOn(tx: Tx, work: readonly Work[]): Promise<Failure[]> {
  if (work.length === 0) return [];
  const { rows } = await tx.query<{ ciId: string; sinceMs: number }>(
    `with recursive worked (id, since) as (
       select * from unnest($2::uuid[], $3::float8[])
       union
       select r.from_id, w.since from worked w
       join cmdb_relation r on r.tenant_id = $1 and r.to_id = w.id and ${CARRIES_WORK})
     select id as "ciId", min(since) as "sinceMs" from worked group by id order by id`,
    [tx.tenantId, work.map(({ ciId }) => ciId), work.map(({ sinceMs }) => sinceMs)],
  );
  return rows.map(({ ciId, sinceMs }) => ({ ciId, state: 'down', planned: true, sinceMs }));
}

/** Until when CIs are worked on by the windows open at a time, by the same rule; CIs without work are left out. */
export async function workEnds(tx: Tx, ciIds: readonly string[], at: Date): Promise<ReadonlyMap<string, Date>> {
  if (ciIds.length === 0) return new Map();
  const { rows } = await tx.query<{ ciId: string; end: Date }>(
    `with recursive whole (ci_id, over_id) as (
       select id, id from unnest($2::uuid[]) as asked (id)
       union
       select w.ci_id, r.to_id from whole w
       join cmdb_relation r on r.tenant_id = $1 and r.from_id = w.over_id and ${CARRIES_WORK})
     select w.ci_id as "ciId", max(m.to_at) as end
     from whole w join cmdb_maintenance_window m on m.tenant_id = $1 and m.ci_id = w.over_id
     where m.from_at <= $3 and m.to_at > $3 group by w.ci_id`,
    [tx.tenantId, ciIds, at],
  );
  return new Map(rows.map(({ ciId, end }) => [ciId, end]));
}
