import type { ScoredFeature } from '../../detectors/observation.ts';

/** How one feature behaved in a replay. */
export interface FeatureCount {
  readonly feature: string;
  readonly unit: string;
  readonly group: string | null;
  /** Observations in which it was compared with a baseline. */
  judged: number;
  /** Observations in which it exceeded its limit. */
  spoke: number;
  /** Times that it began to. */
  episodes: number;
  /** Largest deviation seen, in its baseline's spread; null while nothing was judged. */
  maxZ: number | null;
}

/** One feature at one time, beside its limit. */
export interface SeriesPoint {
  readonly atMs: number;
  readonly value: number;
  /** Value above which it speaks; null while its baseline learns. */
  readonly upper: number | null;
  readonly speaks: boolean;
}

const SERIES_POINTS = 800;

/** Counts what features did; bounded by their number. */
export function createTally(watch: string | undefined) {
  const counts = new Map<string, FeatureCount & { speaking: boolean }>();
  let observations = 0;
  let series: SeriesPoint[] = [];
  let stride = 1;
  let pending: SeriesPoint | null = null;
  let held = 0;

  const plot = (point: SeriesPoint) => {
    // Of points that share a place on the picture the one that matters stays: one that speaks, else the highest.
    pending = pending === null ? point : louder(pending, point);
    if (++held < stride) return;
    series.push(pending);
    pending = null;
    held = 0;
    if (series.length < 2 * SERIES_POINTS) return;
    series = Array.from({ length: SERIES_POINTS }, (_, i) => louder(series[2 * i]!, series[2 * i + 1]!));
    stride *= 2;
  };

  return {
    add: (atMs: number, scored: readonly ScoredFeature[], judged: boolean): void => {
      observations += 1;
      if (!judged) return;
      for (const { name, unit, group, value, upper, z, speaks } of scored) {
        let count = counts.get(name);
        if (!count) {
          count = { feature: name, unit, group, judged: 0, spoke: 0, episodes: 0, maxZ: null, speaking: false };
          counts.set(name, count);
        }
        if (z !== null) {
          count.judged += 1;
          count.maxZ = Math.max(count.maxZ ?? Number.NEGATIVE_INFINITY, z);
        }
        if (speaks) {
          count.spoke += 1;
          if (!count.speaking) count.episodes += 1;
        }
        count.speaking = speaks;
        if (name === watch) plot({ atMs, value, upper, speaks });
      }
    },
    observations: () => observations,
    features: (): FeatureCount[] => [...counts.values()].map(({ speaking: _, ...count }) => count),
    series: (): SeriesPoint[] => (pending ? [...series, pending] : series),
  };
}

function louder(a: SeriesPoint, b: SeriesPoint): SeriesPoint {
  if (a.speaks !== b.speaks) return a.speaks ? a : b;
  return b.value >= a.value ? b : a;
}
