import type { Finding } from './finding.ts';
import type { BearingFault, Harmonic, Rejection } from './types.ts';

/** What one spectrum says of a bearing. */
export interface BearingVerdict {
  readonly fault: BearingFault | null;
  readonly confidence: number;
  readonly harmonics: readonly Harmonic[];
  readonly sidebands: readonly Harmonic[];
  readonly rejected: readonly Rejection[];
  /** A fault was suspected and neither named nor cleared. */
  readonly undecided: boolean;
  /** The lines repeat with the cage, whichever part is named for it. */
  readonly byCageRate?: boolean | undefined;
  /** One finding a sentence. */
  readonly reason: readonly Finding[];
}
