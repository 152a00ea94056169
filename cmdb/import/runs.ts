import type { Database, Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';

/** How an import goes, or went. It is written beside the import, whose own transaction nobody sees until its end. */
export interface ImportRun {
  readonly id: string;
  readonly author: string;
  readonly source: string | null;
  readonly dryRun: boolean;
  readonly state: 'running' | 'done' | 'failed';
  /** reading, comparing, writing, remembering */
  readonly stage: string;
  /** Rows of `total` that the stage has dealt with. */
  readonly done: number;
  readonly total: number;
  readonly summary: unknown;
  readonly problem: string | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
}

export interface RunLog {
  step(stage: string, done: number, total: number): Promise<void>;
  finish(summary: unknown): Promise<void>;
  fail(problem: string): Promise<void>;
}

/** Begins the record of an import. @throws {FaultlineError} CMDB_IMPORT_RUN_TAKEN */
export async function beginRun(
  { db, nowMs }: { db: Database; nowMs: () => number },
  tenantId: string,
  run: { id: string; author: string; source: string | undefined; dryRun: boolean },
): Promise<RunLog> {
  const begun = await db.tenant(tenantId, (tx) =>
    tx.query(
      `insert into cmdb_import_run
         (tenant_id, id, author, source, dry_run, state, stage, done, total, started_at, updated_at)
       values ($1, $2, $3, $4, $5, 'running', 'reading', 0, 0, $6, $6) on conflict do nothing`,
      [tenantId, run.id, run.author, run.source ?? null, run.dryRun, new Date(nowMs())],
    ),
  );
  if (begun.rowCount === 0) throw cmdbErrors.CMDB_IMPORT_RUN_TAKEN({ id: run.id });
  const set = async (columns: string, values: readonly unknown[]) => {
    await db.tenant(tenantId, (tx) =>
      tx.query(`update cmdb_import_run set updated_at = $3, ${columns} where tenant_id = $1 and id = $2`, [
        tenantId,
        run.id,
        new Date(nowMs()),
        ...values,
      ]),
    );
  };
  return {
    step: (stage, done, total) => set('stage = $4, done = $5, total = $6', [stage, done, total]),
    finish: (summary) => set(`state = 'done', done = total, summary = $4`, [JSON.stringify(summary)]),
    fail: (problem) => set(`state = 'failed', problem = $4`, [problem.slice(0, 2000)]),
  };
}

const COLUMNS = `id, author, source, dry_run as "dryRun", state, stage, done, total, summary, problem,
  started_at as "startedAt", updated_at as "updatedAt"`;

/** Imports, the newest first. */
export async function listRuns(tx: Tx, page: { before?: string | undefined; limit: number }): Promise<ImportRun[]> {
  const { rows } = await tx.query<ImportRun>(
    `select ${COLUMNS} from cmdb_import_run
     where tenant_id = $1 and ($2::uuid is null
       or (started_at, id) < (select started_at, id from cmdb_import_run where tenant_id = $1 and id = $2))
     order by started_at desc, id desc limit $3`,
    [tx.tenantId, page.before ?? null, page.limit],
  );
  return rows;
}

export async function findRun(tx: Tx, id: string): Promise<ImportRun> {
  const { rows } = await tx.query<ImportRun>(
    `select ${COLUMNS} from cmdb_import_run where tenant_id = $1 and id = $2`,
    [tx.tenantId, id],
  );
  if (rows[0] === undefined) throw cmdbErrors.CMDB_IMPORT_RUN_UNKNOWN({ id });
  return rows[0];
}
