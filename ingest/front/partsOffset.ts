/** Offsets in the parts' spool are told as numbers from here downwards. */
export const PARTS_BASE = -3;

/** Where a part's record ends in the parts' spool, of what `takeIn` returned. */
export function partsOffsetOf(taken: number): number {
  return PARTS_BASE - taken;
}
