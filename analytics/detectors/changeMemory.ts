import type { ChangePointState } from './streams/changePoints.ts';

/** What is remembered of a point's level to tell when it shifted. Plain, serialisable, bounded. */
export interface ChangeMemory {
  /** The feature that is followed. */
  feature: string;
  points: ChangePointState;
  /** Times of the newest observations, ms, oldest first. */
  timesMs: number[];
  /** A change that has yet to last, with the level before it, in deviations. */
  begun: { sinceMs: number; fromZ: number } | null;
  /** The shift that lasts, and observations since it was told. */
  shift: { sinceMs: number; fromZ: number; toZ: number; told: number } | null;
}

/** A level that has shifted and stays: since when, and from what to what. */
export interface Shift {
  readonly feature: string;
  readonly unit: string;
  readonly sinceMs: number;
  readonly from: number;
  readonly to: number;
  /** How far it went, in deviations of the baseline. */
  readonly z: number;
}
