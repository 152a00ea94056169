import type { Reading } from '../readings.ts';
import { readAbout } from './about.ts';
import { instantNs } from './annotatedCsv.ts';
import type { Buckets } from './buckets.ts';
import type { InfluxConnection } from './connection.ts';
import { Flux, flux, joined } from './flux.ts';
import { MEASUREMENT } from './lineProtocol.ts';
import { nameOf, tagOf } from './names.ts';
import type { Occupant, Standing } from './placement.ts';
import type { BatchSeries } from './series.ts';

/** Instants closer than this are asked for in one stretch. */
const GAP_NS = 10_000_000_000n;
/** Stretches of single series in one query; more are asked for together, device by device. */
const EXACT_STRETCHES = 64;
/** Stretches of time of one query over many devices. */
const SHARED_STRETCHES = 16;

interface Stretch {
  fromNs: bigint;
  toNs: bigint;
}

/** Asks InfluxDB what stands at the instants of late readings, in one query a tenant. */
export async function askStanding(
  connection: InfluxConnection,
  buckets: Buckets,
  batch: readonly Reading[],
  series: BatchSeries,
  late: readonly number[],
): Promise<Standing> {
  const found = new Map<number, Map<bigint, Occupant[]>>();
  const byTenant = Map.groupBy(late, (i) => batch[i]!.tenantId);
  for (const [tenantId, positions] of byTenant) {
    const bySeries = new Map<number, bigint[]>();
    for (const i of positions) {
      const s = series.of[i]!;
      const times = bySeries.get(s);
      if (times) times.push(batch[i]!.timeNs);
      else bySeries.set(s, [batch[i]!.timeNs]);
    }
    const positionOf = new Map<string, number>();
    for (const [s, times] of bySeries) {
      positionOf.set(`${series.list[s]!.device}/${series.list[s]!.point}`, s);
      found.set(s, new Map(times.map((timeNs) => [timeNs, []])));
    }
    for (const row of await connection.query(query(buckets.nameOf(tenantId, 'raw'), series, bySeries))) {
      const [device, point] = [nameOf(row.device!), nameOf(row.point!)];
      const s = positionOf.get(`${device}/${point}`);
      if (s === undefined) continue;
      const timeNs = instantNs(row._time!);
      const at = found.get(s)!.get(timeNs);
      if (!at) continue;
      const { identity, receipt } = readAbout(row._value!, tenantId, { device, point }, timeNs);
      at.push({ timeNs, identity, receipt, twin: row.twin ? Number(row.twin) : 0 });
    }
  }
  return (s, timeNs) => found.get(s)?.get(timeNs) ?? [];
}

function query(bucket: string, series: BatchSeries, wanted: ReadonlyMap<number, bigint[]>): Flux {
  const exact = [...wanted].flatMap(([s, times]) =>
    stretchesOf(times, GAP_NS, Number.POSITIVE_INFINITY).map((stretch) => ({ s, stretch })),
  );
  const piece = (stretch: Stretch, condition: Flux, i: number) => flux`from(bucket: ${bucket})
  |> range(start: ${stretch.fromNs}, stop: ${stretch.toNs})
  |> filter(fn: (r) => r._measurement == ${MEASUREMENT} and r._field == "about" and (${condition}))
  |> keep(columns: ["_time", "_value", "device", "point", "twin"])
  |> yield(name: ${`s${i}`})`;
  if (exact.length <= EXACT_STRETCHES) {
    return joined(
      exact.map(({ s, stretch }, i) => {
        const { device, point } = series.list[s]!;
        return piece(stretch, flux`r.device == ${tagOf(device)} and r.point == ${tagOf(point)}`, i);
      }),
      '\n',
    );
  }
  const devices = [...new Set([...wanted.keys()].map((s) => series.list[s]!.device))];
  const condition = anyOf(devices.map((device) => flux`r.device == ${tagOf(device)}`));
  const shared = stretchesOf([...wanted.values()].flat(), GAP_NS, SHARED_STRETCHES);
  return joined(
    shared.map((stretch, i) => piece(stretch, condition, i)),
    '\n',
  );
}

/** A balanced tree of `or`: a chain of a thousand would nest a thousand deep. */
function anyOf(terms: readonly Flux[]): Flux {
  if (terms.length === 1) return terms[0]!;
  const middle = terms.length >> 1;
  return new Flux(`(${anyOf(terms.slice(0, middle)).text} or ${anyOf(terms.slice(middle)).text})`);
}

/** The fewest stretches that hold all times, split at gaps; at most `atMost`, split at the widest ones. */
export function stretchesOf(times: readonly bigint[], gapNs: bigint, atMost: number): Stretch[] {
  const sorted = [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const gaps: { before: number; size: bigint }[] = [];
  for (let i = 1; i < sorted.length; i++) {
    const size = sorted[i]! - sorted[i - 1]!;
    if (size > gapNs) gaps.push({ before: i, size });
  }
  if (gaps.length >= atMost) {
    gaps.sort((a, b) => (a.size > b.size ? -1 : 1));
    gaps.length = atMost - 1;
    gaps.sort((a, b) => a.before - b.before);
  }
  const starts = [0, ...gaps.map((gap) => gap.before)];
  return starts.map((start, i) => ({
    fromNs: sorted[start]!,
    toNs: sorted[(starts[i + 1] ?? sorted.length) - 1]! + 1n,
  }));
}
