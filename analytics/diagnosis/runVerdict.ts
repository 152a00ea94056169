import type { BearingVerdict } from './bearingVerdict.ts';
import type { BearingFault } from './types.ts';

/** What a run says of a bearing. */
export interface RunVerdict extends BearingVerdict {
  /** The fault whose lines stand highest, whether or not they suffice; null while none stands at all. */
  readonly leaning: BearingFault | null;
  /** The strongest fault's level over the one that it needs. */
  readonly share: number;
}

/** What a run says, and at which of its blocks it was asked. */
export interface Hearing {
  readonly atBlock: number;
  /** Reported speed, or the one that the run shows; null when it shows none. */
  readonly shaftHz: number | null;
  readonly verdict: RunVerdict | null;
}
