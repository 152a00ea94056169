import { median } from '../baseline.ts';

/** How a level is followed. Counts are observations, levels natural logarithms. */
export interface TrackSettings {
  /** Observations that the recent past spans. */
  readonly windowCount: number;
  /** Newest observations that are judged but not yet part of the past: a fault must not be learnt while it rises. */
  readonly guardCount: number;
  /** Observations after a restart, or an adopted step, in which the level is learnt anew. */
  readonly settleCount: number;
  /** A pause this many times the usual interval is a standstill: what follows it is a restart. */
  readonly pauseIntervals: number;
  /** Most that adopted steps may add up to, ln. What lies beyond is held against the old level. */
  readonly adoptLimit: number;
  /** Spread below which noise is not believed, ln. */
  readonly noiseFloor: number;
}

/** The recent course of one level. Plain data, bounded, safe to store. Values are natural logarithms. */
export interface LevelTrack {
  /** Every so-manyth value of the past, oldest first. */
  kept: number[];
  /** What `kept` amounts to; worked out when it changes. Null while it holds too few. */
  past: Past | null;
  /** The newest values, oldest first: judged, not yet learnt. */
  guard: number[];
  /** Values since a restart or a step, while the level settles; null otherwise. */
  settling: number[] | null;
  /** Newest intervals between observations, ms. */
  intervalsMs: number[];
  newestMs: number | null;
  /** Centre of the past once per window, oldest first, spanning the whole life: what a creeping rise is held against. */
  eras: number[];
  /** Windows between two eras; doubles whenever `eras` fills. */
  eraStride: number;
  /** Values offered to `kept`. */
  offered: number;
  /** Observations in all. */
  age: number;
  /** Sum of the steps taken over so far, ln. */
  adopted: number;
}

/** The recent past in three figures, natural-log units. */
export interface Past {
  centre: number;
  /** Robust spread of single values. */
  spread: number;
  /** How far the older and the newer half of the past lie apart. */
  wander: number;
}

/** A level beside its recent past. All in natural-log units. */
export interface Standing {
  /** Robust spread of single values, at least the floor. */
  readonly noise: number;
  /** How far the older and the newer half of the past lie apart. */
  readonly wander: number;
  /** Mean of the newest `FAST_COUNT` values above the centre of the past. */
  readonly fast: number;
  /** Median of the guarded values above the centre; null until they are enough. */
  readonly slow: number | null;
  /** The same above the lowest era; null before the first. */
  readonly crept: number | null;
}

/** Values that the fast mean takes: two, so that one outlier is halved. */
export const FAST_COUNT = 2;
/** Values that must all lie high before a rise counts as firm. */
export const FIRM_COUNT = 3;
const KEPT = 60;
const ERAS = 24;
const MIN_KEPT = 12;
const INTERVALS = 15;
const MIN_INTERVALS = 5;
const MAD_TO_SIGMA = 1.4826;
const TINY = 1e-12;

export function newLevelTrack(): LevelTrack {
  return {
    ...{ kept: [], past: null, guard: [], settling: null, intervalsMs: [], newestMs: null },
    ...{ eras: [], eraStride: 1, offered: 0, age: 0, adopted: 0 },
  };
}

/**
 * Adds a value and tells where the level stands against its past.
 *
 * @param value level in its own unit; zero and less are clamped, so that silence stays finite
 * @returns null while there are too few values, or while the level settles after a restart or an adopted step
 * @remarks O(60 log 60). Changes `track` in place; never looks ahead.
 */
export function follow(track: LevelTrack, settings: TrackSettings, timeMs: number, value: number): Standing | null {
  const x = rounded(Math.log(Math.max(value, TINY)));
  if (isRestart(track, settings, timeMs)) settle(track, settings);
  track.age += 1;
  if (track.settling) {
    track.settling.push(x);
    if (track.settling.length >= settings.settleCount) adopt(track, settings);
    return null;
  }
  track.guard.push(x);
  while (track.guard.length > settings.guardCount) learn(track, settings, track.guard.shift()!);
  return standing(track, settings);
}

/** Lets the level be learnt anew from the next value on; what was learnt before is kept, to be shifted to meet it. */
export function settle(track: LevelTrack, settings: TrackSettings): void {
  if (track.settling || !track.past) return;
  for (const value of track.guard.splice(0)) learn(track, settings, value);
  track.settling = [];
}

/** Takes the newest values for a step of the level, not for a rise: from them on it is learnt anew. */
export function settleFromStep(track: LevelTrack): void {
  if (track.settling) return;
  track.settling = track.guard.slice(-FAST_COUNT);
  track.guard = [];
}

/** How far the newest three values all lie above the past, ln, settling or not; null while nothing can be said. */
export function firmRise({ past, guard, settling }: LevelTrack): number | null {
  const newest = (settling ?? guard).slice(-FIRM_COUNT);
  return past && newest.length === FIRM_COUNT ? Math.min(...newest) - past.centre : null;
}

function isRestart(track: LevelTrack, settings: TrackSettings, timeMs: number): boolean {
  const interval = track.newestMs === null ? null : timeMs - track.newestMs;
  track.newestMs = timeMs;
  if (interval === null || interval <= 0) return false;
  const isKnown = track.intervalsMs.length >= MIN_INTERVALS;
  if (isKnown && interval >= settings.pauseIntervals * median(track.intervalsMs)) return true;
  track.intervalsMs.push(interval);
  if (track.intervalsMs.length > INTERVALS) track.intervalsMs.shift();
  return false;
}

function adopt(track: LevelTrack, settings: TrackSettings): void {
  const settled = track.settling!;
  track.settling = null;
  const step = median(settled.slice(-Math.ceil(settled.length / 2))) - track.past!.centre;
  const taken = Math.min(step, Math.max(0, settings.adoptLimit - track.adopted));
  track.adopted += taken;
  track.kept = track.kept.map((value) => rounded(value + taken));
  track.past = pastOf(track.kept);
  track.eras = track.eras.map((value) => rounded(value + taken));
}

function learn(track: LevelTrack, settings: TrackSettings, x: number): void {
  track.offered += 1;
  if (track.offered % (settings.windowCount * track.eraStride) === 0) closeEra(track);
  if (track.offered % Math.max(1, Math.round(settings.windowCount / KEPT)) !== 0) return;
  track.kept.push(x);
  if (track.kept.length > KEPT) track.kept.shift();
  track.past = pastOf(track.kept);
}

function closeEra(track: LevelTrack): void {
  if (!track.past) return;
  track.eras.push(track.past.centre);
  if (track.eras.length < ERAS) return;
  track.eras = track.eras.filter((_, i) => i % 2 === 0);
  track.eraStride *= 2;
}

function pastOf(kept: readonly number[]): Past | null {
  if (kept.length < MIN_KEPT) return null;
  const centre = median(kept);
  const half = kept.length >> 1;
  return {
    centre: rounded(centre),
    spread: rounded(median(kept.map((value) => Math.abs(value - centre))) * MAD_TO_SIGMA),
    wander: rounded(Math.abs(median(kept.slice(0, half)) - median(kept.slice(half)))),
  };
}

function standing({ past, guard, eras }: LevelTrack, settings: TrackSettings): Standing | null {
  if (!past || guard.length < FIRM_COUNT) return null;
  const now = guard.length >= settings.guardCount ? median(guard) : null;
  return {
    noise: Math.max(past.spread, settings.noiseFloor),
    wander: past.wander,
    fast: mean(guard.slice(-FAST_COUNT)) - past.centre,
    slow: now === null ? null : now - past.centre,
    crept: now === null || eras.length === 0 ? null : now - Math.min(...eras),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A hundredth of a percent of a level: finer than any sensor, half the stored size. */
function rounded(x: number): number {
  return Number(x.toFixed(4));
}
