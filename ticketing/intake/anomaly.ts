import type { ServiceState } from '../ports.ts';

/** The fault of a measurement: its asset is the measuring point, and the machine behind it is well. */
export const SENSOR_FAULT = 'sensor';

/** What monitoring says of an IT component: it does not serve at all, or not as it should. */
export const OUTAGE = 'outage';
export const DEGRADATION = 'degradation';

/** Whether a fault is one of monitoring: its order is an incident, which ends when the component is well again. */
export function isIncident(fault: string): boolean {
  return fault === OUTAGE || fault === DEGRADATION;
}

/** A CI of the graph that is not well. */
export interface Failing {
  readonly ciId: string;
  readonly state: ServiceState;
}

/** One confirmed or escalated anomaly as analytics publishes it. */
export interface Anomaly {
  readonly anomalyId: string;
  /** Stable name of the fault; unique in the tenant while the fault is open. */
  readonly faultKey: string;
  /** Null when no measuring point is behind it. */
  readonly pointKey: string | null;
  readonly pointId: string | null;
  /** The CI that fails: the component, else its machine. */
  readonly assetId: string | null;
  readonly assetName: string;
  readonly fault: string;
  readonly level: 'warning' | 'serious';
  readonly severityZone: 'A' | 'B' | 'C' | 'D' | null;
  readonly confidence: number;
  readonly evidenceUrl: string;
  readonly summary: { readonly en: string; readonly zh: string };
  readonly firstSeenAtMs: number;
  readonly confirmedAtMs: number;
  readonly lastWaveformAtMs: number;
  /** Of an incident: what fails with it, and what had failed before. The impact of any other is that of its asset's loss. */
  readonly failing?: { readonly failed: readonly Failing[]; readonly before: readonly Failing[] };
}
