import type { ScoredFeature } from './observation.ts';
import { type DetectorSettings, featureSettings, SCALAR_SETTINGS, WAVEFORM_SETTINGS } from './settings.ts';
import type { DetectorState, RegimeBaselines } from './state.ts';
import {
  newSpot,
  riskFor,
  SPOT_SETTINGS,
  type SpotSettings,
  type SpotState,
  spotLearn,
  spotLevel,
} from './streams/spot.ts';

/** One tail a point: deviations are in units of their own spread, so that all features and regimes share it. */
const TAIL: SpotSettings = { ...SPOT_SETTINGS, calibration: 200, capacity: 64, clusterGap: 3, estimator: 'moments' };
/** However heavy the tail, a deviation this many times the fixed limit speaks. */
const MOST_OF_FIXED = 2;

/**
 * The deviation at which a feature speaks. While the point has seen little it is the fixed one; then it is where the tail
 * of the point's own deviations leaves the chosen number of false alarms a month, never below what may still be learnt.
 * A deviation that somebody has set, for the point, a feature or a regime, holds as it is.
 */
export function limitOf(
  state: DetectorState,
  settings: DetectorSettings,
  feature: string,
  regime: Pick<RegimeBaselines, 'key' | 'place'>,
): number {
  const { deviationZ, admitZ } = featureSettings(settings, feature, regime);
  const isSet = deviationZ !== (settings.twoSided ? SCALAR_SETTINGS : WAVEFORM_SETTINGS).deviationZ;
  const level = isSet ? null : tailLevel(state.tail, state, settings);
  if (level === null) return deviationZ * state.caution;
  return Math.min(Math.max(level, admitZ), MOST_OF_FIXED * deviationZ) * state.caution;
}

/**
 * Where the tail of a statistic, which is a share of its fixed limit, leaves the chosen number of false alarms a month.
 *
 * @returns the fixed limit (1) while the tail has seen little or no budget is given
 */
export function tailLimit(
  tail: SpotState | undefined,
  state: Pick<DetectorState, 'pauses'>,
  settings: DetectorSettings,
  within: { readonly least: number; readonly most: number },
): number {
  const level = tailLevel(tail, state, settings);
  return level === null ? within.least : Math.min(Math.max(level, within.least), within.most);
}

/** Where a tail leaves the chosen number of false alarms a month; null while it has seen little or no budget is given. */
function tailLevel(
  tail: SpotState | undefined,
  { pauses }: Pick<DetectorState, 'pauses'>,
  { falseAlarmsPerMonth }: DetectorSettings,
): number | null {
  if (!tail || falseAlarmsPerMonth <= 0 || pauses.usualMs <= 0) return null;
  return spotLevel(tail, riskFor(falseAlarmsPerMonth, pauses.usualMs));
}

/** What several values said together stays unusual for as long as their mean: of such a while the highest counts. */
const JOINT_TAIL: SpotSettings = { ...TAIL, clusterGap: 16 };

/** Learns what several values of an undisturbed observation said together, as shares of the fixed limits. */
export function learnJointTails(state: DetectorState, { range, relation }: { range: number; relation: number }): void {
  state.jointTails ??= { range: newSpot(), relation: newSpot() };
  spotLearn(state.jointTails.range, Number(range.toPrecision(4)), JOINT_TAIL);
  spotLearn(state.jointTails.relation, Number(relation.toPrecision(4)), JOINT_TAIL);
}

/** Observations in a row beyond the fixed limit that are chance; more of them may be the beginning of a fault. */
const MOST_BY_CHANCE = 2;

/**
 * Learns how far an undisturbed observation lies out, by the feature that lies furthest. What lies beyond the fixed limit
 * waits until the point is back: a fault that begins must not lift the limit above itself.
 */
export function learnTail(state: DetectorState, settings: DetectorSettings, scored: readonly ScoredFeature[]): void {
  let furthest: number | null = null;
  for (const { group, z } of scored) {
    if (group === null || z === null) continue;
    furthest = Math.max(furthest ?? 0, settings.twoSided ? Math.abs(z) : z);
  }
  if (furthest === null) return;
  const waiting = state.tailWaiting ?? [];
  if (furthest > settings.deviationZ) {
    state.tailWaiting = [...waiting, Number(furthest.toPrecision(4))].slice(0, MOST_BY_CHANCE + 1);
    return;
  }
  state.tail ??= newSpot();
  if (waiting.length <= MOST_BY_CHANCE)
    for (const z of waiting) if (z <= MOST_OF_FIXED * settings.deviationZ) spotLearn(state.tail, z, TAIL);
  state.tailWaiting = [];
  spotLearn(state.tail, Number(furthest.toPrecision(4)), TAIL);
}
