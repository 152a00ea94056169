import type { Migration, Sql } from '../../platform/index.ts';

/** How long it can be read what a device was ordered to do, and who changed what about it. */
export const DEVICE_HISTORY_DAYS = 365;
const AT_ONCE = 5_000;

/** Retention removes settled commands and audit entries that are over, of all tenants. */
export const deviceSweepMigration: Migration = {
  id: 'ingest/0231-device-sweep',
  sql: `
    create index device_audit_age on device_audit (at);
    create policy shipper_across_tenants on device_audit to faultline_shipper using (true);
    grant select, delete on device_audit to faultline_shipper;

    create index device_command_age on device_command (expires_at);
    create policy shipper_across_tenants on device_command to faultline_shipper using (true);
    grant select, delete on device_command to faultline_shipper;
  `,
};

/** Removes some of what lies before a moment. A command that is still open stays. @returns how many rows are gone */
export async function sweepDeviceHistory(tx: Sql, beforeMs: number): Promise<number> {
  const before = new Date(beforeMs);
  const commands = await tx.query(
    `delete from device_command where (tenant_id, id) in (
       select tenant_id, id from device_command
        where expires_at < $1 and state not in ('proposed', 'confirmed', 'sent') limit ${AT_ONCE})`,
    [before],
  );
  const entries = await tx.query(
    `delete from device_audit where (tenant_id, id) in (
       select tenant_id, id from device_audit where at < $1 limit ${AT_ONCE})`,
    [before],
  );
  return (commands.rowCount ?? 0) + (entries.rowCount ?? 0);
}
