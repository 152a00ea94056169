import type { Database, Sql } from '../../../platform/index.ts';
import type { DeviceCount } from '../telemetryStore.ts';

export const DAY_NS = 86_400_000_000_000n;

export type PartitionedTable = 'telemetry' | 'waveform';

/** Start of the UTC day that holds a time. */
export function dayOf(timeNs: bigint): bigint {
  return timeNs - (((timeNs % DAY_NS) + DAY_NS) % DAY_NS);
}

/** Makes day partitions when they are needed; remembers which exist, so that a full batch costs no query. */
export interface Partitions {
  /** Afterwards, and for the rest of `tx`, every given day has its partition. */
  ensure(tx: Sql, table: PartitionedTable, days: Iterable<bigint>): Promise<void>;
  /** Forgets what it remembers, after a write found a partition gone. */
  forget(): void;
  /** The days that have a partition, oldest first. */
  days(table: PartitionedTable): Promise<bigint[]>;
  /** Removes one day, or of it what is not kept; says in the same transaction how much of whose. */
  expire(tx: Sql, table: PartitionedTable, day: bigint): Promise<DeviceCount[]>;
}

/** Partitions of the embedded or any other PostgreSQL, through functions that only the shipper's role may call. */
export function partitionsOf(db: Database): Partitions {
  const known: Record<PartitionedTable, Set<bigint>> = { telemetry: new Set(), waveform: new Set() };
  return {
    ensure: async (tx, table, days) => {
      const missing = [...new Set(days)].filter((day) => !known[table].has(day)).sort((a, b) => (a < b ? -1 : 1));
      for (const day of missing) {
        const { rows } = await tx.query<{ created: boolean }>('select ingest_create_partition($1, $2) as created', [
          table,
          day,
        ]);
        // One made just now goes away if `tx` fails; it is remembered when it is met again.
        if (!rows[0]!.created) known[table].add(day);
      }
    },
    forget: () => {
      known.telemetry.clear();
      known.waveform.clear();
    },
    days: (table) =>
      db.as('shipper', async (tx) => {
        const { rows } = await tx.query<{ from_ns: bigint }>('select from_ns from ingest_partitions($1)', [table]);
        return rows.map((row) => row.from_ns);
      }),
    expire: async (tx, table, day) => {
      known[table].delete(day);
      const { rows } = await tx.query<{ tenant_id: string; device: string; units: bigint }>(
        'select tenant_id, device, units from ingest_expire_partition($1, $2)',
        [table, day],
      );
      return rows.map((row) => ({ tenantId: row.tenant_id, device: row.device, count: Number(row.units) }));
    },
  };
}
