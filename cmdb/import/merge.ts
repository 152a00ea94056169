import type { Clock, Outbox, Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { ApplyReport, RelationPut } from '../graph/assetGraph.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { requireCi } from '../lookups/ci.ts';
import { decideDuplicate, takeOpenDuplicate } from './duplicates.ts';

/**
 * Makes one CI of two, in the caller's transaction: the kept one takes over relations, attributes that it lacks, its
 * sources' records and maintenance windows; the other is removed. The history of both stays, with the reason.
 *
 * @param keep id or key of the one that stays
 * @throws {FaultlineError} CMDB_DUPLICATE_UNKNOWN, CMDB_DUPLICATE_DECIDED, CMDB_DUPLICATE_NOT_OF_IT
 */
export async function mergeDuplicate(
  deps: { outbox: Outbox; clock: Clock },
  tx: Tx,
  id: string,
  { keep, by }: { keep: string; by: string },
): Promise<ApplyReport> {
  const task = await takeOpenDuplicate(tx, id);
  const kept = await requireCi(tx, keep);
  if (kept.id !== task.ciId && kept.id !== task.otherId) throw cmdbErrors.CMDB_DUPLICATE_NOT_OF_IT({ ci: keep });
  const gone = await requireCi(tx, kept.id === task.ciId ? task.otherId : task.ciId);
  await tx.query('update cmdb_source_record set ci_id = $3 where tenant_id = $1 and ci_id = $2', [
    tx.tenantId,
    gone.id,
    kept.id,
  ]);
  await tx.query('update cmdb_maintenance_window set ci_id = $3 where tenant_id = $1 and ci_id = $2', [
    tx.tenantId,
    gone.id,
    kept.id,
  ]);
  const relations = await takenOver(tx, gone.id, kept);
  const attributes = { ...gone.attributes, ...kept.attributes };
  const report = await applyChanges(
    deps,
    tx,
    { cis: [{ key: kept.key, type: kept.type, attributes }], relations, removeCis: [gone.key], attributes: 'replace' },
    { author: by, source: 'merge', reason: `merged ${gone.key} into ${kept.key}: ${task.evidence}` },
  );
  const at = new Date(deps.clock.nowMs());
  await decideDuplicate(tx, id, { state: 'merged', by, keptId: kept.id, at });
  return report;
}

/** Relations of the CI that goes, as the kept one's; those that it has already or that would join it to itself stay out. */
async function takenOver(tx: Tx, goneId: string, kept: { id: string; key: string }): Promise<RelationPut[]> {
  const { rows } = await tx.query<RelationPut & { source: string | null }>(
    `select case when r.from_id = $2 then $4 else f.key end as "from", r.type,
            case when r.to_id = $2 then $4 else t.key end as "to", r.redundancy_group as "group", r.min_up as "minUp",
            r.min_up_percent::float8 as "minUpPercent", r.weight::int as weight,
            r.attributes, r.source, r.confidence, r.first_seen_at as "firstSeenAt", r.last_seen_at as "lastSeenAt"
     from cmdb_relation r
     join cmdb_ci f on f.tenant_id = $1 and f.id = r.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = r.to_id
     where r.tenant_id = $1 and (r.from_id = $2 or r.to_id = $2) and $3 not in (r.from_id, r.to_id)
       and not exists (select from cmdb_relation k where k.tenant_id = $1 and k.type = r.type
         and k.from_id = case when r.from_id = $2 then $3 else r.from_id end
         and k.to_id = case when r.to_id = $2 then $3 else r.to_id end)`,
    [tx.tenantId, goneId, kept.id, kept.key],
  );
  return rows.map(({ source, ...row }) => ({ ...row, ...(source === null ? {} : { source }) }));
}
