import type { Fault as NamedFault, SeverityZone } from '../diagnosis/types.ts';
import type { FeatureBaseline } from './baseline.ts';
import type { ChangeMemory } from './changeMemory.ts';
import type { JointMemory } from './joint/jointMemory.ts';
import type { LevelTrack } from './rise/levelTrack.ts';
import type { RiseMemory } from './rise/rise.ts';
import type { SpotState } from './streams/spot.ts';

/** A named fault, one that a level alone can tell, or `sensor`: not the machine's fault but the measurement's. */
export type FaultName = NamedFault | 'lubrication' | 'severity' | 'deviation' | 'sensor';
export type Level = 'warning' | 'serious';

/** Kinds of evidence that count once each, however many features of the kind deviate. */
export const EVIDENCE_GROUPS = ['level', 'shape', 'model', 'reading'] as const;
export type EvidenceGroup = (typeof EVIDENCE_GROUPS)[number];

/** Why an observation was looked at but not judged. Said aloud: a gate is an abstention, not a clean bill. */
export const GATES = [
  'stopped',
  'start-up',
  'maintenance',
  'quality',
  'sensor',
  'late',
  'speed-change',
  'load-change',
] as const;
export type Gate = (typeof GATES)[number];

/** What one observation voted for. Only the latest few are kept. */
export interface Vote {
  /** Fault that geometry named, if any. */
  fault: NamedFault | null;
  groups: EvidenceGroup[];
  zone: SeverityZone | null;
  serious: boolean;
}

/** Where a machine stands while it runs; what is not known is null. */
export interface RegimePlace {
  /** A state of the machine that somebody has declared: a product, a recipe, a gear. */
  mode: string | null;
  speedLn: number | null;
  loadPercent: number | null;
  temperatureC: number | null;
}

/** Baselines of one operating regime: a cluster of places. */
export interface RegimeBaselines {
  /** Stable for the life of the point; never given twice. */
  key: string;
  place: RegimePlace;
  /** Times met, up to the centre's memory. */
  met: number;
  /** `state.sequence` when last met; the least recently met regime is dropped when there are too many. */
  lastMet: number;
  features: Record<string, FeatureBaseline>;
  /** Levels followed for rises; absent where none is. */
  rises?: Record<string, LevelTrack>;
  /** What several values are together; absent where they never come together. */
  joint?: JointMemory;
}

/** The anomaly that this point has open, and which holds its baselines frozen. */
export interface OpenClaim {
  anomalyId: string;
  fault: FaultName;
  status: 'suspected' | 'confirmed';
  level: Level;
  /** Whether this point raised it, or hears what another point raised. */
  part: 'origin' | 'corroborates';
  /** How loudly the fault spoke when this was last written. */
  strength: number;
}

/** A fault that people said was none: it must speak louder than it did then. */
export interface Dismissal {
  fault: FaultName;
  /** Mean SNR of the harmonics (named faults) or deviation in z (others) at the time. */
  strength: number;
}

/** What is followed until the features of a point stop drifting. */
export interface Settling {
  cause: 'start-up' | 'speed-change' | 'load-change';
  sinceMs: number;
  seen: number;
  most: number;
  stride: number;
  /** Values by feature, in the scale's domain. */
  course: Record<string, number[]>;
}

/** Levels after a restart, until they are known to be the new normal or not. */
export interface Probation {
  left: number;
  values: Record<string, number[]>;
}

/** Everything the detector remembers of one point. Plain, serialisable and bounded. */
export interface DetectorState {
  version: 2;
  sequence: number;
  /** Device time of the newest observation, ms; older ones are history and are not judged. */
  newestMs: number | null;
  /** Where the machine stood at the newest observation. */
  at: { timeMs: number; speedRpm: number | null; loadPercent: number | null; mode: string | null } | null;
  /** Observations in a row that were transients. */
  transients: number;
  /** Pauses between observations. */
  pauses: { usualMs: number; longestMs: number; count: number };
  settling: Settling | null;
  probation: Probation | null;
  regimes: RegimeBaselines[];
  /** Number of the next regime's name. */
  nextRegime: number;
  votes: Vote[];
  /** Observations since the last one that supported the open suspicion. */
  quiet: number;
  open: OpenClaim | null;
  dismissed: Dismissal[];
  /** How far undisturbed observations lie out; absent before the first that could be compared. */
  tail?: SpotState;
  /** Deviations beyond the fixed limit; they are learnt once the point is back, unless there were many in a row. */
  tailWaiting?: number[];
  /** What several values of undisturbed observations said together, as shares of the fixed limit. */
  jointTails?: { range: SpotState; relation: SpotState };
  /** When the level shifted; absent before the first observation that could be compared. */
  change?: ChangeMemory;
  /** Raised by false alarms: multiplies the deviation at which a feature speaks. 1..3 */
  caution: number;
  /** What was last seen of the levels that are followed. */
  sight?: RiseMemory;
}

export const MAX_VOTES = 16;
export const MAX_REGIMES = 8;
export const MAX_DISMISSALS = 8;

export function newDetectorState(): DetectorState {
  return {
    version: 2,
    sequence: 0,
    newestMs: null,
    at: null,
    transients: 0,
    pauses: { usualMs: 0, longestMs: 0, count: 0 },
    settling: null,
    probation: null,
    regimes: [],
    nextRegime: 1,
    votes: [],
    quiet: 0,
    open: null,
    dismissed: [],
    caution: 1,
  };
}
