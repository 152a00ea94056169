/** The shapes of the API's answers about models; only what the page shows. */
export type Stage = 'shadow' | 'live' | 'retired';

export type Scope = { kind: 'all' } | { kind: 'class' | 'machine' | 'point'; key: string };

export interface Contract {
  purpose: string;
  input: { definition: string; features: { name: string }[] };
  output: { kind: 'score'; name: string; unit: string } | { kind: 'classes'; name: string; classes: string[] };
  samplingRateHz: { min: number; max: number };
  windowSamples: { min: number };
  training: { data: string; licence: string; rows: number };
  validation: Record<string, number>;
}

export interface Model {
  id: string;
  name: string;
  version: string;
  sha256: string;
  origin: 'shipped' | 'uploaded' | 'fitted';
  stages: { scope: Scope; stage: Stage; since: string | null }[];
  contract: Contract;
  report: { p99Us: number } | null;
}

export interface Drift {
  reference: 'training' | 'baseline';
  rows: number;
  state: 'learning' | 'stable' | 'watch' | 'drifted';
  inputs: { name: string; index: number | null }[];
}

export interface Agreement {
  observations: number;
  bothSpeak: number;
  bothSilent: number;
  onlyModel: number;
  onlyFault: number;
  share: number | null;
}

export interface Step {
  id: string;
  scope: Scope;
  from: Stage | null;
  to: Stage;
  author: string;
  reason: string;
  at: string;
}

export interface Fit {
  id: string;
  status: 'waiting' | 'running' | 'finished' | 'failed';
  percent: number;
  rows: number | null;
  reason: string | null;
}
