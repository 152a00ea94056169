import type { SensorSign } from './signs.ts';

/** The sensor fault that a point has open. */
export interface OpenSensorFault {
  anomalyId: string;
  sign: SensorSign;
}

/** How long a reading usually holds one value while the machine runs; what a stuck sensor is told by. */
export interface HoldHabit {
  value: number | null;
  /** Readings in a row with this value. */
  held: number;
  /** The longest completed hold, in readings. */
  longest: number;
  /** Times that the value changed, up to a bound. */
  changes: number;
}

/** Everything that is remembered of a sensor's health. Plain, serialisable, bounded. */
export interface SensorState {
  version: 1;
  /** Signs among the newest observations, by how many observations ago; oldest first. */
  seen: { ago: number; sign: SensorSign }[];
  /** Observations without any sign since the last one that had one. */
  good: number;
  open: OpenSensorFault | null;
  /** Signs that people called a false alarm. */
  muted: SensorSign[];
  hold: HoldHabit;
  /** The last three readings, oldest first: a spike stands in the middle. */
  last: number[];
  /** When the newest block begins and by its header ends, ms. */
  block: { startMs: number; endMs: number } | null;
  /** Typical pause between two arrivals, ms, and the newest arrival. */
  pauseMs: number | null;
  arrivalMs: number | null;
  /** Longest pause while its device was heard, and how many pauses are known, up to a bound; absent in older memories. */
  longestPauseMs?: number;
  pauses?: number;
  /** When a silence was last looked at and had an excuse, and whether it had one then. */
  lookedMs?: number;
  excused?: boolean;
}

export function newSensorState(): SensorState {
  return {
    version: 1,
    seen: [],
    good: 0,
    open: null,
    muted: [],
    hold: { value: null, held: 0, longest: 0, changes: 0 },
    last: [],
    block: null,
    pauseMs: null,
    arrivalMs: null,
  };
}
