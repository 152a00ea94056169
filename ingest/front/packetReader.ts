import { MAX_FIXED_HEADER_BYTES } from './wire.ts';

/** What the reader calls with each whole packet: bytes [start, end), the variable header beginning at `body`. */
export interface PacketSink {
  /**
   * Whether a packet with this first byte and remaining length may come; called as soon as its fixed header is there,
   * before a byte of it is kept.
   */
  admits(firstByte: number, remainingBytes: number): boolean;
  /** Takes the packet, or returns false to be offered it again by `resume`. */
  take(bytes: Buffer, start: number, body: number, end: number): boolean;
}

export type ReadState = 'more' | 'held' | 'refused';

/**
 * Cuts a byte stream into MQTT packets without copying those that lie in one chunk. What is kept of an incomplete packet
 * grows with what has arrived, never with what a header claims.
 */
export class PacketReader {
  readonly #sink: PacketSink;
  #partial: Buffer | null = null;
  #partialBytes = 0;
  #held: Buffer | null = null;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** Bytes kept for packets that are incomplete or held. */
  get keptBytes(): number {
    return (this.#partial?.length ?? 0) + (this.#held?.length ?? 0);
  }

  read(chunk: Buffer): ReadState {
    if (this.#held) {
      this.#held = Buffer.concat([this.#held, chunk]);
      return 'held';
    }
    let at = 0;
    if (this.#partial) {
      const completed = this.#complete(chunk);
      if (completed === 'more' || completed === 'refused') return completed;
      at = completed;
      const packet = this.#partial.subarray(0, this.#partialBytes);
      this.#partial = null;
      this.#partialBytes = 0;
      const state = this.#cut(packet, 0);
      if (state === 'held') this.#held = Buffer.concat([packet, chunk.subarray(at)]);
      if (state !== 'more') return state;
    }
    return this.#cut(chunk, at);
  }

  /** Offers again what was held. */
  resume(): ReadState {
    const held = this.#held;
    if (!held) return 'more';
    this.#held = null;
    return this.#cut(held, 0);
  }

  #cut(bytes: Buffer, from: number): ReadState {
    let at = from;
    while (at < bytes.length) {
      const header = fixedHeader(bytes, at, bytes.length);
      if (header === 'bad') return 'refused';
      if (header === 'short') break;
      if (!this.#sink.admits(bytes[at]!, header.remaining)) return 'refused';
      const end = header.body + header.remaining;
      if (end > bytes.length) break;
      if (!this.#sink.take(bytes, at, header.body, end)) {
        this.#held = bytes.subarray(at);
        return 'held';
      }
      at = end;
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at));
    return 'more';
  }

  #keep(rest: Buffer): void {
    this.#partial = Buffer.from(rest);
    this.#partialBytes = rest.length;
  }

  /** Adds to the partial packet what belongs to it. @returns where in the chunk the next packet begins */
  #complete(chunk: Buffer): number | 'more' | 'refused' {
    let at = 0;
    for (;;) {
      const partial = this.#partial!;
      const header = fixedHeader(partial, 0, this.#partialBytes);
      if (header === 'bad') return 'refused';
      if (header === 'short') {
        if (at === chunk.length) return 'more';
        this.#add(chunk, at, at + 1, MAX_FIXED_HEADER_BYTES);
        at++;
        continue;
      }
      if (!this.#sink.admits(partial[0]!, header.remaining)) return 'refused';
      const whole = header.body + header.remaining;
      const end = Math.min(chunk.length, at + whole - this.#partialBytes);
      this.#add(chunk, at, end, whole);
      return this.#partialBytes === whole ? end : 'more';
    }
  }

  #add(chunk: Buffer, start: number, end: number, whole: number): void {
    const needed = this.#partialBytes + end - start;
    if (needed > this.#partial!.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(whole, needed), Math.max(needed, 2 * this.#partial!.length)));
      this.#partial!.copy(larger, 0, 0, this.#partialBytes);
      this.#partial = larger;
    }
    chunk.copy(this.#partial!, this.#partialBytes, start, end);
    this.#partialBytes = needed;
  }
}

/** Reads type and remaining length (§2.2.3): seven bits a byte, at most four bytes. */
function fixedHeader(bytes: Buffer, at: number, end: number): { body: number; remaining: number } | 'short' | 'bad' {
  let remaining = 0;
  for (let index = 1; index < MAX_FIXED_HEADER_BYTES; index++) {
    if (at + index >= end) return 'short';
    const byte = bytes[at + index]!;
    remaining += (byte & 0x7f) << (7 * (index - 1));
    if (byte < 0x80) return { body: at + index + 1, remaining };
  }
  return 'bad';
}
