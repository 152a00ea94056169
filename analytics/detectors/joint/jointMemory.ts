import { type GroupCusumState, newGroupCusum } from '../streams/groupCusum.ts';
import { meansOf, type SensorGroupState } from '../streams/sensorGroup.ts';
import {
  groupModelOf,
  SENSOR_GROUP_SETTINGS,
  type SensorGroupModel,
  type SensorGroupSettings,
  usualMeans,
} from '../streams/sensorGroupModel.ts';

/** What is remembered of several values that are watched together in one regime. Plain, serialisable, bounded. */
export interface JointMemory {
  /** What a row holds, in order; with other values a new memory begins. */
  names: string[];
  /** Short means of undisturbed rows, oldest first; every `stride`-th of those offered. */
  kept: number[][];
  stride: number;
  offered: number;
  /** The newest rows, oldest first. */
  recent: number[][];
  /** Undisturbed rows in a row since the last short mean was offered. */
  undisturbed: number;
  cusum: GroupCusumState;
  /** Rows since CUSUM's last step. */
  sinceShift: number;
  alarm: boolean;
  /** Rows in a row in alarm, and what the newest said, newest last: 0 usual, 1 beyond their range, 2 not together as usual. */
  standing: number;
  votes: number[];
}

/** Fewer values are no group; more make a model that the past cannot support. */
export const LEAST_VALUES = 2;
export const MOST_VALUES = 12;
/** Short means before anything is judged, and the most that are kept. */
const LEAST_MEANS = 32;
const MOST_MEANS = 64;
const MAX_STRIDE = 64;
/** Spread of a short mean that is granted to every value, in deviations: what is steadier than that is not trusted to stay so. */
const LEAST_SPREAD = 0.5;

/** Settings of the group's detector: nothing is followed, for what a row is in deviations of has followed already. */
export function groupSettings(span: number): SensorGroupSettings {
  return {
    ...SENSOR_GROUP_SETTINGS,
    span,
    shiftSpan: span,
    followSpan: Number.POSITIVE_INFINITY,
    releaseShare: 0.8,
    varianceShare: null,
  };
}

export function newJointMemory(names: readonly string[]): JointMemory {
  return {
    names: [...names],
    kept: [],
    stride: 1,
    offered: 0,
    recent: [],
    undisturbed: 0,
    cusum: newGroupCusum(names.length),
    sinceShift: 0,
    alarm: false,
    standing: 0,
    votes: [],
  };
}

/** The state that the group's detector works on; what it changes is in `recent` and `alarm`. */
export function groupState(memory: JointMemory, model: SensorGroupModel): SensorGroupState {
  return { recent: memory.recent, centre: [...model.centre], alarm: memory.alarm, restLeft: 0 };
}

/** What was last worked out of each past: it follows from `kept`, so that a replay comes to the same. */
const models = new WeakMap<readonly number[][], SensorGroupModel>();

/** What is usual for these values together; null while too little of it was seen. */
export function jointModel(memory: JointMemory, span: number): SensorGroupModel | null {
  const { kept } = memory;
  if (memory.offered < LEAST_MEANS) return null;
  const known = models.get(kept);
  if (known) return known;
  const model = groupModelOf(
    memory.names.map((_, sensor) => {
      const means = kept.map((row) => row[sensor]!);
      const { centre, spread } = usualMeans(means);
      const scale = Math.max(spread, LEAST_SPREAD);
      return { sensor, means, centre, scale, wander: 1, shiftScale: scale * Math.SQRT2 };
    }),
    groupSettings(span),
  );
  models.set(kept, model);
  return model;
}

/** Offers the newest row to the past. A row that is no part of it interrupts the short mean that was gathering. */
export function learnJoint(memory: JointMemory, span: number, undisturbed: boolean): void {
  memory.undisturbed = undisturbed ? memory.undisturbed + 1 : 0;
  if (memory.undisturbed < span) return;
  memory.undisturbed = 0;
  memory.offered += 1;
  if (memory.offered % memory.stride !== 0) return;
  const kept = [...memory.kept, meansOf(memory.recent, span).map(rounded)];
  if (kept.length >= MOST_MEANS && memory.stride < MAX_STRIDE) {
    memory.kept = kept.filter((_, index) => index % 2 === 1);
    memory.stride *= 2;
  } else memory.kept = kept.slice(-MOST_MEANS);
}

/** Three decimals of a deviation: a hundredth of the spread that is granted to anything. */
export function rounded(z: number): number {
  return Math.round(z * 1000) / 1000 + 0; // no negative zero: JSON has none
}
