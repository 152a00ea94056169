/** What is remarkable about the time of a reading or a waveform block. */
export interface TimeMarks {
  /** Ahead of its arrival by more than the tolerated skew: kept, but never "latest". */
  future: boolean;
  /** Moved by the clock skew that the message's `sentAt` showed. */
  corrected: boolean;
  /** The device gave no time: the arrival's stands in. */
  arrivalTimed: boolean;
}

/** Where a unit comes from, when it was taken, and what makes it the same as another. */
export interface Origin extends TimeMarks {
  tenantId: string;
  device: string;
  point: string;
  /** The time it counts under, nanoseconds since the epoch. */
  timeNs: bigint;
  /** Arrival at our front. */
  arrivalNs: bigint;
  /** The sender's own time, uncorrected; null when it has no clock. */
  deviceTimeNs: bigint | null;
  /** When the message was sent, by the sender's clock. */
  sentAtNs: bigint | null;
  /** 128 bits in the form of a UUID: equal for every delivery of the same unit (see `identity.ts`). */
  identity: string;
  /** The delivery that brought it: the spool's id and the record's offset. */
  receipt: string;
  /** The receipt's two parts where it has them: the spool's id and the record's offset. To put them together is dear. */
  spool?: string | null;
  offset?: number;
  /** Position in its message. */
  index: number;
  /** What the sender counts by; null when it does not. */
  boot: string | null;
  seq: bigint | null;
  /**
   * `timeNs` may differ between two deliveries of this unit, so that a repetition shows only in the window of
   * identities seen, and not by its key.
   */
  windowed: boolean;
}

/** One sample on its way into the `TelemetryStore`. */
export interface Reading extends Origin {
  value: number;
  unit: string | null;
}

/** One waveform on its way into the `WaveformStore`; the samples stay in the sender's encoding. */
export interface WaveformBlock extends Origin {
  samplingRateHz: number;
  unit: 'g' | 'm/s2' | 'mm/s';
  axis: string | null;
  speedRpm: number | null;
  loadPercent: number | null;
  /** Unit per count; 1 for float32. */
  scale: number;
  encoding: 'int16' | 'float32';
  sampleCount: number;
  /** Little endian. */
  raw: Uint8Array;
}

/** The key by which the CMDB and analytics know a measuring point. */
export function pointKeyOf(origin: { device: string; point: string }): string {
  return `${origin.device}/${origin.point}`;
}

/** Splits a point key at its first slash; device names hold none. */
export function splitPointKey(pointKey: string): { device: string; point: string } | null {
  const slash = pointKey.indexOf('/');
  if (slash < 1 || slash === pointKey.length - 1) return null;
  return { device: pointKey.slice(0, slash), point: pointKey.slice(slash + 1) };
}
