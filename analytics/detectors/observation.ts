import type { Diagnosis, Harmonic, SeverityZone } from '../diagnosis/types.ts';
import type { FeatureScale } from './baseline.ts';
import type { Shift } from './changeMemory.ts';
import type { Joint, JointValue } from './joint/joint.ts';
import type { Rise, RiseSight } from './rise/rise.ts';
import type { EvidenceGroup, FaultName, Gate, Level } from './state.ts';

/** One number that is compared with its own past. */
export interface Feature {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly scale: FeatureScale;
  /** null: recorded and compared, but it never speaks (a model in shadow). */
  readonly group: EvidenceGroup | null;
}

/** What the detector looks at of a diagnosis. */
export type NamedEvidence = Pick<Diagnosis, 'fault' | 'confidence' | 'cannotTell' | 'blocks'> & {
  readonly harmonics: readonly Pick<Harmonic, 'snrDb'>[];
};

/** What a block or a reading says, before it is judged. */
export interface Observation {
  readonly timeMs: number;
  readonly gate: Gate | null;
  readonly speedRpm: number | null;
  readonly loadPercent: number | null;
  /** What else defines the machine's regime, where it declares it. */
  readonly temperatureC?: number | null | undefined;
  readonly mode?: string | null | undefined;
  /** How long the machine says that it takes to a steady state; absent: it is learnt. */
  readonly startUpMs?: number | undefined;
  readonly features: readonly Feature[];
  /** Verdict of the geometry over the accumulated blocks; null for readings. */
  readonly diagnosis: NamedEvidence | null;
  readonly zone: SeverityZone | null;
  /** false: compared with the past, and no part of it later. */
  readonly teaches?: boolean | undefined;
  /** What the machine's other points see of their levels now; absent where they are not known. */
  readonly neighbours?: readonly RiseSight[];
  /** What other plain readings of the machine have just said, where each had something new to say; else absent. */
  readonly companions?: readonly JointValue[];
}

/** One feature beside its baseline. */
export interface ScoredFeature extends Feature {
  readonly z: number | null;
  /** Times (log features) or units (linear ones) above the centre; null while learning. */
  readonly shift: number | null;
  readonly centre: number | null;
  /** Value above which the feature speaks, in its own unit. */
  readonly upper: number | null;
  readonly speaks: boolean;
}

/** What the evidence amounts to. */
export interface Claim {
  readonly fault: FaultName;
  /** joint: several values together, each of which may lie within its own limits. */
  readonly basis: 'agreement' | 'geometry' | 'deviation' | 'joint' | 'severity' | 'sensor';
  readonly confidence: number;
  readonly level: Level;
  /** What a later dismissal is remembered by. */
  readonly strength: number;
}

export type Outcome = 'well' | 'learning' | 'gated' | 'cannot-tell' | 'watching' | 'suspected' | 'confirmed';

/** The judgement of one observation. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly gate: Gate | null;
  readonly regime: string | null;
  readonly coldStart: boolean;
  readonly scored: readonly ScoredFeature[];
  /** What to do about it, if anything. */
  readonly act: 'none' | 'suspect' | 'confirm' | 'escalate' | 'refine' | 'fade';
  readonly claim: Claim | null;
  /** A level that has risen out of its recent past, whatever it was believed to be worth. */
  readonly rise: Rise | null;
  /** What several values said together; null where they did not come together, or their past is too short. */
  readonly joint: Joint | null;
  /** The level that people know has shifted and stays. */
  readonly shift: Shift | null;
  readonly frozen: boolean;
}
