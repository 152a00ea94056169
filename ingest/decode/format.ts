import type { TelemetryDecoding, WaveformDecoding } from './types.ts';

/** What a record says beside its payload that some formats need. */
export interface DecodeContext {
  /** Arrival at our front, nanoseconds since the epoch: what relative times are relative to. */
  arrivalNs: bigint;
  /** The vendor's topic it came on; null for topics of ours. */
  vendorTopic: string | null;
}

interface FormatBase {
  /** Kept with every record: never rename one. */
  name: string;
  /** Further names that the last level of a topic may use. */
  aliases: readonly string[];
}

/** A payload format of samples. Pure: the same record decodes to the same units, whenever and wherever. */
export interface TelemetryFormat extends FormatBase {
  kind: 'telemetry';
  /** Never throws. */
  decode(payload: Uint8Array, context: DecodeContext): TelemetryDecoding;
  /** Exactly the units that `decode` finds (samples and rejected entries; 1 for a failure), as cheaply as possible. */
  count(payload: Buffer, start: number, end: number): number;
}

/** A payload format of vibration blocks. */
export interface WaveformFormat extends FormatBase {
  kind: 'waveform';
  /** Never throws. */
  decode(payload: Uint8Array, context: DecodeContext): WaveformDecoding;
  count(payload: Buffer, start: number, end: number): number;
}

export type PayloadFormat = TelemetryFormat | WaveformFormat;
