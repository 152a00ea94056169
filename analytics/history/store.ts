import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Sql, Tx } from '../../platform/index.ts';
import type { DetectorState } from '../detectors/state.ts';
import type { PointKind } from '../store/pointMemory.ts';
import { packObservations, type RecordedObservation, unpackObservations } from './record.ts';

export interface NewRow {
  readonly pointKey: string;
  readonly kind: PointKind;
  readonly state: Uint8Array | null;
  readonly recorded: readonly RecordedObservation[];
}

interface Row {
  first_sequence: bigint;
  kind: PointKind;
  state: Buffer | null;
  body: Buffer;
  packed: boolean;
}

/** A stretch of a point's history. */
export interface Stretch {
  /** The detector's memory before it; null where the stretch before it must be replayed first. */
  readonly state: DetectorState | null;
  readonly recorded: readonly RecordedObservation[];
}

export async function insertRows(tx: Tx, rows: readonly NewRow[]): Promise<void> {
  if (rows.length === 0) return;
  const times = rows.map(({ recorded }) => recorded.map(({ observation }) => observation.timeMs));
  await tx.query(
    `insert into analytics_history (tenant_id, point_key, first_sequence, kind, observations, from_ms, to_ms, state, body, packed)
     select $1, *, false from unnest($2::text[], $3::int8[], $4::text[], $5::int[], $6::float8[], $7::float8[], $8::bytea[], $9::bytea[])`,
    [
      tx.tenantId,
      rows.map((row) => row.pointKey),
      rows.map((row) => row.recorded[0]!.sequence),
      rows.map((row) => row.kind),
      rows.map((row) => row.recorded.length),
      times.map((of) => Math.min(...of)),
      times.map((of) => Math.max(...of)),
      rows.map((row) => row.state),
      rows.map((row) => Buffer.from(packObservations(row.recorded))),
    ],
  );
}

/** Makes one packed row of a point's small ones. */
export async function packTail(tx: Tx, pointKey: string): Promise<void> {
  const { rows } = await tx.query<Row & { from_ms: number; to_ms: number }>(
    `delete from analytics_history where tenant_id = current_tenant() and point_key = $1 and not packed
     returning first_sequence, kind, state, body, packed, from_ms, to_ms`,
    [pointKey],
  );
  if (rows.length === 0) return;
  rows.sort((a, b) => Number(a.first_sequence - b.first_sequence));
  const recorded = rows.flatMap((row) => unpackObservations(row.body.toString()));
  await tx.query(
    `insert into analytics_history (tenant_id, point_key, first_sequence, kind, observations, from_ms, to_ms, state, body, packed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, true)`,
    [
      tx.tenantId,
      pointKey,
      rows[0]!.first_sequence,
      rows[0]!.kind,
      recorded.length,
      Math.min(...rows.map((row) => row.from_ms)),
      Math.max(...rows.map((row) => row.to_ms)),
      rows[0]!.state,
      zstdCompressSync(packObservations(recorded)),
    ],
  );
}

export async function dropPoint(tx: Tx, pointKey: string): Promise<void> {
  await tx.query('delete from analytics_history where tenant_id = current_tenant() and point_key = $1', [pointKey]);
}

/** So many rows are let go at a time, so that no batch waits long for it. */
const DROPPED_AT_ONCE = 200;

/** Lets go of what is older than the retention, of any point of the tenant; rows that another round holds are left to it. */
export async function dropOld(tx: Tx, beforeMs: number): Promise<void> {
  await tx.query(
    `delete from analytics_history where (tenant_id, point_key, first_sequence) in (
       select tenant_id, point_key, first_sequence from analytics_history
       where tenant_id = current_tenant() and packed and to_ms < $1 order by to_ms limit $2 for update skip locked)`,
    [beforeMs, DROPPED_AT_ONCE],
  );
}

/** Which stretches of a point there are, so that they can be read one by one. */
export interface StretchKey {
  readonly firstSequence: bigint;
  readonly observations: number;
  readonly hasState: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The stretches that a replay of a span needs, in order: those that touch it, and before them back to one that knows
 * the detector's memory. Empty where the point has no history in the span.
 */
export async function stretchesOf(sql: Sql, pointKey: string, fromMs: number, toMs: number): Promise<StretchKey[]> {
  const { rows } = await sql.query<StretchKey>(
    `select first_sequence as "firstSequence", observations, state is not null as "hasState", from_ms as "fromMs", to_ms as "toMs"
     from analytics_history where tenant_id = current_tenant() and point_key = $1 and from_ms < $2 order by first_sequence`,
    [pointKey, toMs],
  );
  const first = rows.findIndex((row) => row.toMs >= fromMs);
  if (first < 0) return [];
  const start = rows.findLastIndex((row, i) => i <= first && row.hasState);
  // The retention may have taken the beginning of what is left: then the next row with a memory begins it.
  return rows.slice(start >= 0 ? start : rows.findIndex((row, i) => i > first && row.hasState));
}

export async function readStretch(sql: Sql, pointKey: string, firstSequence: bigint): Promise<Stretch | null> {
  const { rows } = await sql.query<Row>(
    `select first_sequence, kind, state, body, packed from analytics_history
     where tenant_id = current_tenant() and point_key = $1 and first_sequence = $2`,
    [pointKey, firstSequence],
  );
  return rows[0] ? decode(rows[0]) : null;
}

function decode({ state, body, packed }: Row): Stretch {
  const text = (packed ? zstdDecompressSync(body) : body).toString();
  return {
    state: state === null ? null : (JSON.parse(zstdDecompressSync(state).toString()) as DetectorState),
    recorded: unpackObservations(text),
  };
}
