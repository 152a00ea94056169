import type { RiseSight } from '../detectors/rise/rise.ts';
import { loudestSight } from '../detectors/rise/watch.ts';
import type { PointMemory } from '../store/pointMemory.ts';
import type { FactsByPoint } from './analyseBlocks.ts';

/** Points whose last look lies within so many of this point's intervals count as looking at the same moment. */
const INTERVALS_APART = 2;

/**
 * What the other places of the machine have just seen of their levels. Points of the same component are no neighbours:
 * what one of them hears of the other is its own fault.
 *
 * @remarks Only points that are fed together with this one are known here; the others are not heard.
 */
export function neighbourSights(
  point: PointMemory,
  timeMs: number,
  points: ReadonlyMap<string, PointMemory>,
  facts: FactsByPoint,
): RiseSight[] {
  const own = facts.get(point.pointKey);
  const before = point.detector.newestMs;
  if (!own || before === null) return [];
  const reachMs = INTERVALS_APART * (timeMs - before);
  return [...points.values()].flatMap(({ pointKey, detector }) => {
    const other = facts.get(pointKey);
    if (!other || other.machineId !== own.machineId || other.assetId === own.assetId) return [];
    if (!detector.sight || Math.abs(timeMs - detector.sight.timeMs) > reachMs) return [];
    return loudestSight(detector.sight) ?? [];
  });
}

/** As a field of an observation; absent where nobody was heard, so that histories stay small. */
export function heard(neighbours: readonly RiseSight[]): { neighbours?: readonly RiseSight[] } {
  return neighbours.length > 0 ? { neighbours } : {};
}
