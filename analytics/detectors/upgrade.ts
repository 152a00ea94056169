import { placeOfKey } from './placedRegime.ts';
import type { DetectorState, RegimeBaselines, RegimePlace } from './state.ts';
import { newDetectorState } from './state.ts';

/** A regime of version 1: bins of speed (10 %) and load (25 points), spelt out in its key. */
type FirstRegime = Omit<RegimeBaselines, 'place' | 'met'>;
type FirstState = Omit<DetectorState, 'version' | 'regimes'> & { version: 1; regimes: FirstRegime[] };

const NOWHERE: RegimePlace = { mode: null, speedLn: null, loadPercent: null, temperatureC: null };

/** Brings a state of an older version up to date, in place; its baselines stay what they were. */
export function upgrade(state: DetectorState): void {
  if (state.version === 2) return;
  const old = state as unknown as FirstState & { lastSpeedRpm?: number | null };
  const regimes = old.regimes.map((regime, i) => ({
    ...regime,
    key: `r${i + 1}`,
    place: placeOfKey(regime.key) ?? NOWHERE,
    met: 12,
  }));
  const { at: _at, ...fresh } = newDetectorState();
  const at =
    old.newestMs === null
      ? null
      : { timeMs: old.newestMs, speedRpm: old.lastSpeedRpm ?? null, loadPercent: null, mode: null };
  delete old.lastSpeedRpm;
  Object.assign(state, { ...fresh, ...old, version: 2, at, regimes, nextRegime: regimes.length + 1 });
}
