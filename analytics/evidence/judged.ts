import type { Claim, Verdict } from '../detectors/observation.ts';
import type { BlockAnalysis, Diagnosis, DiagnosisState } from '../diagnosis/index.ts';
import type { PointFacts } from '../facts/machineFacts.ts';
import type { RecentBlock } from '../store/pointMemory.ts';
import type { ModelAnswer } from '../worker/askModels.ts';
import type { Company } from '../worker/companions.ts';

/** One judged observation of a point, with all that was known when it was judged. */
export interface Judged {
  readonly pointKey: string;
  readonly facts: PointFacts | null;
  readonly verdict: Verdict;
  readonly claim: Claim;
  /** null for a plain reading. */
  readonly analysis: BlockAnalysis | null;
  readonly diagnosis: Diagnosis | null;
  /** What the diagnosis rests on; without it the card shows the last block's envelope alone. */
  readonly accumulated?: DiagnosisState | null | undefined;
  readonly loadPercent: number | null;
  /** The plain readings that were judged together with this one. */
  readonly company?: Company | null;
  /** What models said of the block. */
  readonly models: readonly ModelAnswer[];
  readonly recentBlocks: readonly RecentBlock[];
}
