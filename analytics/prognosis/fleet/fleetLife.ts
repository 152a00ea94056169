import { type BoostedTrees, type BoostSettings, foretell, growTrees } from './boostedTrees.ts';
import { type Course, lifeFeatures, type SensorScale, scaleOf, smoothInputs } from './lifeFeatures.ts';
import { fitSmooth, type SmoothFit, type SmoothSettings, smoothAt } from './randomFeatures.ts';

/** How a fleet's lives are learnt. */
export interface FleetSettings {
  /** Remaining life above which machines cannot be told apart, cycles: more is foretold as this. */
  readonly cap: number;
  /** Parts into which the fleet is cut; each member of the model is trained without one of them. */
  readonly folds: number;
  /** At most as many as there are parts. */
  readonly members: number;
  readonly boost: BoostSettings;
  readonly smooth: SmoothSettings;
  /** Probability that the interval holds the truth. */
  readonly confidence: number;
}

export const FLEET_SETTINGS: FleetSettings = {
  cap: 125,
  folds: 8,
  members: 4,
  boost: {
    ...{ trees: 200, depth: 6, learningRate: 0.06, leafRows: 40, shrinkRows: 20 },
    ...{ rowShare: 0.6, featureShare: 0.25 },
  },
  smooth: { waves: 400, scale: 0.11, ridge: 3 },
  confidence: 0.9,
};

/** Two learners of different kinds; their mean errs less than either. */
export interface FleetMember {
  readonly trees: BoostedTrees;
  readonly smooth: SmoothFit;
}

/** A foretold value beside what came true, for a machine that the member had not seen. */
interface Miss {
  readonly foretold: number;
  readonly error: number;
}

/** What a fleet's lives have taught. Plain data. */
export interface FleetLifeModel {
  readonly cap: number;
  readonly confidence: number;
  readonly scale: SensorScale;
  readonly members: readonly FleetMember[];
  /** Misses on machines not seen in training, by the value foretold. */
  readonly misses: readonly Miss[];
}

/** Remaining life in cycles, with the interval that holds the truth with the model's confidence. */
export interface FleetLife {
  readonly cycles: number;
  readonly low: number;
  readonly high: number;
}

/** Cycles before which nothing is learnt or foretold: the windows are still empty. */
const FIRST_CYCLE = 10;
/** Cycles of capped life teach little: of those far from the end a quarter is enough. */
const FAR_CAPS = 1.3;
const FAR_SHARE = 0.25;
const TAUGHT_SHARE = 0.7;
const MISS_STEP = 5;
/** Share of the misses that lie nearest to a foretold value and speak for its interval. */
const NEAR_SHARE = 0.12;

/**
 * Learns from machines that ran to failure how long others have left.
 *
 * Each member is trained without one part of the fleet and foretells that part: its misses there, on machines it never
 * saw, give the interval (cross-conformal). Members are averaged.
 *
 * @param fleet whole lives, oldest cycle first; the last row is the failure
 * @see R. F. Barber, E. J. Candès, A. Ramdas, R. J. Tibshirani, Predictive inference with the jackknife+,
 *      Ann. Statist. 49 (2021) 486–507
 */
export function learnFleetLife(
  fleet: readonly Course[],
  settings: FleetSettings,
  random: () => number,
  progress: (done: number, total: number) => void = () => {},
): FleetLifeModel {
  const scale = scaleOf(fleet);
  const features = fleet.map((course) => lifeFeatures(course, scale));
  const order = fleet.map((_, i) => [random(), i] as const).toSorted((a, b) => a[0] - b[0]);
  const partOf = new Map(order.map(([, machine], rank) => [machine, rank % settings.folds]));
  const members: FleetMember[] = [];
  const misses: Miss[] = [];
  for (let fold = 0; fold < settings.members; fold++) {
    const taught = features.filter((_, machine) => partOf.get(machine) !== fold);
    const member = learnMember(taught, settings, smoothInputs(scale), random);
    members.push(member);
    features.forEach((rows, machine) => {
      if (partOf.get(machine) === fold) misses.push(...missesOf(member, rows, settings.cap));
    });
    progress(fold + 1, settings.members);
  }
  misses.sort((a, b) => a.foretold - b.foretold);
  return { cap: settings.cap, confidence: settings.confidence, scale, members, misses };
}

/** What is left to a machine after its course so far; null while the course is shorter than the windows need. */
export function foretellFleetLife(model: FleetLifeModel, course: Course): FleetLife | null {
  const { cap, members, scale } = model;
  if (course.length < FIRST_CYCLE) return null;
  const row = lifeFeatures(course, scale).at(-1)!;
  const cycles = members.reduce((sum, member) => sum + memberSays(member, row, cap), 0) / members.length;
  const errors = nearestErrors(model.misses, cycles);
  const tail = (1 - model.confidence) / 2;
  return {
    cycles,
    low: clamp(cycles + quantile(errors, tail), cap),
    high: clamp(cycles + quantile(errors, 1 - tail), cap),
  };
}

function learnMember(
  fleet: readonly Float64Array[][],
  { cap, boost, smooth }: FleetSettings,
  inputs: readonly number[],
  random: () => number,
): FleetMember {
  const rows: Float64Array[] = [];
  const target: number[] = [];
  for (const life of fleet) {
    for (let i = FIRST_CYCLE; i < life.length; i++) {
      const left = life.length - 1 - i;
      const share = left > FAR_CAPS * cap ? FAR_SHARE : TAUGHT_SHARE;
      if (random() > share) continue;
      rows.push(life[i]!);
      target.push(Math.min(cap, left));
    }
  }
  const columns = rows[0]!.length;
  const byColumn = Array.from({ length: columns }, (_, f) => Float64Array.from(rows, (row) => row[f]!));
  const wanted = Float64Array.from(target);
  return {
    trees: growTrees(byColumn, wanted, boost, random),
    smooth: fitSmooth(rows, wanted, inputs, smooth, random),
  };
}

function memberSays({ trees, smooth }: FleetMember, row: Float64Array, cap: number): number {
  return (clamp(foretell(trees, row), cap) + clamp(smoothAt(smooth, row), cap)) / 2;
}

function missesOf(member: FleetMember, life: readonly Float64Array[], cap: number): Miss[] {
  const misses: Miss[] = [];
  for (let i = FIRST_CYCLE; i < life.length; i += MISS_STEP) {
    const left = life.length - 1 - i;
    if (left > FAR_CAPS * cap) continue;
    const foretold = memberSays(member, life[i]!, cap);
    misses.push({ foretold, error: Math.min(cap, left) - foretold });
  }
  return misses;
}

/** Errors of the misses whose foretold values lie nearest, in order of size. */
function nearestErrors(misses: readonly Miss[], foretold: number): number[] {
  const count = Math.max(1, Math.round(NEAR_SHARE * misses.length));
  let from = 0;
  // The window over the ordered misses moves up while its far end is nearer than its near one.
  while (
    from + count < misses.length &&
    Math.abs(misses[from + count]!.foretold - foretold) < Math.abs(misses[from]!.foretold - foretold)
  )
    from += 1;
  return misses
    .slice(from, from + count)
    .map(({ error }) => error)
    .sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? 0;
}

function clamp(cycles: number, cap: number): number {
  return Math.min(cap, Math.max(0, cycles));
}
