import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Database, Sql, Tx } from '../../platform/index.ts';
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
     returning first_sequence, kind, state, body, from_ms, to_ms`,
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

/** A stretch as it is stored; plain data, so that it can be sent to a thread. */
export interface RawStretch {
  readonly state: Uint8Array | null;
  readonly body: Uint8Array;
  readonly packed: boolean;
}

/** What there is of a point's history in a span, and where a replay of it must begin. */
export interface HistorySpan {
  readonly observations: number;
  /** The first row that a replay needs: it touches the span, or lies before it and knows the detector's memory. */
  readonly startSequence: bigint;
  readonly fromMs: number;
  readonly toMs: number;
}

/** @returns null where the point has no history in the span that a replay could begin with */
export async function spanOf(sql: Sql, pointKey: string, fromMs: number, toMs: number): Promise<HistorySpan | null> {
  const { rows } = await sql.query<{
    observations: bigint | null;
    start: bigint | null;
    from_ms: number;
    to_ms: number;
  }>(
    `with own as (select first_sequence, observations, from_ms, to_ms, state is not null as has_state
       from analytics_history where tenant_id = current_tenant() and point_key = $1),
     first as (select min(first_sequence) as sequence from own where to_ms >= $2),
     -- The retention may have taken the beginning of what is left: then the next row with a memory begins it.
     start as (select coalesce(
       (select max(first_sequence) from own, first where has_state and first_sequence <= first.sequence),
       (select min(first_sequence) from own, first where has_state and first_sequence > first.sequence)) as sequence)
     select sum(observations) as observations, start.sequence as start, min(from_ms) as from_ms, max(to_ms) as to_ms
     from own, start where first_sequence >= start.sequence and from_ms < $3 and to_ms >= $2 group by start.sequence`,
    [pointKey, fromMs, toMs],
  );
  const found = rows[0];
  if (!found?.start) return null;
  return {
    observations: Number(found.observations),
    startSequence: found.start,
    fromMs: Math.max(fromMs, found.from_ms),
    toMs: Math.min(toMs, found.to_ms),
  };
}

const ROWS_A_PAGE = 16;

/**
 * A point's stretches from one on, in order, a page at a time, each in a transaction of its own. Small rows may be
 * packed between two pages: then the packed row comes, and some of its observations for the second time.
 */
export async function* readStretches(
  db: Database,
  tenantId: string,
  pointKey: string,
  startSequence: bigint,
): AsyncGenerator<RawStretch> {
  let from = startSequence;
  for (;;) {
    const { rows } = await db.tenant(tenantId, (tx) =>
      tx.query<RawStretch & { first_sequence: bigint }>(
        `select first_sequence, state, body, packed from analytics_history
         where tenant_id = current_tenant() and point_key = $1 and first_sequence >= coalesce(
           (select max(first_sequence) from analytics_history
            where tenant_id = current_tenant() and point_key = $1 and first_sequence <= $2), $2)
         order by first_sequence limit $3`,
        [pointKey, from, ROWS_A_PAGE],
      ),
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_A_PAGE) return;
    from = last.first_sequence;
  }
}

export function decodeStretch({ state, body, packed }: RawStretch): Stretch {
  const text = Buffer.from(packed ? zstdDecompressSync(body) : body).toString();
  return {
    state: state === null ? null : (JSON.parse(zstdDecompressSync(state).toString()) as DetectorState),
    recorded: unpackObservations(text),
  };
}
