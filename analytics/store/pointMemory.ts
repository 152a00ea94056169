import { deserialize, serialize } from 'node:v8';
import type { Sql, Tx } from '../../platform/index.ts';
import { type DetectorState, newDetectorState } from '../detectors/state.ts';
import type { DiagnosisState } from '../diagnosis/state.ts';
import type { ShaftBaseline } from '../diagnosis/types.ts';
import { asWritten } from '../evidence/findings/say.ts';
import type { Intervention } from '../history/record.ts';
import type { PointVerdict } from '../pointVerdict.ts';
import { newSensorState, type SensorState } from '../sensors/sensorState.ts';
import { silentAfterMs } from '../sensors/silence.ts';

export type PointKind = 'waveform' | 'reading';

/** A block that may become proof. */
export interface RecentBlock {
  ref: string;
  timeMs: number;
}

/** What is remembered of one point between two batches. */
export interface PointMemory {
  pointKey: string;
  kind: PointKind;
  detector: DetectorState;
  /** What speaks for and against the sensor itself. */
  sensor: SensorState;
  /** Identities of the newest units: another delivery of one of them is not new evidence. */
  recentIdentities: string[];
  recentBlocks: RecentBlock[];
  /** The shaft's lines while the point was well, and the speed they belong to. */
  shaftBaseline: { speedRpm: number; baseline: ShaftBaseline } | null;
  /** What the diagnosis has accumulated over the recent blocks. */
  accumulated: DiagnosisState | null;
  verdict: PointVerdict | null;
  observations: number;
  /** Time of the newest row in the feature history. */
  trendMs: number | null;
  /** Observations in the history's small rows, and what people did since the last one. */
  history: { tail: number; interventions: readonly Intervention[] };
}

type Memory = Pick<
  PointMemory,
  'detector' | 'sensor' | 'recentIdentities' | 'recentBlocks' | 'shaftBaseline' | 'trendMs' | 'history'
>;

interface Row {
  point_key: string;
  kind: PointKind;
  /** Rows from before sensors were judged have no `sensor`. */
  memory: Omit<Memory, 'sensor'> & { sensor?: SensorState };
  accumulated: Buffer | null;
  verdict: PointVerdict | null;
  observations: bigint;
}

const COLUMNS = 'point_key, kind, memory, accumulated, verdict, observations';

/** A point of which nothing is known yet. */
export function newPointMemory(pointKey: string, kind: PointKind): PointMemory {
  return {
    pointKey,
    kind,
    detector: newDetectorState(),
    sensor: newSensorState(),
    recentIdentities: [],
    recentBlocks: [],
    shaftBaseline: null,
    accumulated: null,
    verdict: null,
    observations: 0,
    trendMs: null,
    history: { tail: 0, interventions: [] },
  };
}

function fromRow(row: Row): PointMemory {
  return {
    pointKey: row.point_key,
    kind: row.kind,
    ...row.memory,
    // Memories written before there was a history have none.
    history: row.memory.history ?? { tail: 0, interventions: [] },
    sensor: row.memory.sensor ?? newSensorState(),
    accumulated: row.accumulated === null ? null : (deserialize(row.accumulated) as DiagnosisState),
    verdict: row.verdict && currentVerdict(row.verdict),
    observations: Number(row.observations),
  };
}

/** Verdicts of before say their reason in English only. */
function currentVerdict(verdict: PointVerdict): PointVerdict {
  const { diagnosis } = verdict;
  return diagnosis ? { ...verdict, diagnosis: { ...diagnosis, reason: asWritten(diagnosis.reason) } } : verdict;
}

/** Loads and locks the memories of the points, in the order of their keys so that two workers cannot deadlock. */
export async function lockPoints(tx: Tx, wanted: ReadonlyMap<string, PointKind>): Promise<Map<string, PointMemory>> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from analytics_point where tenant_id = current_tenant() and point_key = any($1::text[])
     order by point_key for update`,
    [[...wanted.keys()]],
  );
  const found = new Map(rows.map((row) => [row.point_key, fromRow(row)]));
  for (const [pointKey, kind] of wanted) {
    const known = found.get(pointKey);
    // A point that changes its kind (a device set up anew) starts afresh.
    if (!known || known.kind !== kind) found.set(pointKey, newPointMemory(pointKey, kind));
  }
  return found;
}

/** Writes the memories back with one statement. */
export async function savePoints(tx: Tx, points: readonly PointMemory[]): Promise<void> {
  if (points.length === 0) return;
  const memories = points.map(({ detector, sensor, recentIdentities, recentBlocks, shaftBaseline, trendMs, history }) =>
    JSON.stringify({
      detector,
      sensor,
      recentIdentities,
      recentBlocks,
      shaftBaseline,
      trendMs,
      history,
    } satisfies Memory),
  );
  await tx.query(
    `insert into analytics_point (tenant_id, point_key, kind, memory, accumulated, verdict, observations, silent_after_ms)
     select $1, * from unnest($2::text[], $3::text[], $4::json[], $5::bytea[], $6::jsonb[], $7::int8[], $8::float8[])
     on conflict (tenant_id, point_key) do update set kind = excluded.kind, memory = excluded.memory,
       accumulated = excluded.accumulated, verdict = excluded.verdict, observations = excluded.observations,
       silent_after_ms = excluded.silent_after_ms`,
    [
      tx.tenantId,
      points.map((p) => p.pointKey),
      points.map((p) => p.kind),
      memories,
      points.map((p) => (p.accumulated === null ? null : serialize(p.accumulated))),
      points.map((p) => JSON.stringify(p.verdict)),
      points.map((p) => p.observations),
      points.map((p) => silentAfterMs(p.sensor)),
    ],
  );
}

/**
 * Points of devices that have said nothing for longer than they are given.
 *
 * @param heardMs when each device was last heard
 */
export async function silentPoints(
  tx: Tx,
  heardMs: ReadonlyMap<string, number>,
): Promise<{ pointKey: string; kind: PointKind }[]> {
  if (heardMs.size === 0) return [];
  // A device's keys are those from its name with a slash to its name with what comes after a slash.
  const { rows } = await tx.query<{ pointKey: string; kind: PointKind }>(
    `select p.point_key as "pointKey", p.kind from unnest($1::text[], $2::float8[]) as heard (device, ms)
     join analytics_point p on p.tenant_id = current_tenant() and p.point_key >= heard.device || '/'
       and p.point_key < heard.device || '0' and p.silent_after_ms < heard.ms`,
    [[...heardMs.keys()], [...heardMs.values()]],
  );
  return rows;
}

/** One point's memory for reading; null when nothing has been analysed for it. */
export async function readPoint(tx: Sql, pointKey: string): Promise<PointMemory | null> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from analytics_point where tenant_id = current_tenant() and point_key = $1`,
    [pointKey],
  );
  return rows[0] ? fromRow(rows[0]) : null;
}

/** Keys of the points that have been analysed, in order; one more than `limit`, which tells of a next page. */
export async function listPoints(
  sql: Sql,
  { search, after, limit }: { search?: string | undefined; after?: string | undefined; limit: number },
): Promise<{ pointKey: string; kind: PointKind }[]> {
  const { rows } = await sql.query<{ pointKey: string; kind: PointKind }>(
    `select point_key as "pointKey", kind from analytics_point where tenant_id = current_tenant()
       and ($1::text is null or position(lower($1) in lower(point_key)) > 0) and ($2::text is null or point_key > $2)
     order by point_key limit $3`,
    [search ?? null, after ?? null, limit + 1],
  );
  return rows;
}
