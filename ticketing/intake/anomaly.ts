/** The fault of a measurement: its asset is the measuring point, and the machine behind it is well. */
export const SENSOR_FAULT = 'sensor';

/** One confirmed or escalated anomaly as analytics publishes it. */
export interface Anomaly {
  readonly anomalyId: string;
  /** Stable name of the fault; unique in the tenant while the fault is open. */
  readonly faultKey: string;
  readonly pointKey: string;
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
}
