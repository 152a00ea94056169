import type { Observation } from './observation.ts';
import type { DetectorState, Gate } from './state.ts';

/** A larger step between two observations is a transient: neither regime describes the second one. */
const SPEED_STEP_SHARE = 0.03;
const LOAD_STEP_PERCENT = 10;
/** After so long whatever changed has settled. */
const SETTLED_AFTER_MS = 10 * 60_000;
/** A drive that hunts without end is judged after so many: its regime is then the hunting. */
const MOST_IN_A_ROW = 3;

/** Whether speed or load moved so much since the observation before that this one belongs to no regime. */
export function transientOf(state: DetectorState, observation: Observation): 'speed-change' | 'load-change' | null {
  const { at, transients } = state;
  if (!at || transients >= MOST_IN_A_ROW || observation.timeMs - at.timeMs > SETTLED_AFTER_MS) return null;
  const { speedRpm, loadPercent, mode } = observation;
  if (at.speedRpm && speedRpm && Math.abs(speedRpm / at.speedRpm - 1) > SPEED_STEP_SHARE) return 'speed-change';
  const isLoad = at.loadPercent !== null && loadPercent !== null;
  if (isLoad && Math.abs(loadPercent - at.loadPercent!) > LOAD_STEP_PERCENT) return 'load-change';
  return at.mode !== (mode ?? null) && at.mode !== null && mode ? 'load-change' : null;
}

/** Remembers where the machine stood. */
export function notePlace(state: DetectorState, observation: Observation, gate: Gate | null): void {
  const { timeMs, speedRpm, loadPercent, mode } = observation;
  const before = state.at;
  state.at = {
    timeMs,
    speedRpm: speedRpm ?? before?.speedRpm ?? null,
    loadPercent: loadPercent ?? before?.loadPercent ?? null,
    mode: mode ?? before?.mode ?? null,
  };
  state.transients = gate === 'speed-change' || gate === 'load-change' ? state.transients + 1 : 0;
}
