import type { PlacedTime } from './arrivalTime.ts';
import type { Sample } from './decode/index.ts';
import { identityOf, repeatable } from './identity.ts';
import type { Reading } from './store/readings.ts';
import type { MessageSource } from './units.ts';

const WINDOWED = 1;
const FUTURE = 2;
const CORRECTED = 4;
const ARRIVAL_TIMED = 8;
const SEQUENCED = 16;
/** The sender's own time is the one it counts under: most times are. */
const AS_TOLD = 32;

const FIRST_ROOM = 64;

/**
 * Readings side by side. They are what there is most of, and each waits until both readers of the spool have taken it: as
 * objects with numbers of their own they kept the collector busier than all work on them.
 */
export class ReadingColumns {
  readonly source: MessageSource;
  length = 0;
  /** Number of the message in the source. */
  messages: Uint32Array = new Uint32Array(FIRST_ROOM);
  /** Position in its message. */
  indexes: Uint32Array = new Uint32Array(FIRST_ROOM);
  timesNs: BigInt64Array = new BigInt64Array(FIRST_ROOM);
  sequences: BigInt64Array = new BigInt64Array(FIRST_ROOM);
  values: Float64Array = new Float64Array(FIRST_ROOM);
  marks: Uint8Array = new Uint8Array(FIRST_ROOM);
  readonly points: string[] = [];
  readonly units: (string | null)[] = [];
  readonly boots: (string | null)[] = [];
  /** Null also where `AS_TOLD` says so. A sender may claim what 64 bits do not hold. */
  readonly deviceTimesNs: (bigint | null)[] = [];
  readonly sentAtNs: (bigint | null)[] = [];
  /** Not every store asks for identities, which are dear: each is made when it is asked for. */
  readonly #identities = new Map<number, string>();

  constructor(source: MessageSource) {
    this.source = source;
  }

  push(message: number, sample: Sample, placed: Extract<PlacedTime, { ok: true }>): void {
    if (this.length === this.messages.length) this.#widen();
    const at = this.length++;
    const { timeNs: toldNs, seq } = sample;
    const asTold = toldNs === placed.timeNs;
    this.messages[at] = message;
    this.indexes[at] = sample.index;
    this.timesNs[at] = placed.timeNs;
    if (seq !== null) this.sequences[at] = seq;
    this.values[at] = sample.value;
    this.marks[at] =
      (placed.deliveryDependent && repeatable(sample) ? WINDOWED : 0) |
      (placed.future ? FUTURE : 0) |
      (placed.corrected ? CORRECTED : 0) |
      (placed.arrivalTimed ? ARRIVAL_TIMED : 0) |
      (seq === null ? 0 : SEQUENCED) |
      (asTold ? AS_TOLD : 0);
    this.points.push(sample.point);
    this.units.push(sample.unit);
    this.boots.push(sample.boot);
    this.deviceTimesNs.push(asTold ? null : toldNs);
    this.sentAtNs.push(sample.sentAtNs);
  }

  has(at: number, mark: number): boolean {
    return (this.marks[at]! & mark) !== 0;
  }

  identity(at: number): string {
    let identity = this.#identities.get(at);
    if (identity === undefined) {
      const { tenantId, device, point, boot, seq, index, deviceTimeNs: timeNs, receipt, value } = this.view(at);
      const parts = { tenantId, device, point, boot, seq, index, timeNs, receipt };
      identity = identityOf({ kind: 'telemetry', ...parts, content: String(value) });
      this.#identities.set(at, identity);
    }
    return identity;
  }

  view(at: number): Reading {
    return new ReadingView(this, at);
  }

  views(): Reading[] {
    const views: Reading[] = [];
    for (let at = 0; at < this.length; at++) views.push(new ReadingView(this, at));
    return views;
  }

  #widen(): void {
    const room = this.messages.length * 2;
    const { messages, indexes, timesNs, sequences, values, marks } = this;
    this.messages = new Uint32Array(room);
    this.messages.set(messages);
    this.indexes = new Uint32Array(room);
    this.indexes.set(indexes);
    this.timesNs = new BigInt64Array(room);
    this.timesNs.set(timesNs);
    this.sequences = new BigInt64Array(room);
    this.sequences.set(sequences);
    this.values = new Float64Array(room);
    this.values.set(values);
    this.marks = new Uint8Array(room);
    this.marks.set(marks);
  }
}

/** One reading of the columns, as stores know readings. */
class ReadingView implements Reading {
  readonly #columns: ReadingColumns;
  readonly #at: number;

  constructor(columns: ReadingColumns, at: number) {
    this.#columns = columns;
    this.#at = at;
  }

  get #message(): number {
    return this.#columns.messages[this.#at]!;
  }

  get tenantId(): string {
    return this.#columns.source.origin(this.#message).tenantId;
  }

  get device(): string {
    return this.#columns.source.origin(this.#message).deviceName;
  }

  get point(): string {
    return this.#columns.points[this.#at]!;
  }

  get value(): number {
    return this.#columns.values[this.#at]!;
  }

  get unit(): string | null {
    return this.#columns.units[this.#at]!;
  }

  set unit(unit: string | null) {
    this.#columns.units[this.#at] = unit;
  }

  get timeNs(): bigint {
    return this.#columns.timesNs[this.#at]!;
  }

  get arrivalNs(): bigint {
    return this.#columns.source.arrivalNs(this.#message);
  }

  get deviceTimeNs(): bigint | null {
    return this.#columns.has(this.#at, AS_TOLD) ? this.timeNs : this.#columns.deviceTimesNs[this.#at]!;
  }

  get sentAtNs(): bigint | null {
    return this.#columns.sentAtNs[this.#at]!;
  }

  get receipt(): string {
    return this.#columns.source.receipt(this.#message);
  }

  get spool(): string | null {
    return this.#columns.source.spoolId;
  }

  get offset(): number {
    return this.#columns.source.offset(this.#message);
  }

  get index(): number {
    return this.#columns.indexes[this.#at]!;
  }

  get boot(): string | null {
    return this.#columns.boots[this.#at]!;
  }

  get seq(): bigint | null {
    return this.#columns.has(this.#at, SEQUENCED) ? this.#columns.sequences[this.#at]! : null;
  }

  get windowed(): boolean {
    return this.#columns.has(this.#at, WINDOWED);
  }

  get future(): boolean {
    return this.#columns.has(this.#at, FUTURE);
  }

  get corrected(): boolean {
    return this.#columns.has(this.#at, CORRECTED);
  }

  get arrivalTimed(): boolean {
    return this.#columns.has(this.#at, ARRIVAL_TIMED);
  }

  get identity(): string {
    return this.#columns.identity(this.#at);
  }
}
