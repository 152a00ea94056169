import type { Observation, Verdict } from '../../detectors/observation.ts';
import { observe } from '../../detectors/observe.ts';
import { lookAt, loudestSight } from '../../detectors/rise/watch.ts';
import type { DetectorSettings } from '../../detectors/settings.ts';
import { type DetectorState, newDetectorState } from '../../detectors/state.ts';

/** One point that is watched over its life, as the worker watches it: its memory, and the anomaly it has open. */
export interface Watched {
  readonly state: DetectorState;
  /** Index of the observation that confirmed an anomaly; null while none has. */
  alarmAt: number | null;
  /** What was believed then, as the figures name it. */
  reason: string;
  /** How loudly it spoke then: of points that alarm at the same moment the loudest is named. */
  strength: number;
}

export function newWatched(): Watched {
  return { state: newDetectorState(), alarmAt: null, reason: '', strength: 0 };
}

/**
 * Shows all points of a machine what they measured at one moment, and judges each with what its neighbours saw.
 *
 * @param observations one per point, in the points' order, all of the same time
 * @param neighboursOf indices of the points that are other places of the same machine
 */
export function watchTogether(
  points: readonly Watched[],
  settings: DetectorSettings,
  observations: readonly Observation[],
  index: number,
  neighboursOf: (point: number) => readonly number[],
): Verdict[] {
  const sights = points.map(({ state }, i) => {
    const confirmed = state.open?.status === 'confirmed';
    return confirmed ? null : loudestSight(lookAt(state, settings.rise, observations[i]!) ?? undefined);
  });
  return points.map((point, i) => {
    const neighbours = neighboursOf(i).flatMap((other) => sights[other] ?? []);
    const verdict = observe(point.state, settings, { ...observations[i]!, neighbours });
    carryOut(point, verdict, index);
    return verdict;
  });
}

/** What the worker does with a verdict, without its tables. */
function carryOut(point: Watched, { act, claim, rise }: Verdict, index: number): void {
  const { state } = point;
  if (act === 'fade') state.open = null;
  if (!claim || (act !== 'suspect' && act !== 'confirm')) return;
  const status = act === 'confirm' ? ('confirmed' as const) : ('suspected' as const);
  const { fault, level, strength } = claim;
  state.open = { anomalyId: '', fault, status, level, part: 'origin', strength };
  if (status === 'suspected') return;
  point.alarmAt = index;
  point.strength = strength;
  point.reason = rise ? `${rise.kind} rise` : fault;
}
