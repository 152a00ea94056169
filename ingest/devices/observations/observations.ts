import {
  type Clock,
  type Database,
  type Logger,
  loopService,
  reasonOf,
  type Service,
  type Sql,
} from '../../../platform/index.ts';
import type { Stretch, StretchMessages } from '../../stretches.ts';
import { ClockSkew } from './clockSkew.ts';
import { DeclaredPoints } from './declaredPoints.ts';

const WRITE_EVERY_MS = 2_000;
const MAX_DEVICES = 100_000;

interface Observed {
  tenantId: string;
  skew: ClockSkew;
  sinceMs: number;
  changed: boolean;
}

interface Problem {
  tenantId: string;
  deviceId: string;
  point: string;
  kind: 'range' | 'unit';
  samples: number;
  value: number;
  unit: string | null;
  firstMs: number;
  lastMs: number;
}

/** Looks at what is being stored and keeps what it shows about devices; it changes nothing but units that were not said. */
export interface Observations extends Service {
  /** Before storing: fills in declared units where a sample has none. */
  complete(tx: Sql, stretches: readonly Stretch[]): Promise<void>;
  /** After storing: notes clocks, and values and units that are not as declared. A repeated delivery counts again. */
  note(stretches: readonly Stretch[]): void;
}

export function createObservations(deps: { db: Database; clock: Clock; log: Logger }): Observations {
  const { db, clock, log } = deps;
  const declared = new DeclaredPoints(clock);
  const clocks = new Map<string, Observed>();
  const problems = new Map<string, Problem>();

  /** By the first unit of each message. */
  const noteClocks = ({ messages, units: { columns, blocks } }: Stretch): void => {
    let noted = -1;
    for (let at = 0; at < columns.length; at++) {
      const message = columns.messages[at]!;
      if (message !== noted) noteClock(messages, message, columns.sentAtNs[at]!);
      noted = message;
    }
    for (const { message, unit } of blocks) noteClock(messages, message, unit.sentAtNs);
  };

  const noteClock = (messages: StretchMessages, message: number, sentAtNs: bigint | null): void => {
    if (sentAtNs === null || messages.isRepeated(message)) return;
    const { tenantId, deviceId } = messages.origin(message);
    let observed = clocks.get(deviceId);
    if (!observed) {
      if (clocks.size >= MAX_DEVICES) clocks.delete(clocks.keys().next().value!);
      observed = { tenantId, skew: new ClockSkew(), sinceMs: clock.nowMs(), changed: false };
      clocks.set(deviceId, observed);
    }
    observed.skew.add(Number(messages.arrivalNs(message) - sentAtNs) / 1e6);
    observed.changed = true;
  };

  const notePoints = ({ messages, units: { columns } }: Stretch): void => {
    for (let at = 0; at < columns.length; at++) {
      const origin = messages.origin(columns.messages[at]!);
      const point = declared.of(origin.deviceId)?.get(columns.points[at]!);
      if (!point) continue;
      const value = columns.values[at]!;
      const unit = columns.units[at]!;
      if ((point.min !== undefined && value < point.min) || (point.max !== undefined && value > point.max))
        noteProblem(origin, point.name, 'range', value, unit);
      if (point.unit !== undefined && unit !== point.unit) noteProblem(origin, point.name, 'unit', value, unit);
    }
  };

  const noteProblem = (
    { tenantId, deviceId }: { tenantId: string; deviceId: string },
    point: string,
    kind: Problem['kind'],
    value: number,
    unit: string | null,
  ): void => {
    const key = `${deviceId}/${kind}/${point}`;
    const nowMs = clock.nowMs();
    const known = problems.get(key);
    const samples = (known?.samples ?? 0) + 1;
    const firstMs = known?.firstMs ?? nowMs;
    problems.set(key, { tenantId, deviceId, point, kind, samples, value, unit, firstMs, lastMs: nowMs });
  };

  const write = async (): Promise<void> => {
    const changed = [...clocks].filter(([, observed]) => observed.changed);
    const found = [...problems.values()];
    if (changed.length === 0 && found.length === 0) return;
    for (const [, observed] of changed) observed.changed = false;
    problems.clear();
    try {
      await db.as('shipper', async (tx) => {
        await putClocks(tx, changed, clock.nowMs());
        await putProblems(tx, found);
      });
    } catch (error) {
      for (const [, observed] of changed) observed.changed = true;
      for (const problem of found) {
        const key = `${problem.deviceId}/${problem.kind}/${problem.point}`;
        const since = problems.get(key);
        problems.set(
          key,
          since ? { ...since, samples: since.samples + problem.samples, firstMs: problem.firstMs } : problem,
        );
      }
      log.debug({ reason: reasonOf(error) }, 'observations of devices are not written now; kept for later');
    }
  };

  return {
    complete: async (tx, stretches) => {
      await declared.load(tx, new Set(stretches.flatMap(({ messages }) => messages.origins())));
      for (const { messages, units } of stretches) {
        const { columns } = units;
        for (let at = 0; at < columns.length; at++) {
          if (columns.units[at] !== null) continue;
          const points = declared.of(messages.origin(columns.messages[at]!).deviceId);
          if (points !== null) columns.units[at] = points.get(columns.points[at]!)?.unit ?? null;
        }
      }
    },
    note: (stretches) => {
      for (const stretch of stretches) {
        noteClocks(stretch);
        notePoints(stretch);
      }
    },
    ...loopService(async (signal) => {
      while (!signal.aborted) {
        await clock.sleep(WRITE_EVERY_MS, signal);
        await write();
      }
    }),
  };
}

async function putClocks(tx: Sql, clocks: readonly (readonly [string, Observed])[], nowMs: number): Promise<void> {
  if (clocks.length === 0) return;
  // One order for all writers, so that two of them never wait for each other.
  const rows = clocks.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const estimates = rows.map(([, { skew }]) => skew.estimate());
  await tx.query(
    `insert into device_clock (tenant_id, device_id, skew_ms, spread_ms, samples, since, updated_at)
     select n.*, $7 from unnest($1::uuid[], $2::uuid[], $3::float8[], $4::float8[], $5::int8[], $6::timestamptz[]) n
     on conflict (tenant_id, device_id) do update set skew_ms = excluded.skew_ms, spread_ms = excluded.spread_ms,
       samples = excluded.samples, since = excluded.since, updated_at = excluded.updated_at`,
    [
      rows.map(([, { tenantId }]) => tenantId),
      rows.map(([deviceId]) => deviceId),
      estimates.map(({ skewMs }) => skewMs),
      estimates.map(({ spreadMs }) => spreadMs),
      estimates.map(({ samples }) => samples),
      rows.map(([, { sinceMs }]) => new Date(sinceMs)),
      new Date(nowMs),
    ],
  );
}

async function putProblems(tx: Sql, problems: readonly Problem[]): Promise<void> {
  if (problems.length === 0) return;
  const key = (p: Problem): string => `${p.tenantId}/${p.deviceId}/${p.point}/${p.kind}`;
  const rows = problems.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  await tx.query(
    `insert into device_point_problem as p
       (tenant_id, device_id, point, kind, samples, last_value, last_unit, first_at, last_at)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int8[], $6::float8[], $7::text[],
       $8::timestamptz[], $9::timestamptz[])
     on conflict (tenant_id, device_id, point, kind) do update set samples = p.samples + excluded.samples,
       last_value = excluded.last_value, last_unit = excluded.last_unit, last_at = excluded.last_at`,
    [
      rows.map(({ tenantId }) => tenantId),
      rows.map(({ deviceId }) => deviceId),
      rows.map(({ point }) => point),
      rows.map(({ kind }) => kind),
      rows.map(({ samples }) => samples),
      rows.map(({ value }) => value),
      rows.map(({ unit }) => unit),
      rows.map(({ firstMs }) => new Date(firstMs)),
      rows.map(({ lastMs }) => new Date(lastMs)),
    ],
  );
}
