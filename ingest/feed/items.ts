import { deserialize, serialize } from 'node:v8';
import type { Reading, WaveformBlock } from '../store/readings.ts';

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

type ReadingToFeed = Pick<
  Reading,
  'timeNs' | 'arrivalNs' | 'value' | 'unit' | 'future' | 'boot' | 'seq' | 'index' | 'identity'
>;

/** Units in the order of the feed, as the feeder gathers them for one durable batch. */
export class FeedBody {
  readonly #points = new Names();
  readonly #units = new Names();
  readonly #waveforms: PackedWaveform[] = [];
  #readings = columns(256);
  #count = 0;
  #identities = '';

  /** Readings and blocks so far. */
  get items(): number {
    return this.#count + this.#waveforms.length;
  }

  addBlock(block: FedBlock): void {
    this.#waveforms.push({ ...block, after: this.#count });
  }

  /** What analytics needs of a reading. Its identity is the cheapest text that is the same for every delivery of it. */
  addReading(pointKey: string, reading: ReadingToFeed): void {
    if (this.#count === this.#readings.point.length) this.#readings = widened(this.#readings);
    const at = this.#count++;
    const { point, unit, timeNs, arrivalMs, value, marks } = this.#readings;
    point[at] = this.#points.numberOf(pointKey);
    unit[at] = reading.unit === null ? NO_UNIT : this.#units.numberOf(reading.unit);
    timeNs[at] = reading.timeNs;
    arrivalMs[at] = Number(reading.arrivalNs) / 1e6;
    value[at] = reading.value;
    marks[at] = reading.future ? FUTURE : 0;
    const { boot, seq } = reading;
    this.#identities += boot !== null && seq !== null ? `${seq}.${reading.index}.${boot}\n` : `${reading.identity}\n`;
  }

  /**
   * The body of a durable batch: columns of readings, then blocks with their places between them, in V8's structured
   * clone, which newer versions of Node go on reading. A row object for each reading costs seven times as much.
   */
  encode(): Buffer {
    const packed: PackedBody = {
      points: this.#points.list,
      units: this.#units.list,
      readings: cut(this.#readings, this.#count),
      identities: this.#identities,
      waveforms: this.#waveforms,
    };
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

interface Columns {
  /** Positions in `points` and `units`. */
  point: Uint32Array;
  unit: Uint32Array;
  timeNs: BigInt64Array;
  arrivalMs: Float64Array;
  value: Float64Array;
  marks: Uint8Array;
}

interface PackedBody {
  points: string[];
  units: string[];
  readings: Columns;
  /** One a line. */
  identities: string;
  waveforms: PackedWaveform[];
}

const NO_UNIT = 0xffff_ffff;
const FUTURE = 1;

/** Names by number, in the order in which they came. */
class Names {
  readonly list: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.list.push(name) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }
}

function columns(length: number): Columns {
  return {
    point: new Uint32Array(length),
    unit: new Uint32Array(length),
    timeNs: new BigInt64Array(length),
    arrivalMs: new Float64Array(length),
    value: new Float64Array(length),
    marks: new Uint8Array(length),
  };
}

function widened(from: Columns): Columns {
  const wider = columns(from.point.length * 2);
  wider.point.set(from.point);
  wider.unit.set(from.unit);
  wider.timeNs.set(from.timeNs);
  wider.arrivalMs.set(from.arrivalMs);
  wider.value.set(from.value);
  wider.marks.set(from.marks);
  return wider;
}

/** Copies: a view would be written with all that lies behind it. */
function cut(from: Columns, length: number): Columns {
  return {
    point: from.point.slice(0, length),
    unit: from.unit.slice(0, length),
    timeNs: from.timeNs.slice(0, length),
    arrivalMs: from.arrivalMs.slice(0, length),
    value: from.value.slice(0, length),
    marks: from.marks.slice(0, length),
  };
}

/** Reads a durable batch; the samples come out in their unit. */
export function decodeItems(body: Uint8Array): FeedItem[] {
  const { points, units, readings, identities, waveforms } = deserialize(body) as PackedBody;
  const identityOf = identities.split('\n');
  const items: FeedItem[] = [];
  let next = 0;
  for (let at = 0; at <= readings.point.length; at++) {
    for (; next < waveforms.length && waveforms[next]!.after === at; next++) items.push(unpacked(waveforms[next]!));
    if (at === readings.point.length) break;
    const unit = readings.unit[at]!;
    items.push({
      kind: 'reading',
      pointKey: points[readings.point[at]!]!,
      timeNs: readings.timeNs[at]!,
      arrivalMs: readings.arrivalMs[at]!,
      identity: identityOf[at]!,
      future: (readings.marks[at]! & FUTURE) !== 0,
      value: readings.value[at]!,
      unit: unit === NO_UNIT ? null : units[unit]!,
    });
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
