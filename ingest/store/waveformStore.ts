import type { Sql } from '../../platform/index.ts';
import type { WaveformBlock } from './readings.ts';
import type { Series, Settle } from './telemetryStore.ts';

/** Everything about a stored block but its samples. */
export interface WaveformHeader extends Series {
  ref: string;
  timeNs: bigint;
  arrivalNs: bigint;
  deviceTimeNs: bigint | null;
  sentAtNs: bigint | null;
  samplingRateHz: number;
  unit: string;
  axis: string | null;
  speedRpm: number | null;
  loadPercent: number | null;
  scale: number;
  encoding: 'int16' | 'float32';
  sampleCount: number;
  kept: boolean;
}

export interface StoredWaveform extends WaveformHeader {
  /** Little endian, in `encoding`; a value in `unit` is a count times `scale`. */
  raw: Uint8Array;
}

export interface WaveformQuery {
  device?: string;
  point?: string;
  fromNs: bigint;
  toNs: bigint;
  /** Newest first; blocks before this position. */
  before?: { timeNs: bigint; ref: string };
  limit: number;
}

/**
 * Where waveform blocks live. A block's ref is its identity, so it is known before the block is stored, and a block may
 * be kept before it has arrived. Left out on purpose: features (they are telemetry), rewriting a block, searching
 * inside samples.
 */
export interface WaveformStore {
  /**
   * Takes one block, or says that it was there already. `tx` and what is thrown: as in `TelemetryStore.write`.
   */
  put(tx: Sql, block: WaveformBlock): Promise<{ ref: string; stored: boolean }>;
  get(tenantId: string, ref: string): Promise<StoredWaveform | null>;
  list(tenantId: string, query: WaveformQuery): Promise<WaveformHeader[]>;
  /** Keeps the block past retention for a reason of the caller's (an anomaly's id). `tx` is the caller's own. */
  keep(tx: Sql, tenantId: string, ref: string, reason: string): Promise<void>;
  /** Takes back one reason; a block without any is subject to retention again. */
  release(tx: Sql, tenantId: string, ref: string, reason: string): Promise<void>;
  count(tenantId: string, device?: string, within?: Sql): Promise<{ device: string; count: number }[]>;
  /** Removes blocks that are older and not kept, in portions; called by retention alone. */
  expire(beforeNs: bigint, settle: Settle): Promise<void>;
}
