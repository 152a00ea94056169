import type { Said } from '../api.ts';

export type State = 'ok' | 'degraded' | 'down';
export type FailedState = Exclude<State, 'ok'>;

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface CiBrief {
  id: string;
  key: string;
  type: string;
  name: string;
  status: string;
}

/** A CI that was searched for by words. */
export interface FoundCi extends CiBrief {
  highlights: { field: string; text: string; marks: { from: number; to: number }[] }[];
}

export interface Found extends Page<FoundCi> {
  total: number;
  /** What was searched for instead, when nothing has the words as they were written. */
  correctedTo: string | null;
}

export interface Ci extends CiBrief {
  attributes: Record<string, unknown>;
  version: string;
  sources: Record<string, string | null>;
  redacted: string[];
  modelVersion: number;
  firstSeenAt: string;
  lastSeenAt: string;
}

export type Impact = 'to-fails' | 'from-fails' | 'none';

export interface Neighbour {
  relationId: string;
  direction: 'out' | 'in';
  type: string;
  redundancyGroup: string | null;
  minUp: number | null;
  minUpPercent: number | null;
  weight: number | null;
  attributes: Record<string, unknown>;
  source: string | null;
  confidence: number;
  firstSeenAt: string;
  lastSeenAt: string;
  ci: CiBrief;
}

export interface PartCi extends CiBrief {
  state: State;
  own: FailedState | null;
  planned: boolean;
  distance: number;
  hidden: { providers: number; dependents: number; facts: number };
}

export interface PartRelation {
  id: string;
  type: string;
  fromId: string;
  toId: string;
  impact: Impact;
  redundancyGroup: string | null;
  confidence: number;
  lastSeenAt: string;
}

export interface PartGroup {
  ciId: string;
  group: string;
  up: number;
  members: number;
  minUp: number;
  weight: { up: number; all: number } | null;
}

export interface Part {
  graphVersion: string;
  healthVersion: string;
  cis: PartCi[];
  relations: PartRelation[];
  groups: PartGroup[];
  truncated: boolean;
}

/** What is supposed, on top of the present health. */
export interface Supposed {
  fail: { ci: string; state: FailedState }[];
  maintain: string[];
  restore: string[];
}

export interface CiCard {
  ciId: string;
  key: string;
  name: string;
  type: string;
}

export interface Step extends CiCard {
  state: FailedState;
}

export interface Owner {
  ciId: string;
  name: string;
  email: string | null;
  phone: string | null;
  role: 'accountable' | 'deputy';
}

export interface Life {
  p10Hours: number;
  p50Hours: number;
  p90Hours: number;
}

export interface Loss {
  servicesDown: number;
  servicesDegraded: number;
  costPerHour: number;
  users: number;
  costPerHourAtRisk: number;
  usersAtRisk: number;
}

export interface AffectedService {
  ciId: string;
  key: string;
  name: string;
  state: FailedState;
  criticality: number;
  costPerHour: number;
  users: number;
  planned: boolean;
  slaMinutesLeft: number | null;
  owners: Owner[];
  causeChain: Step[];
  redundancyLeft: string | null;
  redundancy: (PartGroup & { ciName: string }) | null;
  uncertainty: string | null;
  unseen: { days: number; provider: CiCard; dependent: CiCard } | null;
}

export interface Verdict {
  graphVersion: string;
  healthVersion: string;
  failed: (Step & { planned: boolean; remainingLife: Life | null })[];
  howBad: Loss & {
    sla: { name: string; minutesLeft: number } | null;
    nearestEnd: (Life & { ciId: string; name: string }) | null;
  };
  affectedCount: number;
  services: AffectedService[];
  affected: (Step & { owners: Owner[] })[];
  /** How many are left out for want of the right to see them; figures count them. */
  withheld: { services: number; affected: number; owners: number };
}

export interface WhatIf {
  verdict: Verdict;
  difference: {
    services: { ciId: string; key: string; name: string; criticality: number; before: State; after: State }[];
    withheld: number;
    before: Loss;
    after: Loss;
  };
}

export interface Alert {
  id: string;
  source: string;
  firing: boolean;
  state: string;
  severity: string;
  title: string;
  url: string | null;
  startedAt: string;
  endedAt: string | null;
}

export interface MaintenanceWindow {
  id: string;
  ciId: string;
  from: string;
  to: string;
  reason: string;
  author: string;
}

export interface HistoryEntry {
  version: string;
  seq: number;
  kind: 'ci' | 'relation';
  ciId: string;
  key: string;
  otherId: string | null;
  otherKey: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  author: string;
  reason: string | null;
  source: string | null;
  at: string;
}

export interface PastPart {
  version: string;
  at: string | null;
  ci: PastCi;
  cis: PastCi[];
  relations: { fromId: string; toId: string; type: string; redundancyGroup: string | null }[];
  truncated: boolean;
}

export interface PastCi extends CiBrief {
  attributes: Record<string, unknown>;
}

export interface DuplicateTask {
  id: string;
  ciId: string;
  otherId: string;
  key: string | null;
  name: string | null;
  otherKey: string | null;
  otherName: string | null;
  evidence: string;
  state: 'open' | 'merged' | 'dismissed';
  foundAt: string;
}

export interface ModelTask {
  ciId: string;
  key: string;
  attribute: string;
  problem: Said;
}

export interface Proposal {
  field: string;
  source: string;
  value: unknown;
  heldBy: string;
  proposedAt: string;
}

export interface AttributeType {
  name: string;
  kind: 'text' | 'number' | 'integer' | 'boolean' | 'enum' | 'date' | 'reference' | 'object';
  description: Said;
  required: boolean;
  unique?: boolean;
  sensitive?: boolean;
  unit?: string;
  minimum?: number;
  above?: number;
  maximum?: number;
  values?: string[];
  refersTo?: string;
  default?: unknown;
  fields?: AttributeType[];
}

export interface CiType {
  name: string;
  parent: string | null;
  abstract: boolean;
  label: Said;
  attributes: AttributeType[];
  builtIn: boolean;
  lineage: string[];
}

export interface RelationType {
  name: string;
  direction: Impact;
  meaning: Said;
  between: { fromType?: string; toType?: string; direction: Impact }[];
  allowed: { fromType?: string; toType?: string }[];
  redundancy: { group: string; minUp: number } | null;
  builtIn: boolean;
}

export interface Model {
  version: number;
  ciTypes: CiType[];
  relationTypes: RelationType[];
}

export interface Counts {
  created: number;
  changed: number;
  unchanged: number;
  removed: number;
}

export interface ImportReport {
  runId: string;
  version: string;
  dryRun: boolean;
  baseVersion: string;
  cis: Counts;
  relations: Counts;
  formats: { file: string; format: string }[];
  warnings: { message: string; count: number }[];
  changes: {
    kind: 'ci' | 'relation';
    change: 'created' | 'changed' | 'removed';
    key: string;
    type: string;
    to: string | null;
    differences: { field: string; before: unknown; after: unknown }[];
  }[];
  conflicts: { key: string; message: string }[];
  conflictCount: number;
  rejected: { key: string; type: string; field: string; value: unknown; kept: unknown; heldBy: string }[];
  rejectedCount: number;
  absent: { key: string; type: string; status: string }[];
  absentCount: number;
  duplicates: number;
}

export interface ImportRun {
  id: string;
  author: string;
  source: string | null;
  dryRun: boolean;
  state: 'running' | 'done' | 'failed';
  stage: string;
  done: number;
  total: number;
  problem: string | null;
  startedAt: string;
}
