import { newId, type Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { evidenceOf, type Identifier, identitySql, isIdentity } from './identificationRules.ts';
import type { DuplicatePair } from './identify.ts';

/** Opens a task for each pair of CIs that seem to be one; a pair that was decided on stays decided. */
export async function recordDuplicates(tx: Tx, pairs: readonly DuplicatePair[], at: Date): Promise<number> {
  if (pairs.length === 0) return 0;
  const { rowCount } = await tx.query(
    `insert into cmdb_duplicate (tenant_id, id, ci_id, other_id, evidence, found_at)
     select distinct on (least(a.id, b.id), greatest(a.id, b.id))
            $1::uuid, i.id, least(a.id, b.id), greatest(a.id, b.id), i.evidence, $6::timestamptz
     from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) as i (id, key, other, evidence)
     join cmdb_ci a on a.tenant_id = $1 and a.key = i.key
     join cmdb_ci b on b.tenant_id = $1 and b.key = i.other
     where a.id <> b.id
     on conflict (tenant_id, ci_id, other_id) do nothing`,
    [
      tx.tenantId,
      pairs.map(newId),
      pairs.map(({ key }) => key),
      pairs.map(({ other }) => other),
      pairs.map(({ evidence }) => evidence.slice(0, 500)),
      at,
    ],
  );
  return rowCount ?? 0;
}

/** Groups with more members than this are no duplicates but a bad rule. */
const LARGEST_GROUP = 20;
const MOST_GROUPS = 1_000;

/** Looks through the whole graph for CIs of a type that an identifier calls the same. */
export async function searchDuplicates(
  tx: Tx,
  model: CmdbModel,
  type: string,
  identifier: Identifier,
): Promise<DuplicatePair[]> {
  const values: unknown[] = [tx.tenantId, type, LARGEST_GROUP, MOST_GROUPS];
  const identity = identitySql(identifier, (name) => `$${values.push(name)}`);
  const { rows } = await tx.query<{ identity: string; keys: string[] }>(
    `select ${identity} as identity, array_agg(c.key order by c.id) as keys from cmdb_ci c
     where c.tenant_id = $1 and c.type = $2 and (${identity}) is not null
     group by 1 having count(*) between 2 and $3 limit $4`,
    values,
  );
  return rows
    .filter(({ identity: of }) => isIdentity(of))
    .flatMap(({ identity: of, keys }) => {
      const evidence = evidenceOf(model, type, identifier, of);
      return keys.slice(1).map((other) => ({ key: keys[0]!, other, evidence }));
    });
}

export interface DuplicateTask {
  readonly id: string;
  readonly ciId: string;
  readonly otherId: string;
  /** Null for a CI that is no more. */
  readonly key: string | null;
  readonly name: string | null;
  readonly otherKey: string | null;
  readonly otherName: string | null;
  readonly evidence: string;
  readonly state: 'open' | 'merged' | 'dismissed';
  readonly foundAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly keptId: string | null;
}

const COLUMNS = `d.id, d.ci_id as "ciId", d.other_id as "otherId", a.key, a.name, b.key as "otherKey", b.name as "otherName",
  d.evidence, d.state, d.found_at as "foundAt", d.decided_at as "decidedAt", d.decided_by as "decidedBy",
  d.kept_id as "keptId"`;
const TASKS = `cmdb_duplicate d
  left join cmdb_ci a on a.tenant_id = d.tenant_id and a.id = d.ci_id
  left join cmdb_ci b on b.tenant_id = d.tenant_id and b.id = d.other_id`;

/** Tasks in the order in which they came about. */
export async function listDuplicates(
  tx: Tx,
  filter: { ciId?: string | undefined; state?: string | undefined; after?: string | undefined; limit: number },
): Promise<DuplicateTask[]> {
  const { rows } = await tx.query<DuplicateTask>(
    `select ${COLUMNS} from ${TASKS}
     where d.tenant_id = $1 and ($2::text is null or d.state = $2) and ($3::uuid is null or d.id > $3)
       and ($5::uuid is null or $5 in (d.ci_id, d.other_id))
     order by d.id limit $4`,
    [tx.tenantId, filter.state ?? null, filter.after ?? null, filter.limit, filter.ciId ?? null],
  );
  return rows;
}

/**
 * A task that is open, kept from others who decide on it until the transaction ends.
 * @throws {FaultlineError} CMDB_DUPLICATE_UNKNOWN, CMDB_DUPLICATE_DECIDED
 */
export async function takeOpenDuplicate(tx: Tx, id: string): Promise<DuplicateTask> {
  const { rows } = await tx.query<DuplicateTask>(
    `select ${COLUMNS} from ${TASKS} where d.tenant_id = $1 and d.id = $2 for update of d`,
    [tx.tenantId, id],
  );
  const [task] = rows;
  if (task === undefined) throw cmdbErrors.CMDB_DUPLICATE_UNKNOWN({ id });
  if (task.state !== 'open') throw cmdbErrors.CMDB_DUPLICATE_DECIDED({ state: task.state });
  return task;
}

export async function decideDuplicate(
  tx: Tx,
  id: string,
  decision: { state: 'merged' | 'dismissed'; by: string; keptId: string | null; at: Date },
): Promise<void> {
  await tx.query(
    `update cmdb_duplicate set state = $3, decided_by = $4, kept_id = $5, decided_at = $6
     where tenant_id = $1 and id = $2`,
    [tx.tenantId, id, decision.state, decision.by, decision.keptId, decision.at],
  );
}
