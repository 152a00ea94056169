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

/** What came of one block. */
export type PutOutcome = { ref: string; stored: boolean } | { ref: string; refused: string };

/**
 * Where waveform blocks live. A block's ref is its identity, so it is known before the block is stored, and a block may
 * be kept before it has arrived. Left out on purpose: features (they are telemetry), rewriting a block, searching
 * inside samples.
 */
export interface WaveformStore {
  /**
   * Takes each block, says that it was there already, or why it cannot be held. What is thrown means that the store is
   * not to be had, as in `TelemetryStore.write`: hold, and offer the same blocks again.
   */
  put(tx: Sql, blocks: readonly WaveformBlock[]): Promise<PutOutcome[]>;
  /**
   * @throws {FaultlineError} WAVEFORM_LOST, WAVEFORM_DAMAGED, BLOCKS_UNAVAILABLE when the block is on the books and
   * cannot be had
   */
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
