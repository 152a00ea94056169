import type { Said } from '../api.ts';

/** The shapes of the API's answers about anomalies; only what the page shows. */
export type Fault =
  | 'inner'
  | 'outer'
  | 'ball'
  | 'cage'
  | 'unbalance'
  | 'misalignment'
  | 'looseness'
  | 'gear'
  | 'electrical'
  | 'lubrication'
  | 'severity'
  | 'deviation'
  | 'sensor';

export interface Anomaly {
  id: string;
  pointKey: string;
  assetName: string;
  fault: Fault;
  level: 'warning' | 'serious';
  status: 'suspected' | 'confirmed' | 'closed';
  severityZone: string | null;
  confidence: number;
  firstSeenMs: number;
  confirmedMs: number | null;
}

export interface EvidenceCard {
  summary: Said;
  advice: Said;
  severityNote: Said | null;
  rejected: { fault: Fault; reason: Said }[];
  cannotTell: Said | null;
}

/** How long the asset lasts from `asOfMs` on, or why that is not told. */
export type RemainingLife =
  | {
      kind: 'interval';
      method: 'wiener-log-level';
      confidence: number;
      lowHours: number;
      medianHours: number;
      highHours: number | null;
      asOfMs: number;
    }
  | { kind: 'withheld'; reason: 'no-onset' | 'no-limit' | 'too-short' | 'no-trend' | 'past-limit' };
