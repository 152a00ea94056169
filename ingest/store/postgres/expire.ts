import type { Database } from '../../../platform/index.ts';
import type { Settle } from '../telemetryStore.ts';
import { DAY_NS, type PartitionedTable, type Partitions } from './partitions.ts';

/** Removes every day that lies wholly before a time; one transaction a day, in which the ledger is told. */
export async function expireBefore(
  db: Database,
  partitions: Partitions,
  table: PartitionedTable,
  beforeNs: bigint,
  settle: Settle,
): Promise<void> {
  for (const day of await partitions.days(table)) {
    if (day + DAY_NS > beforeNs) break;
    await db.as('shipper', async (tx) => {
      const gone = await partitions.expire(tx, table, day);
      if (gone.length > 0) await settle(tx, gone);
    });
  }
}
