/** How a feature is compared: vibration levels by ratio (natural log), temperatures and the like by difference. */
export type FeatureScale = 'log' | 'linear';

/** What is known of one feature in one operating regime. Plain data, bounded, safe to store. */
export interface FeatureBaseline {
  /** Accepted values, oldest first, already in the scale's domain; every `stride`-th of those offered. */
  kept: number[];
  /** One of this many offered values is kept. Doubles whenever `kept` fills, so that it spans the whole life. */
  stride: number;
  offered: number;
  /** Centre when the baseline first matured. Later centres may not leave its neighbourhood: a slow fault is not learnt. */
  anchor: number | null;
}

export interface BaselineView {
  readonly centre: number;
  readonly scale: number;
  readonly count: number;
}

export interface Score {
  /** Robust deviation in units of scale; null while the baseline cannot judge. */
  z: number | null;
  /** Value minus centre in the scale's domain: a natural-log ratio, or a difference. */
  shift: number | null;
  view: BaselineView | null;
}

const CAPACITY = 40;
const MAX_STRIDE = 64;
/** 1.4826 × MAD estimates the standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
/** Forty values of a normal distribution span about 4.3 standard deviations. */
const RANGE_TO_SIGMA = 1 / 4.3;
const LOG_SCALE_FLOOR = 0.1;
const LINEAR_SCALE_FLOOR = 0.01;
const LOG_DRIFT_ALLOWED = Math.log(1.5);
const LINEAR_DRIFT_ALLOWED_SCALES = 6;
const TINY = 1e-12;

export function newBaseline(): FeatureBaseline {
  return { kept: [], stride: 1, offered: 0, anchor: null };
}

/** The value in the domain it is compared in. Levels of zero are clamped, so that silence stays finite. */
export function toDomain(value: number, scale: FeatureScale): number {
  return scale === 'log' ? Math.log(Math.max(value, TINY)) : value;
}

/** Five significant digits: enough for a median, a third of the stored size. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

/** Median of an unsorted list; NaN for an empty one. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Robust centre and spread of a baseline.
 *
 * The spread is the largest of: 1.4826 × MAD; the distance between the medians of the older and the newer half, so
 * that a signal that wanders is not called deviant for wandering; and a floor (10 % of a level, 1 % of a reading).
 * The first two are capped by the range seen: a daily swing has a wide MAD, yet never leaves its band. It is widened by 1 + 4/n, for a MAD of few values is itself uncertain.
 *
 * @returns null below `minCount` values, or for a linear signal with fewer than four distinct values (a switch)
 */
export function viewOf(baseline: FeatureBaseline, scale: FeatureScale, minCount: number): BaselineView | null {
  if (baseline.offered < minCount) return null;
  const known = views.get(baseline);
  if (known && known.kept === baseline.kept && known.anchor === baseline.anchor && known.scale === scale)
    return known.view;
  const view = newView(baseline, scale);
  views.set(baseline, { kept: baseline.kept, anchor: baseline.anchor, scale, view });
  return view;
}

/**
 * What was last worked out of each baseline: several ask between two changes of it, and most values offered change
 * nothing. `learn` forgets it; whoever else changes a baseline replaces `kept`.
 */
const views = new WeakMap<
  FeatureBaseline,
  { kept: readonly number[]; anchor: number | null; scale: FeatureScale; view: BaselineView | null }
>();

function newView(baseline: FeatureBaseline, scale: FeatureScale): BaselineView | null {
  const { kept } = baseline;
  if (scale === 'linear' && new Set(kept).size < 4) return null;
  const half = kept.length >> 1;
  const raw = median(kept);
  const mad = median(kept.map((value) => Math.abs(value - raw))) * MAD_TO_SIGMA;
  const wander = Math.abs(median(kept.slice(0, half)) - median(kept.slice(half)));
  const floor = scale === 'log' ? LOG_SCALE_FLOOR : Math.max(LINEAR_SCALE_FLOOR * Math.abs(raw), TINY);
  const range = Math.max(...kept) - Math.min(...kept);
  const spread = Math.max(Math.min(Math.max(mad, wander), range * RANGE_TO_SIGMA), floor) * (1 + 4 / kept.length);
  const allowed = scale === 'log' ? LOG_DRIFT_ALLOWED : LINEAR_DRIFT_ALLOWED_SCALES * spread;
  const anchor = baseline.anchor ?? raw;
  return { centre: Math.min(Math.max(raw, anchor - allowed), anchor + allowed), scale: spread, count: kept.length };
}

/** Judges a value by what came before it; never by itself. */
export function score(baseline: FeatureBaseline, value: number, scale: FeatureScale, minCount: number): Score {
  const view = viewOf(baseline, scale, minCount);
  if (!view) return { z: null, shift: null, view: null };
  const shift = toDomain(value, scale) - view.centre;
  return { z: shift / view.scale, shift, view };
}

/** Offers a value of a healthy, undisturbed block to the baseline. Changes it in place. */
export function learn(baseline: FeatureBaseline, value: number, scale: FeatureScale, minCount: number): void {
  baseline.offered += 1;
  if (baseline.offered % baseline.stride !== 0) return;
  views.delete(baseline);
  baseline.kept.push(rounded(toDomain(value, scale)));
  if (baseline.anchor === null && baseline.offered >= minCount) baseline.anchor = rounded(median(baseline.kept));
  if (baseline.kept.length < CAPACITY) return;
  if (baseline.stride < MAX_STRIDE) {
    baseline.kept = baseline.kept.filter((_, index) => index % 2 === 1);
    baseline.stride *= 2;
  } else {
    baseline.kept.shift();
  }
}
