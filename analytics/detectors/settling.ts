import { median, score, toDomain } from './baseline.ts';
import type { Observation } from './observation.ts';
import { type DetectorSettings, featureSettings } from './settings.ts';
import type { DetectorState, RegimeBaselines, Settling } from './state.ts';

/** Values of each feature kept while it settles; every second is dropped when full, so that they span all of it. */
const COURSE = 24;
const COURSE_FEATURES = 8;
/** Settled: the last third differs from the one before by no more than this, or by this share of the whole way. */
const STILL = { log: 0.1, linear: 0.01 } as const;
const STILL_SHARE = 0.15;
/** Fewer values make no thirds. */
const MIN_COURSE = 6;

/** A pause is a stop of the machine when it is so many times the usual, longer than any before by half, and this long. */
const GAP_TIMES = 8;
const GAP_OF_LONGEST = 1.5;
const GAP_MIN_MS = 10 * 60_000;
const GAP_KNOWN_PAUSES = 10;

/** Begins to wait until the features stop drifting. A start-up is never shortened to a mere change. */
export function beginSettling(state: DetectorState, cause: Settling['cause'], timeMs: number, most: number): void {
  if (state.settling?.cause === 'start-up' && cause !== 'start-up') return;
  state.settling = { cause, sinceMs: timeMs, seen: 0, most, stride: 1, course: {} };
}

/** Whether the machine was away: nothing came for far longer than ever since it is watched. Learns the pauses. */
export function notePause(state: DetectorState, timeMs: number): boolean {
  const before = state.newestMs;
  if (before === null || timeMs <= before) return false;
  const pauseMs = timeMs - before;
  const { pauses } = state;
  const isGap =
    pauses.count >= GAP_KNOWN_PAUSES &&
    pauseMs >= GAP_MIN_MS &&
    pauseMs > GAP_TIMES * pauses.usualMs &&
    pauseMs > GAP_OF_LONGEST * pauses.longestMs;
  pauses.longestMs = Math.max(pauses.longestMs, pauseMs);
  if (!isGap) {
    // Towards the median: each pause moves the estimate by a tenth of itself at most.
    const usual = pauses.usualMs === 0 ? pauseMs : pauses.usualMs;
    pauses.usualMs = Math.round(usual + Math.max(-usual, Math.min(usual, pauseMs - usual)) * 0.1);
    pauses.count = Math.min(1000, pauses.count + 1);
  }
  return isGap;
}

/**
 * Whether the point still settles after a start or a change. It has settled when it is back within its own past, when its
 * features have stopped drifting, or after `most` observations: a fault that came with the start shall not hide for ever.
 * A start-up time that the machine declares counts instead of all that.
 */
export function isSettling(
  state: DetectorState,
  settings: DetectorSettings,
  observation: Observation,
  regime: RegimeBaselines | null,
): boolean {
  const { settling } = state;
  if (!settling) return false;
  settling.seen += 1;
  const declaredMs = settling.cause === 'start-up' ? (observation.startUpMs ?? null) : null;
  const settled =
    declaredMs !== null
      ? observation.timeMs - settling.sinceMs >= declaredMs
      : settling.seen > settling.most ||
        (settling.seen >= settings.settling.least &&
          (isBack(settings, observation, regime) || hasStoppedDrifting(settling, observation)));
  if (settled) {
    state.settling = null;
    return false;
  }
  noteCourse(settling, observation);
  return true;
}

function isBack(settings: DetectorSettings, observation: Observation, regime: RegimeBaselines | null): boolean {
  if (!regime) return false;
  let known = 0;
  for (const { name, value, scale } of observation.features) {
    const baseline = regime.features[name];
    const z = baseline ? score(baseline, value, scale, settings.baselineMinCount).z : null;
    if (z === null) continue;
    if (Math.abs(z) > featureSettings(settings, name, regime).admitZ) return false;
    known += 1;
  }
  return known > 0;
}

function noteCourse(settling: Settling, observation: Observation): void {
  if (settling.seen % settling.stride !== 0) return;
  for (const { name, value, scale } of observation.features.filter((f) => f.group !== null).slice(0, COURSE_FEATURES)) {
    const course = settling.course[name] ?? [];
    course.push(Number(toDomain(value, scale).toPrecision(5)));
    settling.course[name] = course;
  }
  if (Object.values(settling.course).every((course) => course.length < COURSE)) return;
  for (const [name, course] of Object.entries(settling.course)) {
    settling.course[name] = course.filter((_, index) => index % 2 === 1);
  }
  settling.stride *= 2;
}

function hasStoppedDrifting({ course }: Settling, observation: Observation): boolean {
  const features = observation.features.filter(({ name }) => course[name]);
  return (
    features.length > 0 &&
    features.every(({ name, scale }) => {
      const values = course[name]!;
      if (values.length < MIN_COURSE) return false;
      const third = Math.floor(values.length / 3);
      const last = median(values.slice(-third));
      const before = median(values.slice(-2 * third, -third));
      const still = scale === 'log' ? STILL.log : STILL.linear * Math.abs(last);
      return Math.abs(last - before) <= Math.max(still, STILL_SHARE * Math.abs(last - values[0]!));
    })
  );
}
