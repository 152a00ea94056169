import { type DetectorState, MAX_REGIMES, type RegimeBaselines } from './state.ts';

/** Width of a speed bin: 10 %, so that vibration (∝ speed²) differs by at most a fifth inside one. */
const SPEED_BIN_LN = 0.1;
const LOAD_BIN_PERCENT = 25;
/** A larger step between two blocks is a transient: neither regime describes the second block. */
const SPEED_STEP_SHARE = 0.03;

/** Names the operating regime. Unknown speed or load is a regime of its own. */
export function regimeKey(speedRpm: number | null, loadPercent: number | null): string {
  const speed = speedRpm && speedRpm > 0 ? `n${Math.round(Math.log(speedRpm) / SPEED_BIN_LN)}` : 'n?';
  const load = loadPercent === null ? 'l?' : `l${Math.round(loadPercent / LOAD_BIN_PERCENT)}`;
  return `${speed}${load}`;
}

/** Whether the speed moved so much since the block before that this one is a transient. */
export function isSpeedChange(before: number | null, now: number | null): boolean {
  if (!before || !now) return false;
  return Math.abs(now / before - 1) > SPEED_STEP_SHARE;
}

/** The baselines of the regime that holds, without making one. */
export function regimeAt(
  state: DetectorState,
  speedRpm: number | null,
  loadPercent: number | null,
): RegimeBaselines | null {
  const key = regimeKey(speedRpm, loadPercent);
  return state.regimes.find((regime) => regime.key === key) ?? null;
}

/** The baselines of a regime, made when first met; the least recently met one gives way. */
export function regimeOf(state: DetectorState, key: string): RegimeBaselines {
  const known = state.regimes.find((regime) => regime.key === key);
  if (known) {
    known.lastMet = state.sequence;
    return known;
  }
  const fresh: RegimeBaselines = { key, lastMet: state.sequence, features: {} };
  state.regimes.push(fresh);
  if (state.regimes.length > MAX_REGIMES) {
    const oldest = state.regimes.reduce((a, b) => (b.lastMet < a.lastMet ? b : a));
    state.regimes.splice(state.regimes.indexOf(oldest), 1);
  }
  return fresh;
}
