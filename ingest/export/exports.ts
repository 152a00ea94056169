import type { Tx } from '../../platform/index.ts';

export const EXPORT_FORMATS = ['csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const EXPORT_STATUSES = ['waiting', 'running', 'finished', 'failed', 'cancelled'] as const;
export type ExportStatus = (typeof EXPORT_STATUSES)[number];

/** An export as its owner sees it. */
export interface TelemetryExport {
  id: string;
  format: ExportFormat;
  series: string[];
  fromNs: bigint;
  toNs: bigint;
  status: ExportStatus;
  requestedBy: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  expiresAt: Date;
  attempt: string | null;
  percent: number;
  rows: bigint;
  bytes: bigint;
  reason: string | null;
}

const COLUMNS = `id, format, series, from_ns as "fromNs", to_ns as "toNs", status, requested_by as "requestedBy",
  created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt", expires_at as "expiresAt",
  attempt, percent, rows, bytes, reason`;

export interface NewExport {
  id: string;
  format: ExportFormat;
  series: readonly string[];
  fromNs: bigint;
  toNs: bigint;
  requestedBy: string;
  now: Date;
  expiresAt: Date;
}

export async function insertExport(tx: Tx, made: NewExport): Promise<TelemetryExport> {
  const { rows } = await tx.query<TelemetryExport>(
    `insert into telemetry_export (tenant_id, id, format, series, from_ns, to_ns, status, requested_by, created_at, expires_at)
     values (current_tenant(), $1, $2, $3, $4, $5, 'waiting', $6, $7, $8) returning ${COLUMNS}`,
    [made.id, made.format, made.series, made.fromNs, made.toNs, made.requestedBy, made.now, made.expiresAt],
  );
  return rows[0]!;
}

export async function getExport(tx: Tx, id: string): Promise<TelemetryExport | null> {
  const { rows } = await tx.query<TelemetryExport>(
    `select ${COLUMNS} from telemetry_export where tenant_id = current_tenant() and id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** The tenant's exports, newest first. */
export async function listExports(tx: Tx, page: { limit: number; before: string | null }): Promise<TelemetryExport[]> {
  const { rows } = await tx.query<TelemetryExport>(
    `select ${COLUMNS} from telemetry_export
     where tenant_id = current_tenant() and ($1::uuid is null or id < $1) order by id desc limit $2`,
    [page.before, page.limit],
  );
  return rows;
}

export async function countExports(tx: Tx): Promise<number> {
  // One at a time counts and adds, or two requests at once would both find room.
  await tx.query(`select pg_advisory_xact_lock(hashtext('faultline exports of ' || $1))`, [tx.tenantId]);
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from telemetry_export where tenant_id = current_tenant()',
  );
  return rows[0]!.n;
}

/** Takes an export to work on it; null when it is done, gone, or in somebody else's hands. */
export async function claimExport(
  tx: Tx,
  id: string,
  attempt: string,
  now: Date,
  abandonedBefore: Date,
): Promise<TelemetryExport | null> {
  const { rows } = await tx.query<TelemetryExport>(
    `update telemetry_export set status = 'running', attempt = $2, attempts = attempts + 1, started_at = $3, touched_at = $3,
       percent = 0, rows = 0, bytes = 0
     where tenant_id = current_tenant() and id = $1
       and (status = 'waiting' or (status = 'running' and touched_at < $4)) returning ${COLUMNS}`,
    [id, attempt, now, abandonedBefore],
  );
  if (!rows[0]) return null;
  await tx.query('delete from telemetry_export_part where tenant_id = current_tenant() and export_id = $1', [id]);
  return rows[0];
}

export interface Progress {
  percent: number;
  rows: number;
  bytes: number;
}

/** Says how far it is; false when it is no longer this attempt's to work on: cancelled, or taken by another. */
export async function touchExport(
  tx: Tx,
  id: string,
  attempt: string,
  now: Date,
  { percent, rows, bytes }: Progress,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update telemetry_export set touched_at = $3, percent = $4, rows = $5, bytes = $6
     where tenant_id = current_tenant() and id = $1 and attempt = $2 and status = 'running'`,
    [id, attempt, now, percent, rows, bytes],
  );
  return rowCount === 1;
}

/** Ends an attempt. */
export async function settleExport(
  tx: Tx,
  id: string,
  attempt: string,
  end: { status: 'finished' | 'failed' | 'waiting'; reason: string | null; now: Date; expiresAt: Date },
): Promise<void> {
  await tx.query(
    `update telemetry_export set status = $3, reason = $4, expires_at = $6,
       finished_at = case when $3 = 'waiting' then null else $5::timestamptz end
     where tenant_id = current_tenant() and id = $1 and attempt = $2 and status = 'running'`,
    [id, attempt, end.status, end.reason, end.now, end.expiresAt],
  );
  if (end.status !== 'finished')
    await tx.query(
      'delete from telemetry_export_part where tenant_id = current_tenant() and export_id = $1 and attempt = $2',
      [id, attempt],
    );
}

/** Stops an export, or removes what it made; false when there is none of this id. */
export async function cancelExport(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update telemetry_export set status = 'cancelled', finished_at = coalesce(finished_at, $2)
     where tenant_id = current_tenant() and id = $1`,
    [id, now],
  );
  await tx.query('delete from telemetry_export_part where tenant_id = current_tenant() and export_id = $1', [id]);
  return rowCount === 1;
}
