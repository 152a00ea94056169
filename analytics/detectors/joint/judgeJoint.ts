import { tailLimit } from '../budget.ts';
import type { Observation, ScoredFeature } from '../observation.ts';
import type { DetectorSettings } from '../settings.ts';
import type { DetectorState, RegimeBaselines } from '../state.ts';
import { groupCusumStep } from '../streams/groupCusum.ts';
import { meansOf, sensorGroupStep } from '../streams/sensorGroup.ts';
import type { SensorGroupModel } from '../streams/sensorGroupModel.ts';
import type { SpotState } from '../streams/spot.ts';
import type { Joint, JointValue } from './joint.ts';
import {
  groupSettings,
  groupState,
  type JointMemory,
  jointModel,
  LEAST_VALUES,
  MOST_VALUES,
  newJointMemory,
  rounded,
} from './jointMemory.ts';

/** What CUSUM allows a short mean to lie off, in its own deviations; noise of more directions makes a longer vector. */
const allowance = (directions: number) => 1 + 0.25 * Math.sqrt(directions);
/**
 * Decision interval. On a million rows of independent normal noise the longest sum was 5 to 10 for 2 to 16 directions;
 * noise with a memory is what the tail is for.
 */
const decision = (directions: number) => 6 + 0.3 * directions;
/** The sum is cut at this many intervals, so that it does not take long to be over. */
const CUSUM_MOST = 1.5;
/** However heavy the tail, this many times the limit speaks. */
const MOST_LIFT = 2.5;
/** Rows of alarm that nothing has come of, after which what they show is learnt as the normal. */
const ACCEPT_AFTER = 200;
/** A value far beyond all limits says no more than this many deviations. */
const FARTHEST = 30;
/** Where only a rise speaks, a fall is told no further than this: bearings run in, and quieter is no fault. */
const FALLEN = -1;
/**
 * Some dozen short means of a process that wanders know its usual directions badly: so much of the way along them may be
 * left over without anything being broken.
 */
const UNKNOWN_SHARE = 0.4;
/** Directions in which nothing seems to be left over are taken to have this much of the variance. */
const LEAST_VARIANCE = 0.5;

/** The values that an observation shows together; null where there are too few or one of them cannot be compared yet. */
export function rowOf({ companions, features }: Observation, scored: readonly ScoredFeature[]): JointValue[] | null {
  // A plain reading is one value: alone it is no group.
  if (features.length === 1 && !companions) return null;
  const own = scored.flatMap(({ name, group, z }) => (group !== null && z !== null ? [{ name, group, z }] : []));
  if (own.length === 0) return null;
  const row = [...own, ...(companions ?? [])].slice(0, MOST_VALUES);
  return row.length < LEAST_VALUES ? null : row;
}

/**
 * Judges what several values say together by what they said before in this regime. Remembers the row, learns nothing.
 *
 * @returns null where there is no row, or its past is too short
 */
export function judgeJoint(
  state: DetectorState,
  regime: RegimeBaselines,
  settings: DetectorSettings,
  row: readonly JointValue[],
): Joint | null {
  const { span } = settings.joint;
  const memory = memoryFor(regime, row);
  if (memory.standing > ACCEPT_AFTER && state.open?.status !== 'confirmed') startAgain(memory);
  const least = settings.twoSided ? -FARTHEST : FALLEN;
  const values = row.map(({ z }) => rounded(Math.max(least, Math.min(FARTHEST, z))));
  const model = jointModel(memory, span);
  if (!model) {
    memory.recent = [...memory.recent, values].slice(-span);
    return null;
  }
  const liftOf = (tail: SpotState | undefined) =>
    tailLimit(tail, state, settings, { least: 1, most: MOST_LIFT }) * state.caution;
  const lift = { range: liftOf(state.jointTails?.range), relation: liftOf(state.jointTails?.relation) };
  // T² and Q are squares: a limit lifted by a factor is lifted by its square there.
  const mean = meansOf([...memory.recent, values], span);
  const usual = alongUsual(model, mean);
  const qLimit = (Math.sqrt(model.qLimit) * lift.relation + UNKNOWN_SHARE * usual) ** 2;
  const lifted = { ...model, tLimit: model.tLimit * lift.range ** 2, qLimit };
  const group = groupState(memory, model);
  const distances = sensorGroupStep(group, lifted, values, groupSettings(span));
  memory.alarm = group.alarm;
  const shift = shiftOf(memory, model, { mean, usual }, lift.relation, span);
  const t = Math.sqrt(distances.tShare);
  const q = Math.sqrt(distances.qShare);
  const share = Math.max(t, q, shift.share);
  const alarm = distances.alarm || shift.share > 1;
  // Far from where they usually are, the way in which they move together is not known.
  const statistic = t > 1 || t >= Math.max(q, shift.share) ? 'T2' : q >= shift.share ? 'Q' : 'CUSUM';
  memory.standing = alarm ? memory.standing + 1 : 0;
  memory.votes = [...memory.votes, alarm ? (statistic === 'T2' ? 1 : 2) : 0].slice(-settings.deviation.of);
  const voted = (least: number) => memory.votes.filter((vote) => vote >= least).length / settings.deviation.needed;
  const shares = statistic === 'CUSUM' ? shift.contributions : distances.contributions;
  return {
    statistic,
    share: Number(share.toPrecision(4)),
    // As shares of the limits before these were lifted: what the tails learn.
    of: { range: t * lift.range, relation: Math.max(q, shift.share) * lift.relation },
    alarm,
    standing: memory.standing,
    progress: { relation: voted(2), any: voted(1) },
    parts: row
      .map(({ name, group: kind, z }, i) => ({
        name,
        group: kind,
        z: rounded(z),
        share: Number((shares[i] ?? 0).toPrecision(3)),
      }))
      .sort((a, b) => b.share - a.share),
  };
}

function memoryFor(regime: RegimeBaselines, row: readonly JointValue[]): JointMemory {
  const known = regime.joint;
  if (known && known.names.length === row.length && known.names.every((name, i) => name === row[i]!.name)) return known;
  regime.joint = newJointMemory(row.map(({ name }) => name));
  return regime.joint;
}

/** Nobody took it for a fault and nothing else did: what stands now is how it is. */
function startAgain(memory: JointMemory): void {
  Object.assign(memory, newJointMemory(memory.names));
}

/**
 * CUSUM of what the usual directions leave over, a step with each short mean: whitened there and turned back, so that each
 * element of the sum belongs to one value, and a model that was worked out anew goes on with the same sum.
 *
 * @param newest the newest short mean, and how far it lies out the way the values usually move
 */
function shiftOf(
  memory: JointMemory,
  model: SensorGroupModel,
  newest: { readonly mean: readonly number[]; readonly usual: number },
  lift: number,
  span: number,
): { share: number; contributions: readonly number[] } {
  const directions = model.vectors.length - model.components;
  if (directions === 0) return { share: 0, contributions: [] };
  const limit = decision(directions) * lift;
  memory.sinceShift += 1;
  const isDue = memory.sinceShift >= span;
  if (isDue) memory.sinceShift = 0;
  const step = isDue ? leftOver(model, newest.mean) : memory.names.map(() => Number.NaN);
  const slack = allowance(directions) + (UNKNOWN_SHARE / Math.sqrt(LEAST_VARIANCE)) * newest.usual;
  const { share, contributions } = groupCusumStep(memory.cusum, step, slack, limit);
  if (isDue)
    memory.cusum.sum = memory.cusum.sum.map((sum) => rounded(share > CUSUM_MOST ? (sum * CUSUM_MOST) / share : sum));
  return { share: Math.min(share, CUSUM_MOST), contributions };
}

/** How far a short mean lies out the way the values usually move, in their own spreads. */
function alongUsual(model: SensorGroupModel, mean: readonly number[]): number {
  let sum = 0;
  for (const vector of model.vectors.slice(0, model.components))
    sum += vector.reduce((along, v, s) => along + (v * (mean[s]! - model.centre[s]!)) / model.scale[s]!, 0) ** 2;
  return Math.sqrt(sum);
}

function leftOver(model: SensorGroupModel, mean: readonly number[]): number[] {
  const away = mean.map((z, s) => (z - model.centre[s]!) / model.scale[s]!);
  const white = away.map(() => 0);
  for (let k = model.components; k < model.vectors.length; k++) {
    const vector = model.vectors[k]!;
    const along =
      vector.reduce((sum, v, s) => sum + v * away[s]!, 0) / Math.sqrt(Math.max(model.values[k]!, LEAST_VARIANCE));
    vector.forEach((v, s) => {
      white[s]! += v * along;
    });
  }
  return white;
}
