import type { RiseSight } from '../detectors/rise/rise.ts';
import { loudestSight } from '../detectors/rise/watch.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import type { FactsByPoint } from './analyseBlocks.ts';

/** Points whose last look lies within so many of this point's intervals count as looking at the same moment. */
const INTERVALS_APART = 2;

/** The points of a round by their machine; those that the CMDB does not know have no neighbours. O(points). */
export function byMachine(
  points: ReadonlyMap<string, PointMemory>,
  facts: FactsByPoint,
): ReadonlyMap<string, readonly Placed[]> {
  const known = [...points.values()].flatMap((point) => {
    const own = facts.get(point.pointKey);
    return own ? [{ point, machineId: own.machineId, assetId: own.assetId }] : [];
  });
  return Map.groupBy(known, ({ machineId }) => machineId);
}

interface Placed {
  readonly point: PointMemory;
  readonly assetId: string;
}

/**
 * What the other places of the machine have just seen of their levels. Points of the same component are no neighbours:
 * what one of them hears of the other is its own fault.
 *
 * @param machine the points of this one's machine, itself among them
 * @remarks Only points that are fed together with this one are known here; the others are not heard.
 */
export function neighbourSights(
  point: PointMemory,
  timeMs: number,
  assetId: string,
  machine: readonly Placed[],
): RiseSight[] {
  const before = point.detector.newestMs;
  if (before === null) return [];
  const reachMs = INTERVALS_APART * (timeMs - before);
  return machine.flatMap(({ point: { detector }, assetId: other }) => {
    if (other === assetId) return [];
    if (!detector.sight || Math.abs(timeMs - detector.sight.timeMs) > reachMs) return [];
    return loudestSight(detector.sight) ?? [];
  });
}

/** As a field of an observation; absent where nobody was heard, so that histories stay small. */
export function heard(neighbours: readonly RiseSight[]): { neighbours?: readonly RiseSight[] } {
  return neighbours.length > 0 ? { neighbours } : {};
}
