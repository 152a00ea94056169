import { newSpot, type SpotSettings, type SpotState, type SpotVerdict, spotStep } from './spot.ts';

/** Memory of DSPOT: the latest undisturbed values, and SPOT on what is left once their mean is taken off. */
export interface DriftSpotState {
  /** The latest `depth` values that were not alarms, oldest first. */
  recent: number[];
  spot: SpotState;
}

export function newDriftSpot(): DriftSpotState {
  return { recent: [], spot: newSpot() };
}

/**
 * One step of DSPOT: SPOT on the value less the mean of the `depth` undisturbed values before it, so that a slow drift
 * is followed and only what leaves its own neighbourhood is an alarm. Upper side. Changes the state in place.
 *
 * @param depth how many values make the neighbourhood, ≥ 1; the first `depth` values are `learning`
 * @see A. Siffer et al., Anomaly detection in streams with extreme value theory, KDD 2017, section 4.3
 */
export function driftSpotStep(
  state: DriftSpotState,
  value: number,
  depth: number,
  settings: SpotSettings,
): SpotVerdict {
  if (!Number.isFinite(value)) return { kind: 'learning', probability: 1 };
  if (state.recent.length < depth) {
    state.recent.push(value);
    return { kind: 'learning', probability: 1 };
  }
  const mean = state.recent.reduce((sum, x) => sum + x, 0) / state.recent.length;
  const verdict = spotStep(state.spot, value - mean, settings);
  if (verdict.kind !== 'alarm') {
    state.recent.shift();
    state.recent.push(value);
  }
  return verdict;
}
