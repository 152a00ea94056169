import type { Seen } from '../assetGraph.ts';
import { sparseArray } from './arrayText.ts';

/** What was seen this recently is not written again: staleness is told in days, and a row costs as much as a change. */
export const SEEN_AGAIN_AFTER_SECONDS = 12 * 3600;

/** Times that rows tell themselves, as sparse arrays. */
export function seenArrays(rows: readonly Seen[]): [firstSeenAt: string, lastSeenAt: string] {
  return [
    sparseArray(rows.map((row) => row.firstSeenAt?.toISOString())),
    sparseArray(rows.map((row) => row.lastSeenAt?.toISOString())),
  ];
}
