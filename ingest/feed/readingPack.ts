import type { Reading } from '../store/readings.ts';
import type { FeedReading } from './item.ts';

/** What the feed takes of a reading. */
export type ReadingToFeed = Pick<
  Reading,
  'timeNs' | 'arrivalNs' | 'value' | 'unit' | 'future' | 'boot' | 'seq' | 'index' | 'identity'
>;

const NO_UNIT = 0xffff_ffff;
const FUTURE = 1;
/** It counts by boot and sequence: its identity follows from them and takes no text of its own. */
const SEQUENCED = 2;

const FIRST_ROOM = 256;

interface Columns {
  /** Positions in `points`, `units` and `boots`. */
  point: Uint32Array;
  unit: Uint32Array;
  boot: Uint32Array;
  timeNs: BigInt64Array;
  arrivalMs: Float64Array;
  value: Float64Array;
  marks: Uint8Array;
  seq: BigInt64Array;
  index: Uint32Array;
}

/** Numbers that point into short lists take a byte or two each. */
type Narrow = Uint8Array | Uint16Array | Uint32Array;

/** Readings as they lie in a durable batch: side by side, names once. */
export interface PackedReadings {
  points: string[];
  units: string[];
  boots: string[];
  readings: { [C in keyof Columns]: Columns[C] extends Uint32Array ? Narrow : Columns[C] };
  /** Of those that are not counted by boot and sequence, in their order, one a line. */
  identities: string;
}

/** As versions before wrote them, whose batches may still lie there: an identity for each, and none of its parts. */
export interface PackedBefore {
  points: string[];
  units: string[];
  boots?: undefined;
  readings: Omit<Columns, 'boot' | 'seq' | 'index'>;
  identities: string;
}

/** Readings on their way into one durable batch. A row object, or a text, for each costs several times as much. */
export class ReadingPack {
  readonly #points = new Names();
  readonly #units = new Names();
  readonly #boots = new Names();
  readonly #identities: string[] = [];
  #columns = columns(FIRST_ROOM);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(pointKey: string, reading: ReadingToFeed): void {
    if (this.#count === this.#columns.point.length) this.#columns = widened(this.#columns);
    const at = this.#count++;
    const { point, unit, boot, timeNs, arrivalMs, value, marks, seq, index } = this.#columns;
    const { unit: told, boot: ownBoot, seq: ownSeq } = reading;
    const sequenced = ownBoot !== null && ownSeq !== null;
    point[at] = this.#points.numberOf(pointKey);
    unit[at] = told === null ? NO_UNIT : this.#units.numberOf(told);
    timeNs[at] = reading.timeNs;
    arrivalMs[at] = Number(reading.arrivalNs) / 1e6;
    value[at] = reading.value;
    marks[at] = (reading.future ? FUTURE : 0) | (sequenced ? SEQUENCED : 0);
    if (sequenced) {
      boot[at] = this.#boots.numberOf(ownBoot);
      seq[at] = ownSeq;
      index[at] = reading.index;
    } else this.#identities.push(reading.identity);
  }

  packed(): PackedReadings {
    const { point, unit, boot, timeNs, arrivalMs, value, marks, seq, index } = this.#columns;
    const count = this.#count;
    const hasUnits = this.#units.list.length > 0;
    return {
      points: this.#points.list,
      units: this.#units.list,
      boots: this.#boots.list,
      // Copies: a view would be written with all that lies behind it.
      readings: {
        point: narrowed(point, count, this.#points.list.length),
        // NO_UNIT needs all its bits, unless there is nothing else.
        unit: hasUnits ? unit.slice(0, count) : new Uint8Array(0),
        boot: narrowed(boot, count, this.#boots.list.length),
        timeNs: timeNs.slice(0, count),
        arrivalMs: arrivalMs.slice(0, count),
        value: value.slice(0, count),
        marks: marks.slice(0, count),
        seq: seq.slice(0, count),
        index: narrowed(index, count, highest(index, count) + 1),
      },
      identities: this.#identities.join('\n'),
    };
  }
}

/** Reads readings one after another out of what was packed. */
export function unpackedReadings(packed: PackedReadings | PackedBefore): {
  count: number;
  at(at: number): FeedReading;
} {
  const { points, units } = packed;
  const { point, unit, timeNs, arrivalMs, value, marks } = packed.readings;
  const identityOf = identities(packed);
  return {
    count: point.length,
    at: (at) => {
      const unitAt = unit.length === 0 ? NO_UNIT : unit[at]!;
      return {
        kind: 'reading',
        pointKey: points[point[at]!]!,
        timeNs: timeNs[at]!,
        arrivalMs: arrivalMs[at]!,
        identity: identityOf(at),
        future: (marks[at]! & FUTURE) !== 0,
        value: value[at]!,
        unit: unitAt === NO_UNIT ? null : units[unitAt]!,
      };
    },
  };
}

/** The cheapest text that is the same for every delivery of a reading. Ask in order, each once. */
function identities(packed: PackedReadings | PackedBefore): (at: number) => string {
  const lines = packed.identities.split('\n');
  if (packed.boots === undefined) return (at) => lines[at]!;
  const { boots } = packed;
  const { marks, seq, index, boot } = packed.readings;
  let line = 0;
  return (at) => ((marks[at]! & SEQUENCED) === 0 ? lines[line++]! : `${seq[at]}.${index[at]}.${boots[boot[at]!]!}`);
}

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
    boot: new Uint32Array(length),
    timeNs: new BigInt64Array(length),
    arrivalMs: new Float64Array(length),
    value: new Float64Array(length),
    marks: new Uint8Array(length),
    seq: new BigInt64Array(length),
    index: new Uint32Array(length),
  };
}

function widened(from: Columns): Columns {
  const wider = columns(from.point.length * 2);
  for (const name of Object.keys(from) as (keyof Columns)[]) (wider[name] as Uint8Array).set(from[name] as Uint8Array);
  return wider;
}

function highest(column: Uint32Array, count: number): number {
  let most = 0;
  for (let at = 0; at < count; at++) if (column[at]! > most) most = column[at]!;
  return most;
}

/** The column's beginning, in as few bytes as numbers below `bound` take. */
function narrowed(column: Uint32Array, count: number, bound: number): Narrow {
  const own = column.subarray(0, count);
  return bound <= 0x100 ? new Uint8Array(own) : bound <= 0x1_0000 ? new Uint16Array(own) : own.slice();
}
