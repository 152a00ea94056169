import type { Sample, Series, WindowExtremes } from '../telemetryStore.ts';
import { instantNs } from './annotatedCsv.ts';
import { clamped, Flux, flux, joined } from './flux.ts';
import { MEASUREMENT } from './lineProtocol.ts';
import { tagOf } from './names.ts';
import { type ReadDeps, readRange } from './read.ts';

/** Readings that can be picked out of a window, by Flux's names for it. */
export type Pick = 'first' | 'last' | 'min' | 'max';

export interface PickedWindow {
  timeNs: bigint;
  count: number;
  picks: Partial<Record<Pick, Sample>>;
}

/** Whether a candidate comes before the one known, by what is looked for; null when only the identity can tell. */
function comesFirst(pick: Pick, candidate: Sample, known: Sample): boolean | null {
  if (pick === 'min' && candidate.value !== known.value) return candidate.value < known.value;
  if (pick === 'max' && candidate.value !== known.value) return candidate.value > known.value;
  if (candidate.timeNs === known.timeNs) return pick === 'first' || pick === 'last' ? null : false;
  return candidate.timeNs < known.timeNs === (pick !== 'last');
}

/**
 * Picks readings out of each window. A measuring point may be several series in InfluxDB (units, twins of an instant):
 * each gives its candidate, and of those the right one is taken here.
 */
export async function readPicks(
  deps: ReadDeps,
  tenantId: string,
  series: Series,
  fromNs: bigint,
  toNs: bigint,
  options: { windowNs: bigint; limit: number; picks: readonly Pick[] },
): Promise<PickedWindow[]> {
  const { windowNs, limit, picks } = options;
  const source = flux`from(bucket: ${deps.buckets.nameOf(tenantId, 'raw')})
  |> range(start: ${fromNs}, stop: ${toNs})
  |> filter(fn: (r) => r._measurement == ${MEASUREMENT} and r.device == ${tagOf(series.device)} and r.point == ${tagOf(series.point)} and r._field == "value")
  |> window(every: ${new Flux(`${windowNs}ns`)})`;
  const query = joined(
    [
      ...picks.map(
        (pick) => flux`${source} |> ${new Flux(pick)}() |> keep(columns: ["_time", "_value"]) |> yield(name: ${pick})`,
      ),
      flux`${source} |> count() |> keep(columns: ["_start", "_value"]) |> yield(name: "count")`,
    ],
    '\n',
  );
  const windows = new Map<bigint, PickedWindow>();
  const tied = new Set<string>();
  for (const row of await deps.connection.query(query)) {
    const atNs = instantNs((row.result === 'count' ? row._start : row._time)!);
    const startNs = (atNs / windowNs) * windowNs;
    let window = windows.get(startNs);
    if (!window) {
      window = { timeNs: startNs, count: 0, picks: {} };
      windows.set(startNs, window);
    }
    const value = Number(row._value);
    if (row.result === 'count') {
      window.count += value;
      continue;
    }
    const pick = row.result as Pick;
    const candidate = { timeNs: atNs, value };
    const known = window.picks[pick];
    const first = known ? comesFirst(pick, candidate, known) : true;
    if (first === true) window.picks[pick] = candidate;
    if (first === null) tied.add(`${pick} ${atNs}`);
  }
  const sorted = [...windows.values()].sort((a, b) => (a.timeNs < b.timeNs ? -1 : 1)).slice(0, limit);
  for (const window of sorted) {
    for (const pick of ['first', 'last'] as const) {
      const sample = window.picks[pick];
      if (sample && tied.has(`${pick} ${sample.timeNs}`))
        sample.value = await valueAmongEquals(deps, tenantId, series, sample.timeNs, pick);
    }
  }
  return sorted;
}

/** Of readings of the same instant the least identity is the first and the greatest the last. */
async function valueAmongEquals(
  deps: ReadDeps,
  tenantId: string,
  series: Series,
  timeNs: bigint,
  pick: 'first' | 'last',
): Promise<number> {
  const equals = await readRange(deps, tenantId, series, timeNs, timeNs + 1n, Number.MAX_SAFE_INTEGER - 1, undefined);
  return (pick === 'first' ? equals[0] : equals.at(-1))!.value;
}

export async function readExtremes(
  deps: ReadDeps,
  tenantId: string,
  series: Series,
  fromNs: bigint,
  toNs: bigint,
  options: { windowNs: bigint; limit: number },
): Promise<WindowExtremes[]> {
  const [from, to] = [clamped(fromNs), clamped(toNs)];
  if (from >= to) return [];
  const windows = await readPicks(deps, tenantId, series, from, to, {
    ...options,
    picks: ['first', 'last', 'min', 'max'],
  });
  return windows.map(({ timeNs, count, picks }) => ({
    timeNs,
    count,
    first: picks.first!,
    last: picks.last!,
    lowest: picks.min!,
    highest: picks.max!,
  }));
}
