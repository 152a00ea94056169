import { newId, type Sql, type Tx } from '../../../platform/index.ts';

export const FIT_STATUSES = ['waiting', 'running', 'finished', 'failed'] as const;

/** An order to fit a model to a point's own baseline, and what became of it. */
export interface Fit {
  readonly id: string;
  readonly pointKey: string;
  readonly status: (typeof FIT_STATUSES)[number];
  readonly percent: number;
  /** Baseline rows that the model was fitted to. */
  readonly rows: number | null;
  readonly modelId: string | null;
  /** Why it failed. */
  readonly reason: string | null;
  readonly requestedBy: string;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, point_key as "pointKey", status, percent, rows, model_id as "modelId", reason,
  requested_by as "requestedBy", created_at as "createdAt", finished_at as "finishedAt"`;

/** Orders a fit; while one for the point is waiting or running, that one is returned. */
export async function orderFit(tx: Tx, pointKey: string, requestedBy: string, at: Date): Promise<Fit> {
  await tx.query(
    `insert into analytics_model_fit (tenant_id, id, point_key, status, percent, requested_by, created_at)
     values (current_tenant(), $1, $2, 'waiting', 0, $3, $4) on conflict do nothing`,
    [newId(), pointKey, requestedBy, at],
  );
  const { rows } = await tx.query<Fit>(
    `select ${COLUMNS} from analytics_model_fit
     where tenant_id = current_tenant() and point_key = $1 and status in ('waiting', 'running')`,
    [pointKey],
  );
  return rows[0]!;
}

export async function readFit(tx: Sql, id: string): Promise<Fit | null> {
  const { rows } = await tx.query<Fit>(
    `select ${COLUMNS} from analytics_model_fit where tenant_id = current_tenant() and id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Writes how far a fit is; one that has ended stays as it is. */
export async function noteFit(tx: Tx, id: string, now: Partial<Omit<Fit, 'id' | 'pointKey'>>): Promise<void> {
  await tx.query(
    `update analytics_model_fit set status = coalesce($2, status), percent = coalesce($3, percent),
       rows = coalesce($4, rows), model_id = coalesce($5, model_id), reason = coalesce($6, reason),
       finished_at = coalesce($7, finished_at)
     where tenant_id = current_tenant() and id = $1 and status in ('waiting', 'running')`,
    [
      id,
      now.status ?? null,
      now.percent ?? null,
      now.rows ?? null,
      now.modelId ?? null,
      now.reason ?? null,
      now.finishedAt ?? null,
    ],
  );
}
