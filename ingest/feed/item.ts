interface FeedOrigin {
  /** `device/point`, the key by which the CMDB knows the point. */
  pointKey: string;
  /** The time it counts under, nanoseconds since the epoch. */
  timeNs: bigint;
  /** Arrival at our front, milliseconds since the epoch, with fraction. */
  arrivalMs: number;
  /** Equal for every delivery of the same unit: a device's repetition comes through the feed again. */
  identity: string;
  /** Its time lies ahead of its arrival by more than the tolerated skew. */
  future: boolean;
}

/** One scalar reading on its way to analytics. */
export interface FeedReading extends FeedOrigin {
  kind: 'reading';
  value: number;
  unit: string | null;
}

/** One waveform block on its way to analytics. */
export interface FeedWaveform extends FeedOrigin {
  kind: 'waveform';
  /** By which the `WaveformStore` knows the block, also before it has been stored. */
  ref: string;
  samplingRateHz: number;
  unit: 'g' | 'm/s2' | 'mm/s';
  axis: string | null;
  speedRpm: number | null;
  loadPercent: number | null;
  /** In `unit`: scaled, whatever the sender's encoding. */
  samples: Float32Array;
}

export type FeedItem = FeedReading | FeedWaveform;
