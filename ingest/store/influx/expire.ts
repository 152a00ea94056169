import type { Database } from '../../../platform/index.ts';
import { DAY_NS } from '../postgres/partitions.ts';
import type { Settle } from '../telemetryStore.ts';
import { instantNs } from './annotatedCsv.ts';
import { flux } from './flux.ts';
import { MEASUREMENT } from './lineProtocol.ts';
import { countReadings, type ReadDeps } from './read.ts';

/**
 * Removes the days of every tenant that lie wholly before a time. A day is counted while no batch can be on its way,
 * booked as gone together with a note that it is being removed, and removed then. A crash in between leaves the note:
 * `finishExpiring` removes it then, and until then writers keep out of that day.
 */
export async function expireBefore(db: Database, deps: ReadDeps, beforeNs: bigint, settle: Settle): Promise<void> {
  await finishExpiring(db, deps);
  for (const tenantId of await deps.buckets.tenants()) {
    for (const dayNs of await daysBefore(deps, tenantId, beforeNs)) {
      await db.as('shipper', async (tx) => {
        // Waits for the batches on their way, and lets no other begin until the note is committed.
        await tx.query(`set local lock_timeout = '60s'`);
        await tx.query('lock table influx_series in share mode');
        const counts = await countReadings(deps, tenantId, { fromNs: dayNs, toNs: dayNs + DAY_NS });
        if (counts.length === 0) return;
        await tx.query('insert into influx_expiring (tenant_id, day_ns) values ($1, $2) on conflict do nothing', [
          tenantId,
          dayNs,
        ]);
        await settle(
          tx,
          counts.map(({ device, count }) => ({ tenantId, device, count })),
        );
      });
      await finishExpiring(db, deps);
    }
  }
}

/** Removes the days of which the ledger says already that they are gone. */
export async function finishExpiring(db: Database, { connection, buckets }: ReadDeps): Promise<void> {
  const { rows } = await db.as('shipper', (tx) =>
    tx.query<{ tenant_id: string; day_ns: bigint }>('select tenant_id, day_ns from influx_expiring'),
  );
  for (const { tenant_id: tenantId, day_ns: dayNs } of rows) {
    await connection.remove(buckets.nameOf(tenantId, 'raw'), dayNs, dayNs + DAY_NS - 1n, { _measurement: MEASUREMENT });
    await db.as('shipper', (tx) =>
      tx.query('delete from influx_expiring where tenant_id = $1 and day_ns = $2', [tenantId, dayNs]),
    );
  }
}

async function daysBefore({ connection, buckets }: ReadDeps, tenantId: string, beforeNs: bigint): Promise<bigint[]> {
  const endNs = (beforeNs / DAY_NS) * DAY_NS;
  if (endNs <= 0n) return [];
  const rows = await connection.query(flux`from(bucket: ${buckets.nameOf(tenantId, 'raw')})
  |> range(start: ${0n}, stop: ${endNs})
  |> filter(fn: (r) => r._measurement == ${MEASUREMENT} and r._field == "value")
  |> aggregateWindow(every: 1d, fn: count, createEmpty: false, timeSrc: "_start")
  |> keep(columns: ["_time"])
  |> group()
  |> distinct(column: "_time")`);
  return rows.map((row) => instantNs(row._value!)).sort((a, b) => (a < b ? -1 : 1));
}
