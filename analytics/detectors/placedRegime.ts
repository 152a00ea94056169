import type { RegimeBaselines, RegimePlace } from './state.ts';

/** Steps of the speed (natural logarithm) and the load that a spelt-out place is told in. */
const STEP = { speedLn: 0.1, loadPercent: 25 } as const;
/** How far from it a regime's centre may lie and still be the one that was meant: half a step, and what a centre drifts. */
const REACH = 0.6;
const SPELLING = /^n(\d+|\?)l(-?\d+|\?)$/;

/**
 * The place that a regime's key of the first kind spells out: `n73l3` is a speed of e^7.3 rpm at 75 % load, `?` unknown.
 *
 * @returns null for any other key, such as the `r1` of today
 */
export function placeOfKey(key: string): RegimePlace | null {
  const [, speed, load] = SPELLING.exec(key) ?? [];
  if (speed === undefined || load === undefined) return null;
  const number = (text: string, step: number) => (text === '?' ? null : Number(text) * step);
  return {
    mode: null,
    speedLn: number(speed, STEP.speedLn),
    loadPercent: number(load, STEP.loadPercent),
    temperatureC: null,
  };
}

/**
 * Whether a threshold that names a regime means this one: by its key, which is one point's own; or by a place, which holds
 * for points of a machine or class alike. Thresholds of the time when keys spelt out their places go on holding.
 */
export function isRegimeNamed(name: string, { key, place }: Pick<RegimeBaselines, 'key' | 'place'>): boolean {
  if (name === key) return true;
  const meant = placeOfKey(name);
  if (!meant) return false;
  return (['speedLn', 'loadPercent'] as const).every((of) => {
    const [there, here] = [meant[of], place[of]];
    if (there === null || here === null) return there === here;
    return Math.abs(there - here) <= REACH * STEP[of];
  });
}
