import { deserialize, serialize } from 'node:v8';
import { pointKeyOf, type Reading, type WaveformBlock } from '../store/readings.ts';

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

/** A waveform as it lies in the durable batch: still in the sender's encoding, which is the smaller one. */
type PackedWaveform = Omit<FeedWaveform, 'samples'> & { scale: number; encoding: 'int16' | 'float32'; raw: Uint8Array };
export type PackedItem = FeedReading | PackedWaveform;

/** What analytics needs of a reading. */
export function packReading(reading: Reading): PackedItem {
  return { kind: 'reading', ...originOf(reading), value: reading.value, unit: reading.unit };
}

/** What analytics needs of a block. */
export function packWaveform(block: WaveformBlock): PackedItem {
  const { samplingRateHz, unit, axis, speedRpm, loadPercent, scale, encoding, raw } = block;
  const header = { samplingRateHz, unit, axis, speedRpm, loadPercent, scale, encoding, raw };
  return { kind: 'waveform', ...originOf(block), ref: block.identity, ...header };
}

function originOf(unit: Reading | WaveformBlock): FeedOrigin {
  return {
    pointKey: pointKeyOf(unit),
    timeNs: unit.timeNs,
    arrivalMs: Number(unit.arrivalNs) / 1e6,
    identity: unit.identity,
    future: unit.future,
  };
}

/** The body of a durable batch: V8's structured clone, which newer versions of Node go on reading. */
export function encodeItems(items: readonly PackedItem[]): Buffer {
  return serialize(items);
}

/** Reads a durable batch; the samples come out in their unit. */
export function decodeItems(body: Uint8Array): FeedItem[] {
  const packed = deserialize(body) as PackedItem[];
  return packed.map((item) => {
    if (item.kind === 'reading') return item;
    const { scale, encoding, raw, ...header } = item;
    return { ...header, samples: samplesInUnit(raw, encoding, scale) };
  });
}

/** Samples as float32 in the block's unit, from little-endian bytes of either encoding. */
export function samplesInUnit(raw: Uint8Array, encoding: 'int16' | 'float32', scale: number): Float32Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const samples = new Float32Array(raw.byteLength / (encoding === 'int16' ? 2 : 4));
  for (let i = 0; i < samples.length; i++) {
    samples[i] = (encoding === 'int16' ? view.getInt16(2 * i, true) : view.getFloat32(4 * i, true)) * scale;
  }
  return samples;
}
