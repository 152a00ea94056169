import type { Sql } from '../../../platform/index.ts';
import type { Reading } from '../readings.ts';
import type { Outcome } from '../telemetryStore.ts';
import { plainArray, textArray } from './literals.ts';
import { seenBefore } from './seen.ts';

/** The batch's series, each once, and for each reading the position of its own: names travel once, not once a reading. */
interface SeriesIndex {
  tenants: string[];
  devices: string[];
  points: string[];
  /** Per reading, counted from 1 as PostgreSQL counts. */
  positions: number[];
}

function indexSeries(batch: readonly Reading[]): SeriesIndex {
  const index: SeriesIndex = { tenants: [], devices: [], points: [], positions: [] };
  const known = new Map<string, number>();
  for (const reading of batch) {
    const key = `${reading.tenantId}/${reading.device}/${reading.point}`;
    let position = known.get(key);
    if (position === undefined) {
      position = index.tenants.push(reading.tenantId);
      index.devices.push(reading.device);
      index.points.push(reading.point);
      known.set(key, position);
    }
    index.positions.push(position);
  }
  return index;
}

const INSERT = `
  insert into telemetry (tenant_id, device, point, time_ns, identity, arrival_ns, device_time_ns, sent_at_ns, future, corrected, arrival_timed, value, unit)
  select ($1::uuid[])[s], ($2::text[])[s], ($3::text[])[s], time_ns, identity, arrival_ns, device_time_ns, sent_at_ns, future, corrected, arrival_timed, value, unit
  from unnest($4::int4[], $5::int8[], $6::uuid[], $7::int8[], $8::int8[], $9::int8[], $10::bool[], $11::bool[], $12::bool[], $13::float8[], $14::text[])
    as r(s, time_ns, identity, arrival_ns, device_time_ns, sent_at_ns, future, corrected, arrival_timed, value, unit)
  on conflict do nothing
  returning identity`;

/** Stores what is not there yet, in one statement; says for each reading whether it was new. */
export async function insertReadings(tx: Sql, batch: readonly Reading[]): Promise<Outcome> {
  const outcome: Outcome = new Uint8Array(batch.length);
  const seen = await seenBefore(tx, batch);
  const offered = seen.size === 0 ? batch : batch.filter((_, i) => !seen.has(i));
  if (offered.length === 0) return outcome;
  const series = indexSeries(offered);
  const { rows } = await tx.query<{ identity: string }>(INSERT, [
    plainArray(series.tenants),
    textArray(series.devices),
    textArray(series.points),
    plainArray(series.positions),
    plainArray(offered.map((r) => r.timeNs)),
    plainArray(offered.map((r) => r.identity)),
    plainArray(offered.map((r) => r.arrivalNs)),
    plainArray(offered.map((r) => r.deviceTimeNs)),
    plainArray(offered.map((r) => r.sentAtNs)),
    plainArray(offered.map((r) => r.future)),
    plainArray(offered.map((r) => r.corrected)),
    plainArray(offered.map((r) => r.arrivalTimed)),
    plainArray(offered.map((r) => r.value)),
    textArray(offered.map((r) => r.unit)),
  ]);
  // A batch may hold a unit twice: the first one was stored, so each identity returned marks one reading only.
  const stored = new Map<string, number>();
  for (const { identity } of rows) stored.set(identity, (stored.get(identity) ?? 0) + 1);
  for (let i = 0; i < batch.length; i++) {
    if (seen.has(i)) continue;
    const left = stored.get(batch[i]!.identity) ?? 0;
    if (left === 0) continue;
    stored.set(batch[i]!.identity, left - 1);
    outcome[i] = 1;
  }
  return outcome;
}

/** Moves each series' newest reading forward; never backwards, and never to a reading from the future. */
export async function moveLatest(tx: Sql, batch: readonly Reading[]): Promise<void> {
  const newest = new Map<string, Reading>();
  for (const reading of batch) {
    if (reading.future) continue;
    const key = `${reading.tenantId}/${reading.device}/${reading.point}`;
    const known = newest.get(key);
    if (!known || reading.timeNs > known.timeNs) newest.set(key, reading);
  }
  // One order for all writers, so that two of them never wait for each other.
  const rows = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reading]) => reading);
  if (rows.length === 0) return;
  await tx.query(
    `insert into telemetry_latest as l (tenant_id, device, point, time_ns, identity, arrival_ns, value, unit)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int8[], $5::uuid[], $6::int8[], $7::float8[], $8::text[])
     on conflict (tenant_id, device, point) do update
       set time_ns = excluded.time_ns, identity = excluded.identity, arrival_ns = excluded.arrival_ns, value = excluded.value, unit = excluded.unit
       where excluded.time_ns > l.time_ns`,
    [
      plainArray(rows.map((r) => r.tenantId)),
      textArray(rows.map((r) => r.device)),
      textArray(rows.map((r) => r.point)),
      plainArray(rows.map((r) => r.timeNs)),
      plainArray(rows.map((r) => r.identity)),
      plainArray(rows.map((r) => r.arrivalNs)),
      plainArray(rows.map((r) => r.value)),
      textArray(rows.map((r) => r.unit)),
    ],
  );
}
