import { newId, type Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';

/** A time in which a CI, and all that is part of it, is worked on: what is measured then is no fault. */
export interface MaintenanceWindow {
  id: string;
  ciId: string;
  from: Date;
  to: Date;
  reason: string;
  author: string;
}

const COLUMNS = 'id, ci_id as "ciId", from_at as "from", to_at as "to", reason, author';
const MOST_WINDOWS = 200;

/** @throws {FaultlineError} CMDB_WINDOW_ORDER */
export async function addWindow(tx: Tx, window: Omit<MaintenanceWindow, 'id'>): Promise<MaintenanceWindow> {
  if (window.to <= window.from) throw cmdbErrors.CMDB_WINDOW_ORDER({}, { field: 'to' });
  const { rows } = await tx.query<MaintenanceWindow>(
    `insert into cmdb_maintenance_window (tenant_id, id, ci_id, from_at, to_at, reason, author)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
    [tx.tenantId, newId(), window.ciId, window.from, window.to, window.reason, window.author],
  );
  return rows[0]!;
}

/** The latest windows of any of the CIs, latest first. */
export async function windowsOf(tx: Tx, ciIds: readonly string[]): Promise<MaintenanceWindow[]> {
  const { rows } = await tx.query<MaintenanceWindow>(
    `select ${COLUMNS} from cmdb_maintenance_window
     where tenant_id = $1 and ci_id = any ($2::uuid[]) order by to_at desc, id limit ${MOST_WINDOWS}`,
    [tx.tenantId, ciIds],
  );
  return rows;
}

/** Windows of the whole tenant in the order in which they were entered, after a given one. */
export async function listWindows(
  tx: Tx,
  page: { ciId?: string | undefined; after?: string | undefined; limit: number },
): Promise<MaintenanceWindow[]> {
  const { rows } = await tx.query<MaintenanceWindow>(
    `select ${COLUMNS} from cmdb_maintenance_window
     where tenant_id = $1 and ($2::uuid is null or ci_id = $2) and ($3::uuid is null or id > $3)
     order by id limit $4`,
    [tx.tenantId, page.ciId ?? null, page.after ?? null, page.limit],
  );
  return rows;
}

/** Takes a window away; false when there is none. */
export async function removeWindow(tx: Tx, id: string): Promise<boolean> {
  const { rowCount } = await tx.query('delete from cmdb_maintenance_window where tenant_id = $1 and id = $2', [
    tx.tenantId,
    id,
  ]);
  return rowCount === 1;
}
