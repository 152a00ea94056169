import type { FailedState } from '../model/state.ts';
import type { CiCard, Projection } from './projection.ts';
import type { Propagator } from './propagator.ts';
import type { ProviderLists } from './providerLists.ts';

/** A CI that is said to be not ok. */
export interface Alarm {
  readonly node: number;
  readonly state: FailedState;
}

/** A CI whose failure would explain alarms. */
export interface RootCause extends CiCard {
  /** 0..1: share of the alarms that it explains, times how little silence it has to explain away. */
  readonly score: number;
  /** The alarms that would follow from its failure. */
  readonly explains: readonly CiCard[];
  /** CIs of the alarms' own types that would be down with it, and of which no alarm came. */
  readonly silent: number;
  /** Steps from it to the nearest alarm that it explains. */
  readonly distance: number;
}

export interface Explanation {
  /** By score, best first. */
  readonly causes: readonly RootCause[];
  /** The fewest of them, chosen greedily, that explain all that can be explained. */
  readonly together: readonly RootCause[];
}

/** Farther upstream is not searched: a cause is rarely that far, and a hub's upstream can be the whole graph. */
const MOST_CANDIDATES = 3_000;
/** A CI that should be down and is silent speaks against a cause, though less than an alarm speaks for it. */
const SILENCE_WEIGHT = 0.25;

/**
 * Which single failure explains a set of simultaneous alarms best: each CI upstream of them is failed in turn.
 *
 * A cause explains an alarm when its failure would put that CI into the state told, or a worse one. Only silence of CIs of
 * types that did raise alarms counts, for others may not be watched at all.
 *
 * @remarks one radius for each candidate, at most 3,000
 */
export function rootCauses(
  projection: Projection,
  propagator: Propagator,
  providers: ProviderLists,
  alarms: readonly Alarm[],
  most: number,
): Explanation {
  const stateOf = new Map(alarms.map((alarm) => [alarm.node, alarm.state]));
  const watched = new Set(alarms.map((alarm) => projection.cards[alarm.node]!.type));
  const { nodes } = providers.upstream(stateOf.keys(), MOST_CANDIDATES);
  const causes: RootCause[] = [];
  for (const node of nodes.slice(0, MOST_CANDIDATES)) {
    propagator.run([{ node, state: 'down' }]);
    const { queue, cause, downCount, reachedCount } = propagator;
    const explains: CiCard[] = [];
    let silent = 0;
    let distance = Number.POSITIVE_INFINITY;
    for (let place = 0; place < reachedCount; place += 1) {
      const reached = queue[place]!;
      const told = stateOf.get(reached);
      if (told === undefined) {
        if (place < downCount && reached !== node && watched.has(projection.cards[reached]!.type)) silent += 1;
      } else if (told === 'degraded' || place < downCount) {
        explains.push(projection.cards[reached]!);
        distance = Math.min(distance, stepsTo(cause, place));
      }
    }
    if (explains.length === 0) continue;
    const share = explains.length / stateOf.size;
    const score = share * (explains.length / (explains.length + SILENCE_WEIGHT * silent));
    causes.push({ ...projection.cards[node]!, score, explains, silent, distance });
  }
  causes.sort((a, b) => b.score - a.score || a.distance - b.distance || (a.key < b.key ? -1 : 1));
  return { causes: causes.slice(0, most), together: fewest(causes) };
}

function stepsTo(cause: Int32Array, place: number): number {
  let steps = 0;
  for (let at = cause[place]!; at >= 0; at = cause[at]!) steps += 1;
  return steps;
}

/** Greedy cover: again and again the cause that explains most of what is left; ties go to the better score. */
function fewest(causes: readonly RootCause[]): RootCause[] {
  const left = new Set(causes.flatMap((cause) => cause.explains.map((alarm) => alarm.ciId)));
  const chosen: RootCause[] = [];
  while (left.size > 0) {
    let best: RootCause | null = null;
    let gain = 0;
    for (const cause of causes) {
      const more = cause.explains.filter((alarm) => left.has(alarm.ciId)).length;
      if (more > gain) [best, gain] = [cause, more];
    }
    for (const alarm of best!.explains) left.delete(alarm.ciId);
    chosen.push(best!);
  }
  return chosen;
}
