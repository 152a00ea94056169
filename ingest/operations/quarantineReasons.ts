import type { Sql } from '../../platform/index.ts';
import type { QuarantineCode } from '../units.ts';

/** All that lies in quarantine for one kind of reason, with the newest as an example. */
export interface QuarantineReason {
  reasonCode: QuarantineCode;
  entries: number;
  units: number;
  devices: number;
  firstReceivedNs: bigint;
  lastReceivedNs: bigint;
  example: { id: string; device: string; field: string | null; reason: string };
}

/** What lies in quarantine within the transaction's tenant, by reason, the most units first. */
export async function quarantineReasons(tx: Sql): Promise<QuarantineReason[]> {
  const { rows } = await tx.query<{
    reason_code: QuarantineCode;
    entries: number;
    units: bigint;
    devices: number;
    first_ns: bigint;
    last_ns: bigint;
    id: string;
    device: string;
    field: string | null;
    reason: string;
  }>(
    `select g.*, e.id, e.device, e.field, e.reason from (
       select reason_code, count(*)::int as entries, sum(units)::bigint as units, count(distinct device)::int as devices,
         min(arrival_ns) as first_ns, max(arrival_ns) as last_ns
       from quarantine where tenant_id = current_tenant() and units > 0 group by reason_code) g
     cross join lateral (
       select id, device, field, reason from quarantine q
       where q.tenant_id = current_tenant() and q.reason_code = g.reason_code and q.units > 0
       order by q.id desc limit 1) e
     order by g.units desc, g.reason_code`,
  );
  return rows.map((row) => ({
    reasonCode: row.reason_code,
    entries: row.entries,
    units: Number(row.units),
    devices: row.devices,
    firstReceivedNs: row.first_ns,
    lastReceivedNs: row.last_ns,
    example: { id: row.id, device: row.device, field: row.field, reason: row.reason },
  }));
}
