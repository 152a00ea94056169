import type { Said } from '../api.ts';

/** The shapes of the API's answers about thresholds. */
export interface Scope {
  machineClass: string | null;
  machineId: string | null;
  pointKey: string | null;
  feature: string | null;
  regime: string | null;
}

export interface Setting {
  name: string;
  kind: 'waveform' | 'reading';
  label: Said;
  meaning: Said;
  unit: string;
  min: number;
  max: number;
  whole: boolean;
  default: number | null;
  perFeature: boolean;
}

export interface Held {
  scope: Scope;
  value: number;
  changeId: string;
  author: string;
  reason: string;
  appliedAt: string;
}

export interface Effective {
  setting: string;
  value: number | null;
  source: 'point' | 'machine' | 'class' | 'tenant' | 'default';
  held: Held | null;
  narrower: Held[];
}

export interface PointThresholds {
  pointKey: string;
  kind: 'waveform' | 'reading';
  version: number;
  machine: { id: string; name: string; machineClass: string | null } | null;
  history: { fromMs: number; toMs: number; observations: number } | null;
  features: string[];
  regimes: string[];
  settings: Effective[];
}

export interface Edit {
  setting: string;
  scope: Scope;
  value: number | null;
}

export interface Score {
  alarms: number;
  alarmsPerMonth: number | null;
  undecided: number;
  caught: number;
  missed: number;
  falseAlarms: number;
  otherCauses: number;
  unknown: number;
  precision: number | null;
  recall: number | null;
}

export interface CurvePoint {
  atMs: number;
  value: number;
  upper: number | null;
  speaks: boolean;
}

export interface SimulationResult {
  points: number;
  observations: number;
  observationsPerSecond: number | null;
  current: { score: Score };
  proposed: { score: Score };
  anomalies: {
    anomalyId: string | null;
    order: string | null;
    fault: string | null;
    assetName: string | null;
    label: 'confirmed' | 'false_alarm' | 'other_cause' | null;
    toldMs: number;
    currentMs: number | null;
    proposedMs: number | null;
    earlierByMs: number | null;
  }[];
  features: { feature: string; current: { spoke: number } | null; proposed: { spoke: number } | null }[];
  series: { feature: string; current: CurvePoint[]; proposed: CurvePoint[] } | null;
}

export interface Simulation {
  id: string;
  status: 'waiting' | 'running' | 'finished' | 'failed';
  done: number;
  total: number;
  reason: string | null;
  result: SimulationResult | null;
}

export interface Change {
  id: string;
  status: 'proposed' | 'applied' | 'withdrawn';
  origin: 'person' | 'labels' | 'revert';
  author: string;
  reason: string;
  proposedAt: string;
  version: number | null;
  edits: { setting: string; scope: Scope; from: number | null; to: number | null }[];
}
