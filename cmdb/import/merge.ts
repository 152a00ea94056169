import type { Clock, Outbox, Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { CiMerged } from '../events.ts';
import type { ApplyReport, RelationPut } from '../graph/assetGraph.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { lockHealth } from '../health/healthChange.ts';
import { type Ci, requireCi } from '../lookups/ci.ts';
import { type ChangeBy, takeTurns } from '../oncall/store.ts';
import { decideDuplicate, takeOpenDuplicate } from './duplicates.ts';
import { mergeHealth } from './mergeHealth.ts';

/**
 * Makes one CI of two, in the caller's transaction: the kept one takes over relations, attributes that it lacks, its
 * sources' records, maintenance windows, alerts and health; the other is removed. The history of both stays, with the
 * reason, and `CiMerged` lets the other parts follow.
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
  // Before the graph's lock: whoever takes alerts queues on this one first, too.
  await lockHealth(tx);
  const at = new Date(deps.clock.nowMs());
  await rename(tx, gone, kept, { author: by, reason: `merged ${gone.key} into ${kept.key}`, at });
  const failure = await mergeHealth(deps, tx, gone.id, kept.id);
  const relations = await takenOver(tx, gone.id, kept);
  const attributes = { ...gone.attributes, ...kept.attributes };
  const report = await applyChanges(
    deps,
    tx,
    { cis: [{ key: kept.key, type: kept.type, attributes }], relations, removeCis: [gone.key], attributes: 'replace' },
    { author: by, source: 'merge', reason: `merged ${gone.key} into ${kept.key}: ${task.evidence}` },
  );
  await decideDuplicate(tx, id, { state: 'merged', by, keptId: kept.id, at });
  await deps.outbox.publish(tx, CiMerged, {
    ...{ goneId: gone.id, goneKey: gone.key, keptId: kept.id, keptKey: kept.key, keptName: kept.name },
    ...{ by, failure },
  });
  return report;
}

/** Tables that name a CI in a column and nothing else of it. */
const NAMING = [
  'cmdb_source_record',
  'cmdb_maintenance_window',
  'cmdb_alert',
  'cmdb_merged_key',
  'cmdb_oncall_calendar',
] as const;

/** Lets everything that names the CI that goes name the kept one. */
async function rename(tx: Tx, gone: Ci, kept: Ci, by: ChangeBy): Promise<void> {
  const ids = [tx.tenantId, gone.id, kept.id];
  for (const table of NAMING) await tx.query(`update ${table} set ci_id = $3 where tenant_id = $1 and ci_id = $2`, ids);
  await tx.query(
    `insert into cmdb_merged_key (tenant_id, key, ci_id) values ($1, $2, $3)
     on conflict (tenant_id, key) do update set ci_id = excluded.ci_id`,
    [tx.tenantId, gone.key, kept.id],
  );
  await takeTurns(tx, ids, by);
  await tx.query(
    `update cmdb_outage o set
       service_id = case when o.service_id = $2 then $3 else o.service_id end,
       cause_id = case when o.cause_id = $2 then $3 else o.cause_id end
     where o.tenant_id = $1 and $2 in (o.service_id, o.cause_id) and not (o.service_id = $2 and o.to_at is null and exists (
       select from cmdb_outage k where k.tenant_id = $1 and k.service_id = $3 and k.to_at is null))`,
    ids,
  );
  // What else seemed to be the one that goes may still be the kept one; a pair that was judged already is not asked anew.
  await tx.query(
    `update cmdb_duplicate d set ci_id = least(pair.other, $3::uuid), other_id = greatest(pair.other, $3::uuid)
     from (select id, case when ci_id = $2 then other_id else ci_id end as other
           from cmdb_duplicate where tenant_id = $1 and state = 'open' and $2 in (ci_id, other_id)) pair
     where d.tenant_id = $1 and d.id = pair.id and pair.other <> $3 and not exists (
       select from cmdb_duplicate k where k.tenant_id = $1
         and k.ci_id = least(pair.other, $3::uuid) and k.other_id = greatest(pair.other, $3::uuid))`,
    ids,
  );
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
