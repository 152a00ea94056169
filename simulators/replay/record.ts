import type { BearingOrders } from '../machines/index.ts';

/** Consecutive samples of a recording. */
export interface RecordedBlock {
  samples: Float32Array;
  /** Time of the first sample since the beginning of the recording. */
  offsetSeconds: number;
}

/** A vibration recording: one channel. */
export interface WaveformRecord {
  kind: 'waveform';
  /** The file's base name; shown to people, and used for nothing else. */
  name: string;
  path: string;
  samplingRateHz: number;
  unit: 'g' | 'm/s2' | 'mm/s';
  /** Absent when the recording does not tell. */
  speedRpm?: number;
  /** Fault orders of the bearing under test; absent when unknown. */
  orders?: BearingOrders;
  durationSeconds: number;
  blocks: () => AsyncIterable<RecordedBlock>;
}

/** One row of a table of slow readings; a missing cell is left out. */
export interface RecordedRow {
  offsetSeconds: number;
  values: Map<string, number>;
}

/** A table of slow readings: a time column and numbers. */
export interface TelemetryRecord {
  kind: 'telemetry';
  name: string;
  path: string;
  columns: readonly string[];
  durationSeconds: number;
  rows: readonly RecordedRow[];
}

export type ReplayRecord = WaveformRecord | TelemetryRecord;

/** A file that cannot be replayed; says which and what to do. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}
