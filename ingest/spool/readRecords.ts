import { arrivalNsAt, type HeaderPlace, isDuplicateAt, payloadEndAt, payloadStartAt, unitsAt } from './record.ts';
import type { RecordOrigin, RecordTable, SpoolRecord } from './types.ts';

const FIRST_ROOM = 1_024;

/**
 * As they were read: where each record begins, what differs from message to message, and whose it is. Everything else is
 * looked up in the bytes when it is asked for; objects, or lists of numbers, would cost more than finding the records.
 */
export class ReadRecords implements RecordTable {
  readonly bytes: Buffer;
  /** Each once. */
  readonly origins: RecordOrigin[] = [];
  readonly #numbers = new Map<RecordOrigin, number>();
  readonly #stretchOffset: number;
  #length = 0;
  #origins = new Uint32Array(FIRST_ROOM);
  /** Positions in `bytes`. */
  #starts = new Uint32Array(FIRST_ROOM);
  #variables = new Uint32Array(FIRST_ROOM);
  #lastOrigin: RecordOrigin | null = null;
  #lastNumber = 0;

  /** @param stretchOffset where `bytes` lies in the spool */
  constructor(bytes: Buffer, stretchOffset: number) {
    this.bytes = bytes;
    this.#stretchOffset = stretchOffset;
  }

  get length(): number {
    return this.#length;
  }

  push(start: number, { origin, variable }: HeaderPlace): void {
    if (this.#length === this.#starts.length) this.#widen();
    const at = this.#length++;
    this.#origins[at] = origin === this.#lastOrigin ? this.#lastNumber : this.#numberOf(origin);
    this.#starts[at] = start;
    this.#variables[at] = variable;
  }

  origin(at: number): RecordOrigin {
    return this.origins[this.#origins[at]!]!;
  }

  offset(at: number): number {
    return this.#stretchOffset + this.#starts[at]!;
  }

  units(at: number): number {
    return unitsAt(this.bytes, this.#variables[at]!);
  }

  arrivalNs(at: number): bigint {
    return arrivalNsAt(this.bytes, this.#variables[at]!);
  }

  isDuplicate(at: number): boolean {
    return isDuplicateAt(this.bytes, this.#variables[at]!);
  }

  payload(at: number): Buffer {
    const variable = this.#variables[at]!;
    return this.bytes.subarray(payloadStartAt(variable), payloadEndAt(this.bytes, variable));
  }

  record(at: number): SpoolRecord {
    const { tenantId, deviceId, deviceName, kind, format, vendorTopic } = this.origin(at);
    return {
      ...{ tenantId, deviceId, deviceName, kind, format, vendorTopic, offset: this.offset(at) },
      arrivalNs: this.arrivalNs(at),
      units: this.units(at),
      duplicate: this.isDuplicate(at),
      endOffset: this.#stretchOffset + payloadEndAt(this.bytes, this.#variables[at]!),
      payload: this.payload(at),
    };
  }

  #numberOf(origin: RecordOrigin): number {
    let number = this.#numbers.get(origin);
    if (number === undefined) {
      number = this.origins.push(origin) - 1;
      this.#numbers.set(origin, number);
    }
    this.#lastOrigin = origin;
    this.#lastNumber = number;
    return number;
  }

  #widen(): void {
    this.#origins = widened(this.#origins);
    this.#starts = widened(this.#starts);
    this.#variables = widened(this.#variables);
  }
}

function widened(from: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(2 * from.length);
  wider.set(from);
  return wider;
}
