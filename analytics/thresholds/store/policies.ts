import { newId, type Sql, type Tx } from '../../../platform/index.ts';
import { lockVersion } from './values.ts';

/** Whether, and how far, proposals from labels may be applied without a person. */
export interface PolicyTerms {
  readonly autoApply: boolean;
  /** Largest change of one value in one step, as a share of it. */
  readonly maxStepShare: number;
  /** Labelled alarms that a scope needs before anything is proposed for it. */
  readonly minLabels: number;
}

/** The policy in force; nobody has changed it while `changedBy` is null. */
export interface Policy extends PolicyTerms {
  readonly changedBy: string | null;
  readonly changedAt: Date | null;
  readonly reason: string | null;
}

/** A policy that somebody has set. */
export interface PolicyChange extends Policy {
  readonly id: string;
  readonly changedBy: string;
  readonly changedAt: Date;
}

const UNTOUCHED: Policy = {
  ...{ autoApply: false, maxStepShare: 0.25, minLabels: 5 },
  ...{ changedBy: null, changedAt: null, reason: null },
};

/** Every policy that somebody has set, newest first; one more than `limit`, which tells of a next page. */
export async function listPolicies(
  sql: Sql,
  { limit, before }: { limit: number; before?: string | undefined },
): Promise<PolicyChange[]> {
  const { rows } = await sql.query<PolicyChange>(
    `select id, auto_apply as "autoApply", max_step_share as "maxStepShare", min_labels as "minLabels",
       author as "changedBy", changed_at as "changedAt", reason
     from threshold_policy where tenant_id = current_tenant()
       and ($1::uuid is null or (changed_at, id) < (select changed_at, id from threshold_policy
         where tenant_id = current_tenant() and id = $1))
     order by changed_at desc, id desc limit $2`,
    [before ?? null, limit + 1],
  );
  return rows;
}

export async function readPolicy(sql: Sql): Promise<Policy> {
  const [newest] = await listPolicies(sql, { limit: 0 });
  if (!newest) return UNTOUCHED;
  const { id: _, ...policy } = newest;
  return policy;
}

/** Puts a policy in force; those before it stay in the history. */
export async function savePolicy(
  tx: Tx,
  { autoApply, maxStepShare, minLabels }: PolicyTerms,
  { by, at, reason }: { by: string; at: Date; reason: string | null },
): Promise<void> {
  // One after another, so that the newest by time is the last one written.
  await lockVersion(tx);
  await tx.query(
    `insert into threshold_policy (tenant_id, id, auto_apply, max_step_share, min_labels, author, reason, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [tx.tenantId, newId(), autoApply, maxStepShare, minLabels, by, reason, at],
  );
}
