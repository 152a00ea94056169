import type { Tx } from '../../platform/index.ts';

/** Machines that a vibration point last saw standing. Points without a speed of their own are gated by it. */
export async function readStopped(tx: Tx, machineIds: readonly string[]): Promise<Set<string>> {
  if (machineIds.length === 0) return new Set();
  const { rows } = await tx.query<{ machine_id: string }>(
    'select machine_id from analytics_machine where tenant_id = current_tenant() and machine_id = any($1::uuid[]) and stopped',
    [machineIds],
  );
  return new Set(rows.map((row) => row.machine_id));
}

/** Notes that a machine stopped or runs; writes only when that is news, so that points do not queue for the row. */
export async function noteMachine(tx: Tx, machineId: string, stopped: boolean, atMs: number): Promise<void> {
  await tx.query(
    `insert into analytics_machine as known (tenant_id, machine_id, stopped, since_ms) values ($1, $2, $3, $4)
     on conflict (tenant_id, machine_id) do update set stopped = excluded.stopped, since_ms = excluded.since_ms
       where known.stopped <> excluded.stopped and known.since_ms <= excluded.since_ms`,
    [tx.tenantId, machineId, stopped, atMs],
  );
}
