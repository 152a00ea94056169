import type { Tx } from '../../../platform/index.ts';
import type { ChangeOrigin } from '../assetGraph.ts';

/** One change in the making: the version that it will be, and the next free place in its history. */
export interface ChangeSession {
  readonly tx: Tx;
  readonly version: bigint;
  readonly origin: ChangeOrigin;
  readonly at: Date;
  seq: number;
  /** CIs and relations that were seen again as they stood, after a long time. */
  seen: number;
}
