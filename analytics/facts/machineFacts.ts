import type { DiagnosisFacts } from '../diagnosis/types.ts';

/** A stretch of time in which people work on the machine; nothing that it does then is an anomaly. */
export interface MaintenanceWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** What is being done, for whoever asks why the point is silent. */
  readonly note?: string | undefined;
}

/** Where the values of a plain reading are plausible; a side that is not given is open. */
export interface PlausibleRange {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** What a point may say about where its machine stands. */
export type OperatingRole = 'speed' | 'load' | 'temperature' | 'mode';

/** What the CMDB knows of the machine behind a measuring point. */
export interface PointFacts extends DiagnosisFacts {
  readonly pointId: string;
  /** What people call the point; its key when the CMDB has no name for it. */
  readonly pointName?: string | undefined;
  /** The CI that fails: the component the point watches, else its equipment. */
  readonly assetId: string;
  readonly assetName: string;
  readonly machineId: string;
  readonly machineName: string;
  readonly axis?: string | undefined;
  /** Keys of the points of the machine that say where it stands; where none is declared, its vibration blocks do. */
  readonly operatingPoints?: Readonly<Partial<Record<OperatingRole, string | undefined>>> | undefined;
  /** How long the machine takes to a steady state after a start; learnt where it is not declared. */
  readonly startUpMinutes?: number | undefined;
  readonly maintenance?: readonly MaintenanceWindow[] | undefined;
  /** Version of the graph that these facts were read from. */
  readonly graphVersion: string;
}

/**
 * Where analytics learns about machines; `main.ts` wires it to the CMDB. Left out on purpose: impact, owners, anything
 * that changes by the second.
 */
export interface MachineFacts {
  /** null for a point that the CMDB does not know: it is analysed without geometry. */
  facts(tenantId: string, pointKey: string): Promise<PointFacts | null>;
  /** What the device's type declares as plausible, by point of the device; the CMDB need not know it. */
  ranges(tenantId: string, device: string): Promise<ReadonlyMap<string, PlausibleRange>>;
}

/** The device that a point belongs to, and the point's own name there. */
export function partsOfKey(pointKey: string): { device: string; point: string } {
  const slash = pointKey.indexOf('/');
  return { device: pointKey.slice(0, slash), point: pointKey.slice(slash + 1) };
}

/** The maintenance window that holds at a time, if any. */
export function maintenanceAt(facts: PointFacts | null, timeMs: number): MaintenanceWindow | null {
  return facts?.maintenance?.find((window) => window.fromMs <= timeMs && timeMs < window.toMs) ?? null;
}
