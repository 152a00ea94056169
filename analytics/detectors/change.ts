import type { ChangeMemory, Shift } from './changeMemory.ts';
import { type Candidate, isDismissed } from './claims.ts';
import type { ScoredFeature } from './observation.ts';
import type { DetectorSettings } from './settings.ts';
import type { DetectorState, Level } from './state.ts';
import {
  type ChangePointSettings,
  type ChangePointState,
  changePointStep,
  newChangePoints,
} from './streams/changePoints.ts';

/** A change is expected once in a week of readings a minute; what it is worth is decided by how far it goes. */
const SETTINGS: ChangePointSettings = { expectedRun: 10_000, capacity: 6, priorMean: 0, priorSpread: 5, spread: 1 };
/** A smaller shift, in deviations, is the wandering of any process. */
const LEAST_SHIFT = 3;
const TIMES = 16;
/** Observations after which a shift that nothing has come of is how things are. */
const TOLD = 120;
/** A level alone says that something has changed, not what. */
const CONFIDENCE_LIMIT = 0.6;

/**
 * Follows the level that people know, the reading or the velocity, in deviations from its baseline, and tells when it has
 * shifted for good: Bayesian change points, and as many observations since as a deviation must last. O(1), about ten
 * hypotheses an observation.
 */
export function followChange(
  state: DetectorState,
  settings: DetectorSettings,
  timeMs: number,
  scored: readonly ScoredFeature[],
): Shift | null {
  const level = scored.find(({ name }) => name === 'velocityRms') ?? scored.find(({ group }) => group !== null);
  if (!level || level.z === null || level.shift === null || level.centre === null) return null;
  const memory = memoryFor(state, level.name);
  const before = memory.points.runs[0]!;
  const { changed, likeliestRun } = changePointStep(memory.points, clipped(level.z), SETTINGS);
  memory.timesMs = [...memory.timesMs, timeMs].slice(-TIMES);
  if (changed) {
    // Of a change after a change that did not last, the level before the first counts.
    const fromZ = memory.begun?.fromZ ?? before.mean;
    memory.begun = { sinceMs: memory.timesMs.at(-Math.max(likeliestRun, 1)) ?? memory.timesMs[0]!, fromZ };
    memory.shift = null;
  }
  round(memory.points);
  const toZ = memory.points.runs[0]!.mean;
  if (memory.begun && likeliestRun >= settings.deviation.of) {
    const { sinceMs, fromZ } = memory.begun;
    memory.begun = null;
    const far = settings.twoSided ? Math.abs(toZ - fromZ) : toZ - fromZ;
    if (far >= LEAST_SHIFT) memory.shift = { sinceMs, fromZ: short(fromZ), toZ: short(toZ), told: 0 };
  }
  if (!memory.shift) return null;
  memory.shift.told += 1;
  if (memory.shift.told > TOLD && state.open === null) {
    memory.shift = null;
    return null;
  }
  return shiftOf(memory.shift, level);
}

/** What a level is worth that has shifted and stays: what the settings say, until it is old news. */
export function changeClaim(
  state: DetectorState,
  settings: DetectorSettings,
  shift: Shift | null,
  level: Level,
): Candidate | null {
  const told = state.change?.shift?.told ?? 0;
  if (!shift || told > TOLD || settings.changeWorth === 0) return null;
  const strength = Math.abs(shift.z);
  if (isDismissed(state, 'deviation', strength)) return null;
  const confidence = Math.min(CONFIDENCE_LIMIT, 0.3 + 0.02 * strength);
  return {
    claim: { fault: 'deviation', basis: 'deviation', confidence, level, strength },
    progress: settings.changeWorth,
  };
}

function memoryFor(state: DetectorState, feature: string): ChangeMemory {
  if (state.change?.feature === feature) return state.change;
  state.change = { feature, points: newChangePoints(SETTINGS), timesMs: [], begun: null, shift: null };
  return state.change;
}

/** One odd value shall not be told from a run by how odd it is. */
function clipped(z: number): number {
  return Math.max(-20, Math.min(20, z));
}

function round({ runs }: ChangePointState): void {
  for (const run of runs) {
    run.logWeight = short(run.logWeight);
    run.mean = short(run.mean);
    run.weight = short(run.weight);
    run.rate = short(run.rate);
  }
}

/** Four decimals: a hundredth of anything that is told here, and cheap. */
function short(value: number): number {
  return Math.round(value * 1e4) / 1e4 + 0; // no negative zero: JSON has none
}

/** In the feature's own unit, by where its baseline lies now. */
function shiftOf(
  { sinceMs, fromZ, toZ }: NonNullable<ChangeMemory['shift']>,
  { name, unit, scale, centre, upper, z, shift }: ScoredFeature,
): Shift {
  const spread = z !== null && Math.abs(z) > 0.01 && shift !== null ? shift / z : (upper! - centre!) / 8;
  const at = (deviation: number) =>
    scale === 'log' ? centre! * Math.exp(deviation * spread) : centre! + deviation * spread;
  return {
    feature: name,
    unit,
    sinceMs,
    from: Number(at(fromZ).toPrecision(5)),
    to: Number(at(toZ).toPrecision(5)),
    z: short(toZ - fromZ),
  };
}
