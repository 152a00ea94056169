import type { SensorState } from './sensorState.ts';
import type { SeenSign } from './signs.ts';

/** How a device as a whole is heard, by the arrivals of any of its points, ms. Plain. */
export interface DeviceHearing {
  /** The newest arrival; null before the first. */
  heardMs: number | null;
  /** Since when it has been heard without a break. */
  sinceMs: number;
  /** Usual pause between two arrivals. */
  usualMs: number;
  /** When its points were last looked through for silent ones. */
  askedMs: number;
}

/** A device was away when nothing came for so many of its usual pauses, and for at least so long. */
const AWAY_TIMES = 5;
const AWAY_LEAST_MS = 5 * 60_000;
/** A point is silent after so many of its usual pauses, twice its longest, and at least so long. */
const SILENT_TIMES = 10;
const SILENT_OF_LONGEST = 2;
const SILENT_LEAST_MS = 15 * 60_000;
/** No pause counts for longer: a point that was dead for weeks is not given weeks. */
const LONGEST_MS = 24 * 3_600_000;
/** Pauses before a point's habits are known. */
const KNOWN_PAUSES = 30;
/** How often a device's points are looked through. */
const ASK_EVERY_MS = 60_000;

export function newHearing(): DeviceHearing {
  return { heardMs: null, sinceMs: 0, usualMs: 0, askedMs: 0 };
}

/** Notes that something of a device has arrived. Arrivals in the order of the feed; an older one changes nothing. */
export function noteHeard(hearing: DeviceHearing, arrivalMs: number): void {
  const { heardMs, usualMs } = hearing;
  if (heardMs === null) hearing.sinceMs = arrivalMs;
  else if (arrivalMs <= heardMs) return;
  else {
    const pauseMs = arrivalMs - heardMs;
    if (pauseMs > Math.max(AWAY_LEAST_MS, AWAY_TIMES * usualMs)) hearing.sinceMs = arrivalMs;
    else hearing.usualMs = towards(usualMs, pauseMs);
  }
  hearing.heardMs = arrivalMs;
}

/** Whether the device's points are to be looked through again. */
export function isTimeToAsk(hearing: DeviceHearing): boolean {
  return hearing.heardMs !== null && hearing.heardMs - hearing.askedMs >= ASK_EVERY_MS;
}

/**
 * Learns a point's pauses by its arrivals, but for those in which its device was away. A point that was taken for dead and
 * comes back by itself has such pauses.
 */
export function noteArrival(state: SensorState, hearing: DeviceHearing, arrivalMs: number): void {
  const before = state.arrivalMs;
  if (before !== null && arrivalMs <= before) return;
  state.arrivalMs = arrivalMs;
  state.excused = false;
  if (before === null || before < hearing.sinceMs) return;
  const pauseMs = arrivalMs - before;
  state.pauseMs = towards(state.pauseMs ?? 0, pauseMs);
  state.longestPauseMs = Math.max(state.longestPauseMs ?? 0, Math.min(pauseMs, LONGEST_MS));
  state.pauses = Math.min(KNOWN_PAUSES, (state.pauses ?? 0) + 1);
}

/** The arrival after which the point counts as silent, ms; null while nothing can be said. */
export function silentAfterMs(state: SensorState): number | null {
  const { arrivalMs, open, muted, pauses = 0 } = state;
  if (arrivalMs === null || pauses < KNOWN_PAUSES || open !== null || muted.includes('dead')) return null;
  return Math.max(arrivalMs, state.lookedMs ?? 0) + patienceMs(state);
}

function patienceMs({ pauseMs, longestPauseMs = 0 }: SensorState): number {
  return Math.max(SILENT_LEAST_MS, SILENT_TIMES * (pauseMs ?? 0), SILENT_OF_LONGEST * longestPauseMs);
}

/**
 * What is to be said of a point that has been silent while its device was heard. A device that was away, a standing machine
 * and a maintenance window excuse it: it is looked at again when as long has passed after that.
 *
 * @returns the sign, or null where it is excused
 */
export function silence(state: SensorState, hearing: DeviceHearing, isExcused: boolean): SeenSign | null {
  const { arrivalMs } = state;
  const { heardMs, sinceMs } = hearing;
  if (arrivalMs === null || heardMs === null || silentAfterMs(state) === null) return null;
  const fromMs = Math.max(arrivalMs, sinceMs);
  const wasExcused = state.excused === true;
  if (isExcused || wasExcused || heardMs - fromMs < patienceMs(state)) {
    // One more wait after an excuse: when it ended is not known.
    state.excused = isExcused;
    state.lookedMs = isExcused || wasExcused ? heardMs : fromMs;
    return null;
  }
  const since = new Date(arrivalMs).toISOString().replace('T', ' ').slice(0, 19);
  const usual = spoken(state.pauseMs ?? 0);
  return {
    sign: 'dead',
    detail: {
      en: `silent since ${since} UTC, usually every ${usual.en}; its device goes on sending`,
      zh: `自 ${since} UTC 起无数据，平时每 ${usual.zh} 一次；所属设备仍在上传`,
    },
  };
}

function spoken(ms: number): { en: string; zh: string } {
  const seconds = ms / 1000;
  if (seconds < 90) return { en: `${Number(seconds.toPrecision(2))} s`, zh: `${Number(seconds.toPrecision(2))} 秒` };
  const minutes = Number((seconds / 60).toPrecision(2));
  return { en: `${minutes} min`, zh: `${minutes} 分钟` };
}

/** Towards the median: each pause moves the estimate by a tenth of itself at most. */
function towards(usualMs: number, pauseMs: number): number {
  const usual = usualMs === 0 ? pauseMs : usualMs;
  return Math.max(1, Math.round(usual + Math.max(-usual, Math.min(usual, pauseMs - usual)) * 0.1));
}
