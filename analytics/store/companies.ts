import type { Tx } from '../../platform/index.ts';
import { type Company, newCompany } from '../worker/companions.ts';

/** The companies of a round: read once, changed as readings are judged, written once. */
export interface Companies {
  of(device: string, machineId: string): Company;
  save(tx: Tx): Promise<void>;
}

/** Reads the companies of these devices; all readings of a device are judged in one partition, so nobody else writes them. */
export async function readCompanies(tx: Tx, devices: readonly string[]): Promise<Companies> {
  const known = new Map<string, { device: string; machineId: string; company: Company }>();
  const asked = new Set<string>();
  if (devices.length > 0) {
    const { rows } = await tx.query<{ device: string; machineId: string; company: Company }>(
      `select device, machine_id as "machineId", company from analytics_company
       where tenant_id = current_tenant() and device = any($1::text[])`,
      [devices],
    );
    for (const row of rows) known.set(`${row.device}\n${row.machineId}`, row);
  }
  return {
    of: (device, machineId) => {
      const key = `${device}\n${machineId}`;
      const found = known.get(key) ?? { device, machineId, company: newCompany() };
      known.set(key, found);
      asked.add(key);
      return found.company;
    },
    save: async (tx) => {
      const rows = [...asked].map((key) => known.get(key)!);
      if (rows.length === 0) return;
      await tx.query(
        `insert into analytics_company (tenant_id, device, machine_id, company)
         select $1, * from unnest($2::text[], $3::uuid[], $4::json[])
         on conflict (tenant_id, device, machine_id) do update set company = excluded.company`,
        [
          tx.tenantId,
          rows.map(({ device }) => device),
          rows.map(({ machineId }) => machineId),
          rows.map(({ company }) => JSON.stringify(company)),
        ],
      );
    },
  };
}
