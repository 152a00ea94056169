import type { Database } from '../../../platform/index.ts';
import type { Aggregate, Series, WindowValue } from '../telemetryStore.ts';
import { instantNs } from './annotatedCsv.ts';
import type { Resolution } from './buckets.ts';
import { clamped, Flux, flux, joined } from './flux.ts';
import { MEASUREMENT } from './lineProtocol.ts';
import { tagOf } from './names.ts';
import { readPicks } from './picks.ts';
import type { ReadDeps } from './read.ts';
import { HOUR_NS } from './rollupMarks.ts';

export const MINUTE_NS = 60_000_000_000n;

/** A part of the asked range and where it is read from. */
export interface Part {
  resolution: Resolution;
  fromNs: bigint;
  toNs: bigint;
}

/** How far a tenant's down-sampled data can be relied on, for one device. */
export interface Rolled {
  /** Everything before it is down-sampled. */
  untilNs: bigint;
  /** Hours that have changed since, in the order of time. */
  changedHours: readonly bigint[];
}

const floor = (ns: bigint, step: bigint) => (ns / step) * step;
const ceil = (ns: bigint, step: bigint) => floor(ns + step - 1n, step);

/**
 * Divides a range among the resolutions: the coarsest whose steps divide the window, where whole hours of it are
 * complete; raw data at the edges, for what is too new, and for hours that changed since they were down-sampled.
 */
export function partsOf(fromNs: bigint, toNs: bigint, windowNs: bigint, aggregate: Aggregate, rolled: Rolled): Part[] {
  const resolution = windowNs % HOUR_NS === 0n ? '1h' : windowNs % MINUTE_NS === 0n ? '1m' : 'raw';
  const raw = (from: bigint, to: bigint): Part[] => (from < to ? [{ resolution: 'raw', fromNs: from, toNs: to }] : []);
  // First and last are readings, not sums of them: only the raw data have them.
  if (resolution === 'raw' || aggregate === 'first' || aggregate === 'last') return raw(fromNs, toNs);
  const start = ceil(fromNs < 0n ? 0n : fromNs, HOUR_NS);
  const end = floor(toNs < rolled.untilNs ? toNs : rolled.untilNs, HOUR_NS);
  if (start >= end) return raw(fromNs, toNs);
  const parts = raw(fromNs, start);
  let at = start;
  const changed = rolled.changedHours.filter((hour) => hour >= start && hour < end);
  for (const hour of changed) {
    if (hour > at) parts.push({ resolution, fromNs: at, toNs: hour });
    const before = parts.at(-1);
    if (before?.resolution === 'raw' && before.toNs === hour) before.toNs = hour + HOUR_NS;
    else parts.push({ resolution: 'raw', fromNs: hour, toNs: hour + HOUR_NS });
    at = hour + HOUR_NS;
  }
  if (at < end) parts.push({ resolution, fromNs: at, toNs: end });
  return [...parts, ...raw(end, toNs)];
}

export async function readRolled(db: Database, tenantId: string, device: string): Promise<Rolled> {
  return db.tenant(tenantId, async (tx) => {
    const border = await tx.query<{ rolled_ns: bigint }>(
      'select rolled_ns from influx_rollup where tenant_id = current_tenant()',
    );
    const marks = await tx.query<{ hour_ns: bigint }>(
      'select hour_ns from influx_rollup_mark where tenant_id = current_tenant() and device = $1 order by hour_ns',
      [device],
    );
    return { untilNs: border.rows[0]?.rolled_ns ?? 0n, changedHours: marks.rows.map((row) => row.hour_ns) };
  });
}

interface Sums {
  sum: number;
  count: number;
  min: number;
  max: number;
}

export async function readWindows(
  deps: ReadDeps,
  tenantId: string,
  series: Series,
  fromNs: bigint,
  toNs: bigint,
  options: { windowNs: bigint; aggregate: Aggregate; limit: number; rolled: Rolled },
): Promise<WindowValue[]> {
  const { windowNs, aggregate, limit, rolled } = options;
  const [from, to] = [clamped(fromNs), clamped(toNs)];
  if (from >= to) return [];
  if (aggregate === 'first' || aggregate === 'last') {
    const windows = await readPicks(deps, tenantId, series, from, to, { windowNs, limit, picks: [aggregate] });
    return windows.map(({ timeNs, count, picks }) => ({ timeNs, count, value: picks[aggregate]!.value }));
  }
  const parts = partsOf(from, to, windowNs, aggregate, rolled);
  const query = joined(
    parts.flatMap((part) =>
      partQuery(deps.buckets.nameOf(tenantId, part.resolution), series, part, windowNs, aggregate),
    ),
    '\n',
  );
  const windows = new Map<bigint, Sums>();
  for (const row of await deps.connection.query(query)) {
    const startNs = floor(instantNs(row._time!), windowNs);
    let sums = windows.get(startNs);
    if (!sums) {
      sums = { sum: 0, count: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
      windows.set(startNs, sums);
    }
    const value = Number(row._value);
    const what = row.result!.slice(0, row.result!.indexOf(':'));
    if (what === 'min') sums.min = Math.min(sums.min, value);
    else if (what === 'max') sums.max = Math.max(sums.max, value);
    else if (what === 'sum') sums.sum += value;
    else sums.count += value;
  }
  return [...windows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([timeNs, sums]) => ({ timeNs, value: aggregated(sums, aggregate), count: sums.count }));
}

function aggregated(sums: Sums, aggregate: Aggregate): number {
  switch (aggregate) {
    case 'mean':
      return sums.sum / sums.count; // of the sums, never a mean of means
    case 'min':
      return sums.min;
    case 'max':
      return sums.max;
    case 'sum':
      return sums.sum;
    default:
      return sums.count;
  }
}

/** What has to be asked to answer an aggregate; the count always. */
const NEEDED: Partial<Record<Aggregate, readonly ('sum' | 'min' | 'max')[]>> = {
  mean: ['sum'],
  sum: ['sum'],
  min: ['min'],
  max: ['max'],
};

/** How each is got from steps that are down-sampled already. */
const OF_STEPS = { sum: 'sum', count: 'sum', min: 'min', max: 'max' } as const;

/** Queries whose every row is a piece of a window; their name says of what. Pieces are put together by the reader. */
function partQuery(bucket: string, series: Series, part: Part, windowNs: bigint, aggregate: Aggregate): Flux[] {
  const raw = part.resolution === 'raw';
  return (['count', ...(NEEDED[aggregate] ?? [])] as const).map((what) => {
    const field = raw ? 'value' : what;
    const fn = new Flux(raw ? what : OF_STEPS[what]);
    return flux`from(bucket: ${bucket})
  |> range(start: ${part.fromNs}, stop: ${part.toNs})
  |> filter(fn: (r) => r._measurement == ${MEASUREMENT} and r.device == ${tagOf(series.device)} and r.point == ${tagOf(series.point)} and r._field == ${field})
  |> aggregateWindow(every: ${new Flux(`${windowNs}ns`)}, fn: ${fn}, createEmpty: false, timeSrc: "_start")
  |> keep(columns: ["_time", "_value"])
  |> yield(name: ${`${what}:${part.fromNs}`})`;
  });
}
