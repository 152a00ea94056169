import type { Sql, Tx } from '../../../platform/index.ts';

/** Work over the stored history that may take a while. */
export interface Run<Request = unknown, Result = unknown> {
  readonly id: string;
  readonly kind: 'simulation' | 'labels';
  readonly status: 'waiting' | 'running' | 'finished' | 'failed';
  readonly author: string;
  readonly request: Request;
  readonly editsKey: string | null;
  readonly result: Result | null;
  readonly done: number;
  readonly total: number;
  readonly reason: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly touchedAt: Date;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, kind, status, author, request, edits_key as "editsKey", result, done::float8 as done, total::float8 as total,
  reason, attempts, created_at as "createdAt", touched_at as "touchedAt", finished_at as "finishedAt"`;

/** Runs that no change refers to are forgotten after so long. */
export const RUN_LIFE_MS = 30 * 86_400_000;

export async function insertRun(
  tx: Tx,
  run: Pick<Run, 'id' | 'kind' | 'author' | 'request' | 'editsKey'>,
  nowMs: number,
): Promise<void> {
  await tx.query(
    `delete from threshold_run r where r.tenant_id = current_tenant() and r.created_at < $1
       and not exists (select 1 from threshold_change c where c.tenant_id = r.tenant_id and c.simulation_id = r.id)`,
    [new Date(nowMs - RUN_LIFE_MS)],
  );
  await tx.query(
    `insert into threshold_run (tenant_id, id, kind, status, author, request, edits_key, created_at, touched_at)
     values ($1, $2, $3, 'waiting', $4, $5, $6, $7, $7)`,
    [tx.tenantId, run.id, run.kind, run.author, JSON.stringify(run.request), run.editsKey, new Date(nowMs)],
  );
}

export async function readRun(sql: Sql, id: string): Promise<Run | null> {
  const { rows } = await sql.query<Run>(
    `select ${COLUMNS} from threshold_run where tenant_id = current_tenant() and id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** The newest runs, without their results. */
export async function listRuns(sql: Sql, limit: number, before: string | undefined): Promise<Run[]> {
  const { rows } = await sql.query<Run>(
    `select ${COLUMNS.replace('result,', 'null as result,')} from threshold_run
     where tenant_id = current_tenant() and ($1::uuid is null or id < $1) order by id desc limit $2`,
    [before ?? null, limit + 1],
  );
  return rows;
}

/** Takes a run up, unless somebody who is alive works on it; null when there is nothing to take up. */
export async function claimRun(tx: Tx, id: string, attempt: string, now: Date, abandoned: Date): Promise<Run | null> {
  const { rows } = await tx.query<Run>(
    `update threshold_run set status = 'running', attempt = $2, attempts = attempts + 1, touched_at = $3
     where tenant_id = current_tenant() and id = $1
       and (status = 'waiting' or status = 'running' and touched_at < $4)
     returning ${COLUMNS}`,
    [id, attempt, now, abandoned],
  );
  return rows[0] ?? null;
}

/** Notes how far an attempt is; false when the run is another's by now. */
export async function touchRun(
  tx: Tx,
  id: string,
  attempt: string,
  progress: { now: Date; done: number; total: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update threshold_run set touched_at = $3, done = $4, total = $5
     where tenant_id = current_tenant() and id = $1 and attempt = $2 and status = 'running'`,
    [id, attempt, progress.now, progress.done, progress.total],
  );
  return rowCount === 1;
}

export async function settleRun(
  tx: Tx,
  id: string,
  attempt: string,
  end: { status: 'finished' | 'failed' | 'waiting'; result: unknown; reason: string | null; now: Date },
): Promise<void> {
  await tx.query(
    `update threshold_run set status = $3, result = $4, reason = $5, touched_at = $6,
       finished_at = case when $3 = 'waiting' then null else $6::timestamptz end,
       done = case when $3 = 'finished' then greatest(total, done) else done end
     where tenant_id = current_tenant() and id = $1 and attempt = $2 and status = 'running'`,
    [id, attempt, end.status, end.result === null ? null : JSON.stringify(end.result), end.reason, end.now],
  );
}
