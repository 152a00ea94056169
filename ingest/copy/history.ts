import type { Database } from '../../platform/index.ts';
import { textArray } from '../store/postgres/literals.ts';
import { DAY_NS } from '../store/postgres/partitions.ts';
import type { Series } from '../store/telemetryStore.ts';

/** The readings of one series on one UTC day: the unit in which history is copied, proved and named. */
export interface SeriesDay extends Series {
  tenantId: string;
  dayNs: bigint;
  readings: number;
}

/** Days that the database holds readings of, with how many, and the newest arrival of all. */
export async function daysOfHistory(
  db: Database,
): Promise<{ days: { dayNs: bigint; readings: number }[]; newestArrivalNs: bigint }> {
  const starts = await db.as('shipper', async (tx) => {
    const { rows } = await tx.query<{ from_ns: bigint }>(`select from_ns from ingest_partitions('telemetry')`);
    return rows.map((row) => row.from_ns);
  });
  const days: { dayNs: bigint; readings: number }[] = [];
  let newestArrivalNs = -1n;
  for (const dayNs of starts) {
    const { rows } = await db.as('shipper', (tx) =>
      tx.query<{ readings: bigint; newest: bigint | null }>(
        'select count(*) as readings, max(arrival_ns) as newest from telemetry where time_ns >= $1 and time_ns < $2',
        [dayNs, dayNs + DAY_NS],
      ),
    );
    const { readings, newest } = rows[0]!;
    if (readings > 0n) days.push({ dayNs, readings: Number(readings) });
    if (newest !== null && newest > newestArrivalNs) newestArrivalNs = newest;
  }
  return { days, newestArrivalNs };
}

/** Every series of every tenant that has readings on a day. */
export async function seriesOfDay(db: Database, dayNs: bigint): Promise<SeriesDay[]> {
  const { rows } = await db.as('shipper', (tx) =>
    tx.query<{ tenant_id: string; device: string; point: string; readings: bigint }>(
      `select tenant_id, device, point, count(*) as readings from telemetry where time_ns >= $1 and time_ns < $2
       group by tenant_id, device, point order by tenant_id, device, point`,
      [dayNs, dayNs + DAY_NS],
    ),
  );
  return rows.map(({ tenant_id: tenantId, device, point, readings }) => ({
    ...{ tenantId, device, point, dayNs, readings: Number(readings) },
  }));
}

/** Of a day's series, those that have not been copied, or have grown since. */
export async function uncopied(
  db: Database,
  target: string,
  dayNs: bigint,
  all: readonly SeriesDay[],
): Promise<SeriesDay[]> {
  const { rows } = await db.as('shipper', (tx) =>
    tx.query<{ tenant_id: string; device: string; point: string; readings: bigint }>(
      'select tenant_id, device, point, readings from telemetry_copy where target = $1 and day_ns = $2',
      [target, dayNs],
    ),
  );
  const key = (tenantId: string, device: string, point: string) => JSON.stringify([tenantId, device, point]);
  const done = new Map(rows.map((row) => [key(row.tenant_id, row.device, row.point), Number(row.readings)]));
  return all.filter((one) => done.get(key(one.tenantId, one.device, one.point)) !== one.readings);
}

/** Notes, in the transaction that wrote their last readings, which series and days are there. */
export async function noteCopied(
  tx: { query(text: string, values: readonly unknown[]): Promise<unknown> },
  target: string,
  copied: readonly SeriesDay[],
  now: Date,
): Promise<void> {
  if (copied.length === 0) return;
  await tx.query(
    `insert into telemetry_copy (tenant_id, device, point, day_ns, target, readings, copied_at)
     select t, d, p, day, $6, n, $7 from unnest($1::uuid[], $2::text[], $3::text[], $4::int8[], $5::int8[]) as u(t, d, p, day, n)
     on conflict (tenant_id, device, point, day_ns, target) do update set readings = excluded.readings, copied_at = excluded.copied_at`,
    [
      copied.map((one) => one.tenantId),
      textArray(copied.map((one) => one.device)),
      textArray(copied.map((one) => one.point)),
      copied.map((one) => one.dayNs),
      copied.map((one) => one.readings),
      target,
      now,
    ],
  );
}
