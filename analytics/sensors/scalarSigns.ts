import type { BaselineView } from '../detectors/baseline.ts';
import type { PlausibleRange } from '../facts/machineFacts.ts';
import type { SensorState } from './sensorState.ts';
import type { SeenSign } from './signs.ts';
import { unitStep } from './unitStep.ts';

export interface ScalarSurroundings {
  readonly unit: string;
  readonly range: PlausibleRange | null;
  /** The point's own normal in the regime that holds; null while it learns. */
  readonly normal: BaselineView | null;
}

/** Times that a value must have changed before its holding still means anything: a switch or a set-point rarely does. */
const STUCK_MIN_CHANGES = 30;
const STUCK_MIN_HELD = 20;
/** A hold this many times the longest so far is none of the point's habits. */
const STUCK_TIMES_LONGEST = 5;
const MAX_CHANGES = 1000;
/** A spike leaves by this many times its own normal spread, and both neighbours agree to within a fifth of its height. */
const SPIKE_SPREADS = 15;
const SPIKE_RETURN_SHARE = 0.2;
/** Readings this near to normal still are it. */
const STEP_FROM_SPREADS = 8;

/**
 * What a plain reading, with what its point has done before, says against its sensor. Updates the habits in `state`.
 *
 * Called only while the machine runs and nobody works on it: at rest many readings stand still.
 */
export function scalarSign(state: SensorState, value: number, around: ScalarSurroundings): SeenSign | null {
  const held = noteHold(state, value);
  const before = state.last.at(-1) ?? null;
  state.last = [...state.last, value].slice(-3);
  if (!Number.isFinite(value)) return { sign: 'non-finite', detail: { en: 'no number', zh: '非数值' } };
  return outOfRange(value, around) ?? held ?? unitOf(state, value, before, around) ?? spike(state, around.normal);
}

function noteHold({ hold }: SensorState, value: number): SeenSign | null {
  if (hold.value !== null && value !== hold.value) {
    const isStuck = isLongHold(hold);
    // What was a fault is no habit.
    if (!isStuck) hold.longest = Math.max(hold.longest, hold.held);
    hold.changes = Math.min(MAX_CHANGES, hold.changes + 1);
    hold.held = 0;
  }
  hold.value = Number.isFinite(value) ? value : null;
  hold.held += 1;
  if (!isLongHold(hold)) return null;
  const { held, longest } = hold;
  return {
    sign: 'stuck',
    detail: {
      en: `${value} for ${held} readings in a row; so far it never held a value for more than ${longest}`,
      zh: `连续 ${held} 次读数均为 ${value}；此前最长仅 ${longest} 次`,
    },
  };
}

function isLongHold({ held, longest, changes }: SensorState['hold']): boolean {
  return changes >= STUCK_MIN_CHANGES && held >= Math.max(STUCK_MIN_HELD, STUCK_TIMES_LONGEST * longest);
}

/** Whether the value has stood still for longer than ever: not yet a sign, and nothing to learn from either. */
export function isHoldingLong({ hold }: SensorState): boolean {
  return hold.changes >= STUCK_MIN_CHANGES && hold.held > Math.max(2, hold.longest);
}

function outOfRange(value: number, { range, unit }: ScalarSurroundings): SeenSign | null {
  if (!range) return null;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  if (value >= min && value <= max) return null;
  const limit = value < min ? min : max;
  const [en, zh] = value < min ? ['below', '低于'] : ['above', '高于'];
  return {
    sign: 'out-of-range',
    detail: { en: `${value} ${unit} is ${en} ${limit} ${unit}`, zh: `${value} ${unit} ${zh} ${limit} ${unit}` },
  };
}

/** A unit changes from one reading to the next; what rises through the same value on its way does not. */
function unitOf(
  state: SensorState,
  value: number,
  before: number | null,
  { normal, unit }: ScalarSurroundings,
): SeenSign | null {
  if (!normal) return null;
  const wasNormal = before === null || Math.abs(before - normal.centre) <= STEP_FROM_SPREADS * normal.scale;
  const goesOn = state.seen.at(-1)?.ago === 0 && state.seen.at(-1)?.sign === 'unit';
  if (!wasNormal && !goesOn && state.open?.sign !== 'unit') return null;
  const step = unitStep(value, normal.centre, normal.scale, unit);
  if (step === null) return null;
  return {
    sign: 'unit',
    detail: {
      en: `${value} is its normal ${normal.centre} ${unit} ${step.en}`,
      zh: `${value} 恰为常态 ${normal.centre} ${unit} ${step.zh}`,
    },
  };
}

/** Seen one reading late, when the value has come back. */
function spike({ last }: SensorState, normal: BaselineView | null): SeenSign | null {
  if (!normal || last.length < 3) return null;
  const [before, middle, after] = last as [number, number, number];
  const height = Math.min(Math.abs(middle - before), Math.abs(middle - after));
  if (height < SPIKE_SPREADS * normal.scale || Math.abs(after - before) > SPIKE_RETURN_SHARE * height) return null;
  return {
    sign: 'spikes',
    detail: { en: `${middle} between ${before} and ${after}`, zh: `${before} 与 ${after} 之间出现 ${middle}` },
  };
}
