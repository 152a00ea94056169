/** Writes numbers bit by bit, the highest first, into a buffer that grows. */
export class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  /** Bits not yet written, fewer than eight of them. */
  #rest = 0;
  #restBits = 0;

  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(Math.max(64, expectedBytes));
  }

  /** Writes the lowest `bits` of a value that holds no others; at most 24. */
  put(value: number, bits: number): void {
    if (this.#length + 4 > this.#bytes.length) this.#grow();
    let rest = (this.#rest << bits) | value;
    let restBits = this.#restBits + bits;
    while (restBits >= 8) {
      restBits -= 8;
      this.#bytes[this.#length++] = rest >>> restBits;
      rest &= (1 << restBits) - 1;
    }
    this.#rest = rest;
    this.#restBits = restBits;
  }

  /** What was written, filled up with zeros to a whole byte. */
  finish(): Uint8Array {
    if (this.#restBits > 0) this.put(0, 8 - this.#restBits);
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what a `BitWriter` wrote. Behind the end it reads zeros; `overrun` then says so. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #rest = 0;
  #restBits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether more was read than there was. */
  get overrun(): boolean {
    return this.#at > this.#bytes.length;
  }

  /** The next `bits` as a number; at most 24. */
  take(bits: number): number {
    while (this.#restBits < bits) {
      this.#rest = (this.#rest << 8) | (this.#bytes[this.#at++] ?? 0);
      this.#restBits += 8;
    }
    this.#restBits -= bits;
    const value = this.#rest >>> this.#restBits;
    this.#rest &= (1 << this.#restBits) - 1;
    return value;
  }

  /** Counts zeros up to the next one and takes that too; stops at `atMost` zeros without taking more. */
  zeros(atMost: number): number {
    let count = 0;
    while (count < atMost) {
      if (this.#restBits === 0) {
        this.#rest = this.#bytes[this.#at++] ?? 0;
        this.#restBits = 8;
      }
      const ahead = this.#restBits - (32 - Math.clz32(this.#rest));
      if (this.#rest === 0) {
        count += this.#restBits;
        this.#restBits = 0;
        continue;
      }
      if (count + ahead >= atMost) {
        this.#restBits -= atMost - count;
        return atMost;
      }
      this.#restBits -= ahead + 1;
      this.#rest &= (1 << this.#restBits) - 1;
      return count + ahead;
    }
    // Zeros beyond the bound belong to what comes next.
    this.#restBits += count - atMost;
    return atMost;
  }
}
