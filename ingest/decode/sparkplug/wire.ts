/** Why bytes are no protobuf message of the kind expected. */
export class WireError extends Error {}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Reads protobuf fields from a stretch of bytes and never beyond it. The reader owns nothing and copies nothing: a length
 * that lies is found before a byte is touched.
 */
export class WireReader {
  readonly bytes: Buffer;
  readonly end: number;
  at: number;
  /** The field under way. */
  field = 0;
  #wireType = 0;
  /** The halves of the varint read last: 64 bits do not fit a double. */
  #low = 0;
  #high = 0;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.at >= this.end) return false;
    this.#varint();
    if (this.#high !== 0) throw new WireError(`a field number beyond 32 bits at byte ${this.at}`);
    this.field = this.#low >>> 3;
    this.#wireType = this.#low & 7;
    if (this.field === 0) throw new WireError(`a field numbered 0 at byte ${this.at}`);
    return true;
  }

  /** The low 32 bits, as protobuf's uint32 takes them. */
  uint32(): number {
    this.#expect(VARINT);
    this.#varint();
    return this.#low >>> 0;
  }

  uint64(): bigint {
    this.#expect(VARINT);
    this.#varint();
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  bool(): boolean {
    this.#expect(VARINT);
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  float(): number {
    this.#expect(FIXED32);
    return this.bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    this.#expect(FIXED64);
    return this.bytes.readDoubleLE(this.#take(8));
  }

  text(): string {
    const { at, end } = this.message();
    return this.bytes.toString('utf8', at, end);
  }

  /** A view into the message: what outlives it has to be copied. */
  blob(): Buffer {
    const { at, end } = this.message();
    return this.bytes.subarray(at, end);
  }

  /** A nested message, to be read by itself. */
  message(): WireReader {
    this.#expect(LENGTH);
    this.#varint();
    const length = this.#low >>> 0;
    if (this.#high !== 0 || length > this.end - this.at)
      throw new WireError(`field ${this.field} claims more bytes than the message has at byte ${this.at}`);
    const start = this.#take(length);
    return new WireReader(this.bytes, start, start + length);
  }

  /** Values of a repeated integer field, whether packed or not. */
  uint32s(into: number[], limit: number): void {
    if (this.#wireType !== LENGTH) {
      into.push(this.uint32());
      return;
    }
    const packed = this.message();
    while (packed.at < packed.end) {
      if (into.length >= limit) throw new WireError(`field ${this.field} repeats more than ${limit} times`);
      packed.#varint();
      into.push(packed.#low >>> 0);
    }
  }

  skip(): void {
    switch (this.#wireType) {
      case VARINT:
        this.#varint();
        return;
      case FIXED64:
        this.#take(8);
        return;
      case LENGTH:
        this.message();
        return;
      case FIXED32:
        this.#take(4);
        return;
      default:
        throw new WireError(`wire type ${this.#wireType} at byte ${this.at}`);
    }
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType)
      throw new WireError(`field ${this.field} has wire type ${this.#wireType}, not ${wireType}`);
  }

  #take(bytes: number): number {
    const { at } = this;
    if (bytes > this.end - at) throw new WireError(`the message ends within field ${this.field}`);
    this.at = at + bytes;
    return at;
  }

  #varint(): void {
    const { bytes, end } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) throw new WireError('the message ends within a number');
      const byte = bytes[this.at++]!;
      const seven = byte & 0x7f;
      if (shift < 28) low |= seven << shift;
      else if (shift === 28) {
        low |= seven << 28;
        high |= seven >>> 4;
      } else high |= shift < 63 ? seven << (shift - 32) : (seven & 1) << 31;
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw new WireError(`a number of more than ten bytes at byte ${this.at}`);
  }
}
