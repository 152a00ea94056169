import type { SensorState } from './sensorState.ts';
import { goodNeeded, PERSISTENCE, SENSOR_WINDOW } from './settings.ts';
import type { SeenSign, SensorSign } from './signs.ts';

export interface SensorVerdict {
  /** What is wrong with this observation, if anything. */
  readonly seen: SeenSign | null;
  /** Whether its data may be judged: no sign, and no fault that good data has yet to disprove. */
  readonly usable: boolean;
  readonly act: 'none' | 'raise' | 'clear';
  /** Share of the observations asked for that had the sign, 0..1. */
  readonly confidence: number;
}

/**
 * Remembers what one observation says about its sensor, and tells when that amounts to a fault or to its end. Changes
 * `state` in place; whoever raises the fault writes it to `state.open`.
 *
 * A muted sign still keeps its observation from being judged, for the data is no better; it raises nothing.
 */
export function judgeSensor(state: SensorState, seen: SeenSign | null): SensorVerdict {
  for (const past of state.seen) past.ago += 1;
  if (seen) state.seen.push({ ago: 0, sign: seen.sign });
  state.seen = state.seen.filter(({ ago }) => ago < SENSOR_WINDOW);
  state.good = seen ? 0 : state.good + 1;
  if (state.open) {
    const clear = state.good >= goodNeeded(state.open.sign);
    return { seen, usable: clear, act: clear ? 'clear' : 'none', confidence: 0 };
  }
  if (!seen) return { seen, usable: true, act: 'none', confidence: 0 };
  const { needed, of } = PERSISTENCE[seen.sign];
  const count = countOf(state, seen.sign, of);
  const raise = count >= needed && !state.muted.includes(seen.sign);
  return { seen, usable: false, act: raise ? 'raise' : 'none', confidence: Math.min(0.95, 0.6 + 0.35 * (count / of)) };
}

function countOf(state: SensorState, sign: SensorSign, of: number): number {
  return state.seen.filter((past) => past.sign === sign && past.ago < of).length;
}
