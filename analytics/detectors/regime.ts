import type { Observation } from './observation.ts';
import { type DetectorState, MAX_REGIMES, type RegimeBaselines, type RegimePlace } from './state.ts';

/** How far from its centre a regime reaches; vibration (∝ speed²) differs by at most a third inside one. */
const REACH = { speedLn: 0.08, loadPercent: 15, temperatureC: 15 } as const;
/** Centres nearer than this share of the reach are one regime. */
const MERGE_WITHIN = 0.5;
/** When there are too many regimes, neighbours up to so many reaches apart become one before any is forgotten. */
const MERGE_WHEN_FULL = 3;
/** Observations over which a centre averages: it settles where the machine mostly runs, and stays there. */
const CENTRE_MEMORY = 50;

/** Where the machine stands, as an observation tells. */
export function placeOf(
  observation: Pick<Observation, 'speedRpm' | 'loadPercent' | 'temperatureC' | 'mode'>,
): RegimePlace {
  const { speedRpm, loadPercent, temperatureC, mode } = observation;
  return {
    mode: mode ?? null,
    speedLn: speedRpm !== null && speedRpm > 0 ? Math.log(speedRpm) : null,
    loadPercent,
    temperatureC: temperatureC ?? null,
  };
}

/**
 * Distance of two places in reaches: 1 and less is the same regime. What a person has declared (the mode) must be equal,
 * and a place that does not know its speed is far from one that does.
 */
export function distance(a: RegimePlace, b: RegimePlace): number {
  if (a.mode !== b.mode) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (const key of ['speedLn', 'loadPercent', 'temperatureC'] as const) {
    const [x, y] = [a[key], b[key]];
    if ((x === null) !== (y === null)) return Number.POSITIVE_INFINITY;
    if (x !== null && y !== null) most = Math.max(most, Math.abs(x - y) / REACH[key]);
  }
  return most;
}

/** The baselines of the regime that holds, without making one. */
export function regimeAt(state: DetectorState, place: RegimePlace): RegimeBaselines | null {
  let nearest: RegimeBaselines | null = null;
  let least = Number.POSITIVE_INFINITY;
  // The older of two as near wins, so that an order of arrival decides nothing else.
  for (const regime of state.regimes) {
    const far = distance(regime.place, place);
    if (far < least) {
      least = far;
      nearest = regime;
    }
  }
  return least <= 1 ? nearest : null;
}

/**
 * The baselines of the regime that holds, made when first met. Regimes are clusters that form as places are met: their
 * number is bounded, their names are never given twice, and equal observations give equal regimes.
 */
export function regimeOf(state: DetectorState, place: RegimePlace): RegimeBaselines {
  const known = regimeAt(state, place);
  if (!known) {
    const fresh: RegimeBaselines = {
      key: `r${state.nextRegime++}`,
      place,
      met: 1,
      lastMet: state.sequence,
      features: {},
    };
    state.regimes.push(fresh);
    while (state.regimes.length > MAX_REGIMES) makeRoom(state, fresh);
    return state.regimes.find((regime) => regime.key === fresh.key) ?? regimeAt(state, place) ?? fresh;
  }
  known.lastMet = state.sequence;
  known.met = Math.min(CENTRE_MEMORY, known.met + 1);
  known.place = between(known.place, place, 1 / known.met);
  const near = state.regimes.find((other) => other !== known && distance(other.place, known.place) < MERGE_WITHIN);
  return near ? merge(state, near, known) : known;
}

/** Old regimes are rounded as numbers are, so that a state does not grow by digits. */
function between(from: RegimePlace, to: RegimePlace, share: number): RegimePlace {
  const step = (a: number | null, b: number | null) =>
    a === null || b === null ? a : Number((a + (b - a) * share).toPrecision(6));
  return {
    mode: from.mode,
    speedLn: step(from.speedLn, to.speedLn),
    loadPercent: step(from.loadPercent, to.loadPercent),
    temperatureC: step(from.temperatureC, to.temperatureC),
  };
}

function makeRoom(state: DetectorState, spared: RegimeBaselines): void {
  let pair: [RegimeBaselines, RegimeBaselines] | null = null;
  let least = MERGE_WHEN_FULL;
  state.regimes.forEach((a, i) => {
    for (const b of state.regimes.slice(i + 1)) {
      const far = distance(a.place, b.place);
      if (far < least) {
        least = far;
        pair = [a, b];
      }
    }
  });
  if (pair) {
    merge(state, ...(pair as [RegimeBaselines, RegimeBaselines]));
    return;
  }
  const others = state.regimes.filter((regime) => regime !== spared);
  const oldest = others.reduce((a, b) => (b.lastMet < a.lastMet ? b : a));
  state.regimes.splice(state.regimes.indexOf(oldest), 1);
}

/** Two regimes become the older one: its name, the middle of both places, and of each feature the longer past. */
function merge(state: DetectorState, one: RegimeBaselines, other: RegimeBaselines): RegimeBaselines {
  const [kept, gone] = state.regimes.indexOf(one) < state.regimes.indexOf(other) ? [one, other] : [other, one];
  kept.place = between(kept.place, gone.place, gone.met / (kept.met + gone.met));
  kept.met = Math.min(CENTRE_MEMORY, kept.met + gone.met);
  kept.lastMet = Math.max(kept.lastMet, gone.lastMet);
  for (const [name, baseline] of Object.entries(gone.features)) {
    const own = kept.features[name];
    if (!own || own.offered < baseline.offered) kept.features[name] = baseline;
  }
  if (gone.rises) kept.rises = { ...gone.rises, ...kept.rises };
  if (gone.joint && (kept.joint?.offered ?? 0) < gone.joint.offered) kept.joint = gone.joint;
  state.regimes.splice(state.regimes.indexOf(gone), 1);
  return kept;
}
