import type { Propagator } from './propagator.ts';
import type { Alarm } from './rootCauses.ts';

/**
 * Which of several CIs that are not well are so because others of them are: one failure has one cause to work on, however
 * many alarms it raises.
 *
 * A CI is a symptom of another when the other's failure alone would put it into its state or a worse one. Of CIs that
 * explain one another, as in a ring, the first given counts as the cause.
 *
 * @param failures the CIs and their states, in the order in which they would be believed
 * @returns the cause of each symptom, by place in `failures`; causes are left out
 * @remarks one radius for each failure
 */
export function symptoms(propagator: Propagator, failures: readonly Alarm[]): ReadonlyMap<number, number> {
  const placeOf = new Map(failures.map(({ node }, place) => [node, place]));
  const explains = failures.map((failure) => explainedBy(propagator, failure, failures, placeOf));
  const isCause = failures.map((_, place) =>
    explains.every((reached, other) => !reached.has(place) || (explains[place]!.has(other) && place <= other)),
  );
  const causeOf = new Map<number, number>();
  for (const [place] of failures.entries()) {
    if (isCause[place]) continue;
    const cause = explains.findIndex((reached, other) => isCause[other] && reached.has(place));
    if (cause >= 0) causeOf.set(place, cause);
  }
  return causeOf;
}

function explainedBy(
  propagator: Propagator,
  failure: Alarm,
  failures: readonly Alarm[],
  placeOf: ReadonlyMap<number, number>,
): ReadonlySet<number> {
  propagator.run([failure]);
  const { queue, downCount, reachedCount } = propagator;
  const explained = new Set<number>();
  for (let place = 0; place < reachedCount; place += 1) {
    const other = placeOf.get(queue[place]!);
    if (other === undefined) continue;
    if (place < downCount || failures[other]!.state === 'degraded') explained.add(other);
  }
  return explained;
}
