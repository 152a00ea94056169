import type { Sql } from '../../../platform/index.ts';
import type { CountFilter, LatestReading, RangePosition, Series, StoredReading } from '../telemetryStore.ts';
import { textArray } from './literals.ts';

interface ReadingRow {
  time_ns: bigint;
  value: number;
  unit: string | null;
  arrival_ns: bigint;
  device_time_ns: bigint | null;
  sent_at_ns: bigint | null;
  future: boolean;
  corrected: boolean;
  arrival_timed: boolean;
  identity: string;
}

export async function readRange(
  tx: Sql,
  series: Series,
  fromNs: bigint,
  toNs: bigint,
  limit: number,
  after: RangePosition | undefined,
): Promise<StoredReading[]> {
  const { rows } = await tx.query<ReadingRow>(
    `select time_ns, value, unit, arrival_ns, device_time_ns, sent_at_ns, future, corrected, arrival_timed, identity
     from telemetry
     where tenant_id = current_tenant() and device = $1 and point = $2 and time_ns >= $3 and time_ns < $4
       and (time_ns, identity) > ($5::int8, $6::uuid)
     order by time_ns, identity limit $7`,
    [
      series.device,
      series.point,
      after ? after.timeNs : fromNs,
      toNs,
      after ? after.timeNs : fromNs - 1n,
      after ? after.identity : 'ffffffff-ffff-ffff-ffff-ffffffffffff',
      limit,
    ],
  );
  return rows.map((row) => ({
    timeNs: row.time_ns,
    value: row.value,
    unit: row.unit,
    arrivalNs: row.arrival_ns,
    deviceTimeNs: row.device_time_ns,
    sentAtNs: row.sent_at_ns,
    future: row.future,
    corrected: row.corrected,
    arrivalTimed: row.arrival_timed,
    identity: row.identity,
  }));
}

interface LatestRow {
  device: string;
  point: string;
  time_ns: bigint;
  value: number;
  unit: string | null;
  arrival_ns: bigint;
}

const LATEST = 'select l.device, l.point, l.time_ns, l.value, l.unit, l.arrival_ns from telemetry_latest l';

function latestOf(row: LatestRow): LatestReading {
  return {
    device: row.device,
    point: row.point,
    timeNs: row.time_ns,
    value: row.value,
    unit: row.unit,
    arrivalNs: row.arrival_ns,
  };
}

export async function readLatest(tx: Sql, series: readonly Series[]): Promise<LatestReading[]> {
  const { rows } = await tx.query<LatestRow>(
    `${LATEST} join unnest($1::text[], $2::text[]) with ordinality as asked(device, point, position)
       on l.device = asked.device and l.point = asked.point
     where l.tenant_id = current_tenant() order by asked.position`,
    [textArray(series.map((s) => s.device)), textArray(series.map((s) => s.point))],
  );
  return rows.map(latestOf);
}

export async function readSeries(tx: Sql, device: string | undefined): Promise<LatestReading[]> {
  const { rows } = await tx.query<LatestRow>(
    `${LATEST} where l.tenant_id = current_tenant() and ($1::text is null or l.device = $1) order by l.device, l.point`,
    [device ?? null],
  );
  return rows.map(latestOf);
}

/** Counts rows by device, of the tenant of the transaction. */
export async function countReadings(tx: Sql, filter: CountFilter): Promise<{ device: string; count: number }[]> {
  const { rows } = await tx.query<{ device: string; count: bigint }>(
    `select device, count(*) as count from telemetry
     where tenant_id = current_tenant() and ($1::text is null or device = $1) and ($2::text is null or point = $2)
       and ($3::int8 is null or time_ns >= $3) and ($4::int8 is null or time_ns < $4)
     group by device order by device`,
    [filter.device ?? null, filter.point ?? null, filter.fromNs ?? null, filter.toNs ?? null],
  );
  return rows.map((row) => ({ device: row.device, count: Number(row.count) }));
}
