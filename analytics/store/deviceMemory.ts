import type { Tx } from '../../platform/index.ts';
import { type DeviceHearing, newHearing } from '../sensors/silence.ts';
import { type Company, newCompany } from '../worker/companions.ts';

/** What is remembered of a device as a whole. Plain and bounded. */
export interface DeviceMemory {
  hearing: DeviceHearing;
  /** Its plain readings by the machine that they are of. */
  companies: Record<string, Company>;
}

/** A device with readings of more machines than this is a collector; those of further ones are judged one by one. */
const MOST_MACHINES = 16;

/** The devices of a round: read once, changed as their units are judged, written once. */
export interface Devices {
  of(device: string): DeviceMemory;
  /** null where the device has readings of too many machines already. */
  company(device: string, machineId: string): Company | null;
  save(tx: Tx): Promise<void>;
}

/** Reads what is known of these devices. A device's units are judged in one partition, so nobody else writes it meanwhile. */
export async function readDevices(tx: Tx, names: readonly string[]): Promise<Devices> {
  const known = new Map<string, DeviceMemory>();
  if (names.length > 0) {
    const { rows } = await tx.query<{ device: string; memory: DeviceMemory }>(
      `select device, memory from analytics_device where tenant_id = current_tenant() and device = any($1::text[])`,
      [names],
    );
    for (const { device, memory } of rows) known.set(device, memory);
  }
  const of = (device: string): DeviceMemory => {
    const found = known.get(device) ?? { hearing: newHearing(), companies: {} };
    known.set(device, found);
    return found;
  };
  return {
    of,
    company: (device, machineId) => {
      const { companies } = of(device);
      if (!companies[machineId]) {
        if (Object.keys(companies).length >= MOST_MACHINES) return null;
        companies[machineId] = newCompany();
      }
      return companies[machineId]!;
    },
    save: async (tx) => {
      const rows = [...known];
      if (rows.length === 0) return;
      await tx.query(
        `insert into analytics_device (tenant_id, device, memory)
         select $1, * from unnest($2::text[], $3::json[])
         on conflict (tenant_id, device) do update set memory = excluded.memory`,
        [tx.tenantId, rows.map(([device]) => device), rows.map(([, memory]) => JSON.stringify(memory))],
      );
    },
  };
}
