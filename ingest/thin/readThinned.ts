import type { Aggregate, Sample, Series, StoredReading, TelemetryStore } from '../store/telemetryStore.ts';
import { lttb } from './lttb.ts';
import { envelopeOf, minMax, stretchesFor } from './minMax.ts';
import { windowFor } from './window.ts';

export type ThinMethod = 'minmax' | 'lttb' | Aggregate;

/** One point of a thinned series. */
export interface ThinPoint extends Sample {
  /** How many readings an aggregate stands for; absent where the point is a reading itself. */
  count?: number;
}

export interface Thinned {
  points: ThinPoint[];
  /** Length of the stretches that the store summed up; null when every reading of the span was looked at. */
  windowNs: bigint | null;
}

export interface ThinRequest {
  fromNs: bigint;
  toNs: bigint;
  method: ThinMethod;
  maxPoints: number;
  /** Length of a stretch, where the reader has named one; otherwise it follows from the span and `maxPoints`. */
  windowNs?: bigint;
}

const PAGE = 5_000;
/** Up to here readings are read as they are; it bounds what a request holds in memory. */
const READ_AT_LEAST = 20_000;
/** How many samples LTTB is given to choose from for each that it keeps, when it cannot be given all. */
const CANDIDATES = 4;

/**
 * A series in a span, in at most `maxPoints` points. A span with few readings is read whole; of any other the store
 * sums up stretches, so that fifty million readings cost this process no more memory than fifty thousand. LTTB then
 * chooses among the extremes of the stretches.
 *
 * @see J. Van Der Donckt et al., "MinMaxLTTB: Leveraging MinMax-Preselection to Scale LTTB", IEEE VIS (2023)
 */
export async function readThinned(
  store: TelemetryStore,
  tenantId: string,
  series: Series,
  request: ThinRequest,
): Promise<Thinned> {
  const { method, maxPoints } = request;
  if (method !== 'minmax' && method !== 'lttb') return aggregated(store, tenantId, series, request, method);
  if (method === 'minmax' && request.windowNs !== undefined) {
    const { fromNs, toNs, windowNs } = request;
    const windows = await store.extremes(tenantId, series, fromNs, toNs, { windowNs, limit: maxPoints });
    return { points: envelopeOf(windows), windowNs };
  }
  const whole = await readWhole(store, tenantId, series, request, Math.max(READ_AT_LEAST, CANDIDATES * maxPoints));
  if (whole.complete) {
    const thin = method === 'minmax' ? minMax : lttb;
    return { points: [...thin(whole.samples, maxPoints)], windowNs: null };
  }
  const most = stretchesFor(method === 'lttb' ? CANDIDATES * maxPoints : maxPoints);
  const fromNs = whole.samples[0]!.timeNs;
  let toNs = request.toNs;
  for (let look = 1; ; look++) {
    const windowNs = windowFor(fromNs, toNs, most);
    const windows = await store.extremes(tenantId, series, fromNs, toNs, { windowNs, limit: most });
    const lastNs = windows.at(-1)?.last.timeNs ?? fromNs;
    // The readings may end long before the span does; then the stretches are too long, and a second look is worth it.
    if (
      look === 1 &&
      request.windowNs === undefined &&
      (toNs - fromNs) / (lastNs - fromNs + 1n) >= 2n &&
      lastNs > fromNs
    ) {
      toNs = lastNs + 1n;
      continue;
    }
    const envelope = envelopeOf(windows);
    return { points: [...(method === 'lttb' ? lttb(envelope, maxPoints) : envelope)], windowNs };
  }
}

async function aggregated(
  store: TelemetryStore,
  tenantId: string,
  series: Series,
  { fromNs, toNs, maxPoints, ...given }: ThinRequest,
  aggregate: Aggregate,
): Promise<Thinned> {
  const windowNs = given.windowNs ?? windowFor(fromNs, toNs, maxPoints);
  const found = await store.windows(tenantId, series, fromNs, toNs, { windowNs, aggregate, limit: maxPoints });
  return { points: found.map(({ timeNs, value, count }) => ({ timeNs, value, count })), windowNs };
}

async function readWhole(
  store: TelemetryStore,
  tenantId: string,
  series: Series,
  { fromNs, toNs }: ThinRequest,
  atMost: number,
): Promise<{ samples: Sample[]; complete: boolean }> {
  const samples: Sample[] = [];
  let after: StoredReading | undefined;
  for (;;) {
    const page = await store.range(tenantId, series, fromNs, toNs, { limit: PAGE, ...(after ? { after } : {}) });
    for (const { timeNs, value } of page) samples.push({ timeNs, value });
    if (page.length < PAGE) return { samples, complete: true };
    if (samples.length > atMost) return { samples, complete: false };
    after = page.at(-1)!;
  }
}
