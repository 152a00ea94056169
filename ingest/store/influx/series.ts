import type { Sql } from '../../../platform/index.ts';
import { plainArray, textArray } from '../postgres/literals.ts';
import type { Reading } from '../readings.ts';
import type { LatestReading, Series } from '../telemetryStore.ts';

/** The series of a batch, each once, and for each reading the position of its own. */
export interface BatchSeries {
  list: { tenantId: string; device: string; point: string }[];
  of: Uint32Array;
}

export function seriesOf(batch: readonly Reading[]): BatchSeries {
  const list: BatchSeries['list'] = [];
  const of = new Uint32Array(batch.length);
  // Nested, because joining three names into a key for each reading costs more than all lookups.
  const byTenant = new Map<string, Map<string, Map<string, number>>>();
  for (let i = 0; i < batch.length; i++) {
    const { tenantId, device, point } = batch[i]!;
    let devices = byTenant.get(tenantId);
    if (!devices) {
      devices = new Map();
      byTenant.set(tenantId, devices);
    }
    let points = devices.get(device);
    if (!points) {
      points = new Map();
      devices.set(device, points);
    }
    let position = points.get(point);
    if (position === undefined) {
      position = list.push({ tenantId, device, point }) - 1;
      points.set(point, position);
    }
    of[i] = position;
  }
  return { list, of };
}

/** Of a series of which nothing was ever stored. */
export const NOTHING_YET_NS = -(2n ** 63n);

const namesOf = (list: BatchSeries['list']) => [
  plainArray(list.map((s) => s.tenantId)),
  textArray(list.map((s) => s.device)),
  textArray(list.map((s) => s.point)),
];

/** Locks the rows of the series until the transaction ends, making those that are missing, and reads their watermarks. */
export async function lockSeries(tx: Sql, list: BatchSeries['list']): Promise<bigint[]> {
  const watermarks: (bigint | null)[] = new Array(list.length).fill(null);
  const lock = async (positions: readonly number[]) => {
    const { rows } = await tx.query<{ position: number; watermark_ns: bigint }>(
      `select asked.position::int4 as position, s.watermark_ns
       from unnest($1::uuid[], $2::text[], $3::text[], $4::int4[]) as asked(tenant_id, device, point, position)
       join influx_series s using (tenant_id, device, point)
       order by s.tenant_id, s.device, s.point for update of s`,
      [...namesOf(positions.map((p) => list[p]!)), plainArray(positions)],
    );
    for (const row of rows) watermarks[row.position] = row.watermark_ns;
  };
  await lock(list.map((_, i) => i));
  const missing = list.flatMap((_, i) => (watermarks[i] === null ? [i] : []));
  if (missing.length > 0) {
    await tx.query(
      `insert into influx_series (tenant_id, device, point, watermark_ns)
       select tenant_id, device, point, $4 from unnest($1::uuid[], $2::text[], $3::text[]) as new(tenant_id, device, point)
       order by 1, 2, 3 on conflict do nothing`,
      [...namesOf(missing.map((p) => list[p]!)), NOTHING_YET_NS],
    );
    await lock(missing);
  }
  return watermarks as bigint[];
}

/** Moves the watermarks and newest readings forward, never backwards; the rows are locked already. */
export async function advanceSeries(tx: Sql, series: BatchSeries, batch: readonly Reading[]): Promise<void> {
  const { list, of } = series;
  const last: (bigint | null)[] = new Array(list.length).fill(null);
  const newest: (Reading | null)[] = new Array(list.length).fill(null);
  for (let i = 0; i < batch.length; i++) {
    const reading = batch[i]!;
    const s = of[i]!;
    if (last[s] === null || reading.timeNs > last[s]!) last[s] = reading.timeNs;
    if (!reading.future && (newest[s] === null || reading.timeNs > newest[s]!.timeNs)) newest[s] = reading;
  }
  await tx.query(
    `update influx_series s set
       watermark_ns = greatest(s.watermark_ns, new.watermark_ns),
       time_ns = case when newer then new.time_ns else s.time_ns end,
       arrival_ns = case when newer then new.arrival_ns else s.arrival_ns end,
       value = case when newer then new.value else s.value end,
       unit = case when newer then new.unit else s.unit end
     from (select *, row_number() over () from unnest($1::uuid[], $2::text[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::float8[], $8::text[])
         as n(tenant_id, device, point, watermark_ns, time_ns, arrival_ns, value, unit)) as new
       join influx_series o using (tenant_id, device, point)
       cross join lateral (select new.time_ns is not null and (o.time_ns is null or new.time_ns > o.time_ns) as newer) as c
     where s.tenant_id = new.tenant_id and s.device = new.device and s.point = new.point`,
    [
      ...namesOf(list),
      plainArray(last),
      plainArray(newest.map((r) => r?.timeNs ?? null)),
      plainArray(newest.map((r) => r?.arrivalNs ?? null)),
      plainArray(newest.map((r) => r?.value ?? null)),
      textArray(newest.map((r) => r?.unit ?? null)),
    ],
  );
}

interface LatestRow {
  device: string;
  point: string;
  time_ns: bigint;
  arrival_ns: bigint;
  value: number;
  unit: string | null;
}

const latestOf = (row: LatestRow): LatestReading => ({
  device: row.device,
  point: row.point,
  timeNs: row.time_ns,
  value: row.value,
  unit: row.unit,
  arrivalNs: row.arrival_ns,
});

const LATEST = 'select s.device, s.point, s.time_ns, s.arrival_ns, s.value, s.unit from influx_series s';

export async function readLatest(tx: Sql, series: readonly Series[]): Promise<LatestReading[]> {
  const { rows } = await tx.query<LatestRow>(
    `${LATEST} join unnest($1::text[], $2::text[]) with ordinality as asked(device, point, position)
       on s.device = asked.device and s.point = asked.point
     where s.tenant_id = current_tenant() and s.time_ns is not null order by asked.position`,
    [textArray(series.map((s) => s.device)), textArray(series.map((s) => s.point))],
  );
  return rows.map(latestOf);
}

export async function readSeries(tx: Sql, device: string | undefined): Promise<LatestReading[]> {
  const { rows } = await tx.query<LatestRow>(
    `${LATEST} where s.tenant_id = current_tenant() and s.time_ns is not null and ($1::text is null or s.device = $1)
     order by s.device, s.point`,
    [device ?? null],
  );
  return rows.map(latestOf);
}
