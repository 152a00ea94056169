import { NEVER } from './dependentLists.ts';
import { type CiCard, DAY_MS, type Projection } from './projection.ts';
import { NOBODY, type Propagator } from './propagator.ts';

/** From so many days on a relation that no source has seen again makes what rests on it uncertain. */
const UNCERTAIN_AFTER_DAYS = 30;

/** A step of a cause chain that may no longer be: no source has seen the relation for long. */
export interface UnseenStep {
  readonly days: number;
  /** The one that fails. */
  readonly provider: CiCard;
  readonly dependent: CiCard;
}

/**
 * Of each cause chain, the step that was not seen for longest; null where all were seen of late, or nobody tells. Of
 * several relations that make one step the one that was seen last counts.
 *
 * @param places of the services that the chains lead to, in the run that the propagator has just done
 * @remarks O(steps + rows of those that fail); nothing where no relation of the graph is that old
 */
export function longestUnseen(
  { lists, cards }: Projection,
  { queue, cause }: Propagator,
  places: readonly number[],
  nowMs: number,
): (UnseenStep | null)[] {
  const today = Math.floor(nowMs / DAY_MS);
  if (today - lists.oldestDay < UNCERTAIN_AFTER_DAYS) return places.map(() => null);
  const dayOfStep = stepDays();
  const worst = new Map<number, UnseenStep | null>();
  const worstOn = (place: number): UnseenStep | null => {
    const open: number[] = [];
    let at = place;
    for (; cause[at] !== NOBODY && !worst.has(at); at = cause[at]!) open.push(at);
    let known = worst.get(at) ?? null;
    for (const step of open.reverse()) {
      const day = dayOfStep.get(step) ?? NEVER;
      const days = today - day;
      if (day !== NEVER && days >= UNCERTAIN_AFTER_DAYS && days > (known?.days ?? 0)) {
        known = { days, provider: cards[queue[cause[step]!]!]!, dependent: cards[queue[step]!]! };
      }
      worst.set(step, known);
    }
    return known;
  };
  return places.map(worstOn);

  /** By place, of those on the chains: the last day on which the step to it was seen. Reads each row once. */
  function stepDays(): Map<number, number> {
    const byProvider = new Map<number, Map<number, number>>();
    const noted = new Set<number>();
    for (const last of places) {
      for (let place = last; cause[place] !== NOBODY && !noted.has(place); place = cause[place]!) {
        noted.add(place);
        const provider = queue[cause[place]!]!;
        const dependents = byProvider.get(provider) ?? new Map<number, number>();
        byProvider.set(provider, dependents.set(queue[place]!, place));
      }
    }
    const found = new Map<number, number>();
    for (const [provider, dependents] of byProvider) {
      lists.eachSeen(provider, (dependent, day) => {
        const place = dependents.get(dependent);
        if (place !== undefined) found.set(place, Math.max(day, found.get(place) ?? NEVER));
      });
    }
    return found;
  }
}

/** For people. */
export function unseenInWords({ days, provider, dependent }: UnseenStep): string {
  return `impact uncertain: edge ${provider.name} → ${dependent.name} unseen for ${days} days`;
}
