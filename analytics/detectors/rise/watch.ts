import type { Observation } from '../observation.ts';
import { placeOf, regimeAt, regimeOf } from '../regime.ts';
import type { DetectorState } from '../state.ts';
import { newLevelTrack, settle } from './levelTrack.ts';
import { judgeRise, look, type Rise, type RiseMemory, type RiseSettings, type RiseSight } from './rise.ts';

/**
 * Looks at the levels of an observation, once: asked again for the same time it gives what it saw.
 *
 * Let all points of a machine look before any of them is judged, so that each knows what the others hear at the
 * same moment. Values kept apart by regime: a change of speed or load is no rise.
 */
export function lookAt(state: DetectorState, settings: RiseSettings, observation: Observation): RiseMemory | null {
  if (observation.gate) return null;
  if (state.sight && state.sight.timeMs === observation.timeMs) return state.sight;
  const place = placeOf(observation);
  const regime = regimeAt(state, place) ?? regimeOf(state, place);
  const sights: Record<string, RiseSight> = {};
  for (const { name, value, scale } of observation.features) {
    if (scale !== 'log' || !settings.levels.includes(name)) continue;
    regime.rises ??= {};
    regime.rises[name] ??= newLevelTrack();
    sights[name] = look(regime.rises[name], settings, observation.timeMs, value);
  }
  state.sight = { timeMs: observation.timeMs, sights };
  return state.sight;
}

/** The strongest rise that is believed at this observation; steps that no neighbour hears are adopted on the way. */
export function risen(state: DetectorState, settings: RiseSettings, observation: Observation): Rise | null {
  const seen = lookAt(state, settings, observation);
  if (!seen) return null;
  const regime = regimeAt(state, placeOf(observation));
  let strongest: Rise | null = null;
  for (const [feature, sight] of Object.entries(seen.sights)) {
    const track = regime?.rises?.[feature];
    if (!track) continue; // its regime has become part of another since it looked
    const kind = judgeRise(track, settings, sight, observation.neighbours ?? []);
    if (kind === null) continue;
    const z = sight.z ?? settings.large / settings.noiseFloor;
    if (!strongest || z > strongest.z) strongest = { feature, kind, z };
  }
  return strongest;
}

/** The sight a point gives its neighbours: of its levels the one that has risen most clearly. */
export function loudestSight(memory: RiseMemory | undefined): RiseSight | null {
  const sights = Object.values(memory?.sights ?? {});
  return sights.reduce<RiseSight | null>((most, s) => ((s.z ?? -Infinity) > (most?.z ?? -Infinity) ? s : most), null);
}

/** After a standstill or work on the machine the levels are learnt anew. */
export function settleLevels(state: DetectorState, settings: RiseSettings): void {
  for (const { rises } of state.regimes) for (const track of Object.values(rises ?? {})) settle(track, settings);
}
