import { deserialize, serialize } from 'node:v8';
import type { WaveformBlock } from '../store/readings.ts';
import type { FeedItem, FeedWaveform } from './item.ts';
import {
  type PackedBefore,
  type PackedReadings,
  ReadingPack,
  type ReadingToFeed,
  unpackedReadings,
} from './readingPack.ts';

export type { FeedItem, FeedReading, FeedWaveform } from './item.ts';

/** Units in the order of the feed, as the feeder gathers them for one durable batch. */
export class FeedBody {
  readonly #readings = new ReadingPack();
  readonly #waveforms: PackedWaveform[] = [];

  /** Readings and blocks so far. */
  get items(): number {
    return this.#readings.count + this.#waveforms.length;
  }

  addBlock(block: FedBlock): void {
    this.#waveforms.push({ ...block, after: this.#readings.count });
  }

  /** What analytics needs of a reading. */
  addReading(pointKey: string, reading: ReadingToFeed): void {
    this.#readings.add(pointKey, reading);
  }

  /**
   * The body of a durable batch: columns of readings, then blocks with their places between them, in V8's structured
   * clone, which newer versions of Node go on reading.
   */
  encode(): Buffer {
    const packed: PackedBody = { ...this.#readings.packed(), waveforms: this.#waveforms };
    return serialize(packed);
  }
}

/** A block as it goes into the feed: still in the sender's encoding, which is the smaller one. */
export type FedBlock = Omit<FeedWaveform, 'samples'> & {
  scale: number;
  encoding: 'int16' | 'float32';
  raw: Uint8Array;
};
/** What analytics needs of a block. */
export function fedBlock(pointKey: string, block: WaveformBlock): FedBlock {
  const { timeNs, identity, future, samplingRateHz, unit, axis, speedRpm, loadPercent, scale, encoding, raw } = block;
  const arrivalMs = Number(block.arrivalNs) / 1e6;
  const header = { samplingRateHz, unit, axis, speedRpm, loadPercent, scale, encoding, raw };
  return { kind: 'waveform', pointKey, timeNs, arrivalMs, identity, future, ref: identity, ...header };
}

/** With how many readings stand before it. */
type PackedWaveform = FedBlock & { after: number };

type PackedBody = (PackedReadings | PackedBefore) & { waveforms: PackedWaveform[] };

/** Reads a durable batch; the samples come out in their unit. */
export function decodeItems(body: Uint8Array): FeedItem[] {
  const { waveforms, ...packed } = deserialize(body) as PackedBody;
  const readings = unpackedReadings(packed);
  const items: FeedItem[] = [];
  let next = 0;
  for (let at = 0; at <= readings.count; at++) {
    for (; next < waveforms.length && waveforms[next]!.after === at; next++) items.push(unpacked(waveforms[next]!));
    if (at < readings.count) items.push(readings.at(at));
  }
  return items;
}

function unpacked({ scale, encoding, raw, after: _after, ...header }: PackedWaveform): FeedWaveform {
  return { ...header, samples: samplesInUnit(raw, encoding, scale) };
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
