import type { TimeMarks } from './store/readings.ts';

/** What the sender said about time, and when it came in. */
export interface ToldTimes {
  timeNs: bigint | null;
  sentAtNs: bigint | null;
  arrivalNs: bigint;
  /** MQTT DUP: sent before, so that `sentAt` measures the delay and not the clock. */
  repeated: boolean;
}

export interface TimePolicy {
  /** Skews up to this are left alone, and times up to this far ahead are not flagged. */
  toleratedSkewNs: bigint;
  /** Times further ahead are no measurement; they go to quarantine. */
  furthestAheadNs: bigint;
  /** Older readings would be removed by retention at once; they go to quarantine. */
  retentionNs: bigint;
}

export type PlacedTime =
  | ({ ok: true; timeNs: bigint; deliveryDependent: boolean } & TimeMarks)
  | { ok: false; code: 'TIME_AHEAD' | 'TIME_EXPIRED'; reason: string };

/**
 * The time under which a unit counts. A device without a clock counts by arrival. A clock is corrected only by the skew
 * that `sentAt` shows on a first delivery; without `sentAt`, an old time is history and a time ahead is flagged.
 *
 * `deliveryDependent` says that another delivery of the same unit could be placed at another time.
 */
export function placeTime(told: ToldTimes, policy: TimePolicy): PlacedTime {
  const skewNs = told.sentAtNs === null ? 0n : told.arrivalNs - told.sentAtNs;
  const skewed = skewNs > policy.toleratedSkewNs || skewNs < -policy.toleratedSkewNs;
  const corrected = told.timeNs !== null && skewed && !told.repeated;
  const timeNs = told.timeNs === null ? told.arrivalNs : corrected ? told.timeNs + skewNs : told.timeNs;
  const aheadNs = timeNs - told.arrivalNs;
  if (aheadNs > policy.furthestAheadNs) {
    return {
      ok: false,
      code: 'TIME_AHEAD',
      reason: `The time ${isoOf(timeNs)} lies ${seconds(aheadNs)} s ahead of the arrival; set the device's clock, or send sentAt so that its skew can be corrected.`,
    };
  }
  if (timeNs < 0n || -aheadNs > policy.retentionNs) {
    return {
      ok: false,
      code: 'TIME_EXPIRED',
      reason: `The time ${isoOf(timeNs)} is older than retention keeps; set the device's clock, or lengthen the retention and replay.`,
    };
  }
  return {
    ok: true,
    timeNs,
    deliveryDependent: told.timeNs === null || skewed,
    future: aheadNs > policy.toleratedSkewNs,
    corrected,
    arrivalTimed: told.timeNs === null,
  };
}

function seconds(ns: bigint): string {
  return (ns / 1_000_000_000n).toString();
}

/** ISO 8601 where a date can hold it, else the plain number. */
function isoOf(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  return Number.isNaN(date.getTime()) ? `${ns} ns` : date.toISOString();
}
