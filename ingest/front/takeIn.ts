import { type AcceptingSpool, SPOOL_FULL } from '../spool/index.ts';
import type { FrontCounts } from './counts.ts';
import { PARTS_BASE } from './partsOffset.ts';
import type { IngestTarget } from './targets.ts';

/** The message leaves nothing to be stored: it may be acknowledged with what came before it. */
export const NOTHING_TO_KEEP = -2;

/**
 * Takes one message into the spool: the one way in, for the front, for wills, and for a remote broker's consumer. A part of a
 * large block goes to the parts' own spool first.
 *
 * @returns where its record ends (durable once the spool says so), `SPOOL_FULL` (offer it again), `NOTHING_TO_KEEP`, or below
 *   that an offset in the parts' spool (`partsOffsetOf`)
 */
export function takeIn(
  spool: AcceptingSpool,
  counts: Pick<FrontCounts, 'messages' | 'units' | 'payloadBytes'>,
  target: IngestTarget,
  arrivalNs: bigint,
  duplicate: boolean,
  source: Buffer,
  start: number,
  end: number,
): number {
  const { look, origin } = target;
  let endOffset: number;
  let units: number;
  const part = target.takePart?.(arrivalNs, source.subarray(start, end), duplicate) ?? null;
  if (part !== null) {
    if (part === SPOOL_FULL) return SPOOL_FULL;
    units = 0; // the block counts, once it is whole
    endOffset = PARTS_BASE - part;
  } else if (look === null) {
    units = target.format.count(source, start, end);
    endOffset = spool.appendSlice(origin, arrivalNs, units, duplicate, source, start, end);
    if (endOffset === SPOOL_FULL) return SPOOL_FULL;
  } else {
    const { record, kept, ...looked } = look(source.subarray(start, end), duplicate);
    units = looked.units;
    endOffset =
      record === null
        ? NOTHING_TO_KEEP
        : spool.appendSlice(origin, arrivalNs, units, duplicate, record, 0, record.length);
    if (endOffset === SPOOL_FULL) return SPOOL_FULL;
    kept();
  }
  counts.messages++;
  counts.units += units;
  counts.payloadBytes += end - start;
  return endOffset;
}
