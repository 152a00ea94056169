import { decode } from 'cborg';
import { type Field, failure } from './fields.ts';

const MAX_DEPTH = 32;
/** A million items: no message of ours, and bounded memory whatever the bytes claim. */
const MAX_ITEMS = 1_000_000;
const MAX_BIGNUM_BYTES = 16;
const INDEFINITE = 31;

/** Decimal fractions (RFC 8949 §3.4.4) as the nearest double. */
const TAGS: Record<number, (inner: () => unknown) => unknown> = {
  0: (inner) => inner(),
  1: (inner) => inner(),
  2: (inner) => bignum(inner()),
  3: (inner) => -1n - bignum(inner()),
  4: (inner) => {
    const parts = inner();
    if (!Array.isArray(parts) || parts.length !== 2) throw new Error('a decimal fraction is [exponent, mantissa]');
    return Number(`${parts[1]}e${parts[0]}`);
  },
  // Self-described CBOR (§3.4.6): the item itself.
  55799: (inner) => inner(),
};

function bignum(bytes: unknown): bigint {
  if (!(bytes instanceof Uint8Array)) throw new Error('a bignum is a byte string');
  return BigInt(`0x0${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`);
}

/**
 * Parses one CBOR item (RFC 8949) that fills the bytes. Maps become `Map`, so that no key is special. The bytes are
 * walked first: what they claim and do not hold, or nest too deep, costs no memory.
 */
export function parseCbor(payload: Buffer, start: number, end: number, field: string): Field<unknown> {
  const refuse = (reason: string) => ({ ok: false as const, failure: failure('CBOR_SYNTAX', field, reason) });
  const bytes = payload.subarray(start, end);
  if (bytes.length === 0) return refuse('the payload is empty');
  const trouble = new Walk(bytes).trouble();
  if (trouble !== null) return refuse(trouble);
  try {
    return { ok: true, value: decode(bytes, { useMaps: true, tags: TAGS as never, rejectDuplicateMapKeys: true }) };
  } catch (error) {
    return refuse(`not CBOR that can be read: ${libraryReason(error)}`);
  }
}

/** The library's sentence without its prefix; it quotes no payload beyond a number. */
function libraryReason(error: unknown): string {
  const message = error instanceof Error ? error.message : 'unknown';
  return message.replace(/^CBOR decode error:?\s*/, '').slice(0, 120);
}

/** Checks that items are well formed (RFC 8949 §5.3.1), within the limits, before anything is built from them. */
class Walk {
  readonly #bytes: Buffer;
  #at = 0;
  #items = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** What is wrong and where, or null. */
  trouble(): string | null {
    const trouble = this.#item(0);
    if (trouble !== null) return trouble;
    return this.#at === this.#bytes.length
      ? null
      : `${this.#bytes.length - this.#at} bytes follow the message at byte ${this.#at}`;
  }

  #item(depth: number): string | null {
    const at = this.#at;
    if (at >= this.#bytes.length) return `it ends too early, at byte ${at}`;
    if (depth > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH} levels at byte ${at}`;
    if (++this.#items > MAX_ITEMS) return `more than ${MAX_ITEMS} items`;
    const initial = this.#bytes[this.#at++]!;
    const major = initial >> 5;
    const info = initial & 31;
    if (info === INDEFINITE) return this.#indefinite(major, depth, at);
    const argument = this.#argument(info, at);
    if (typeof argument === 'string') return argument;
    switch (major) {
      case 2:
      case 3:
        if (argument > this.#bytes.length - this.#at)
          return `a text or byte string at byte ${at} claims ${argument} bytes; ${this.#bytes.length - this.#at} are there`;
        this.#at += argument;
        return null;
      case 4:
        return this.#several(argument, depth, at);
      case 5:
        return this.#several(argument * 2, depth, at);
      case 6:
        return this.#tagged(argument, depth, at);
      default:
        return null;
    }
  }

  #several(count: number, depth: number, at: number): string | null {
    if (count > this.#bytes.length - this.#at)
      return `a list or map at byte ${at} claims more items than the bytes that follow can hold`;
    for (let index = 0; index < count; index++) {
      const trouble = this.#item(depth + 1);
      if (trouble !== null) return trouble;
    }
    return null;
  }

  #tagged(tag: number, depth: number, at: number): string | null {
    if (!(tag in TAGS)) return `tag ${tag} at byte ${at} is not known here; send the value without it`;
    const start = this.#at;
    const trouble = this.#item(depth + 1);
    if (trouble !== null) return trouble;
    if ((tag === 2 || tag === 3) && this.#at - start > MAX_BIGNUM_BYTES + 1)
      return `a number of more than ${MAX_BIGNUM_BYTES} bytes at byte ${at}`;
    return null;
  }

  #indefinite(major: number, depth: number, at: number): string | null {
    if (major === 2 || major === 3) return `a string in pieces at byte ${at}; send it in one piece`;
    if (major !== 4 && major !== 5) return `byte ${at} begins no item`;
    for (let count = 0; ; count++) {
      if (this.#bytes[this.#at] === 0xff) {
        this.#at++;
        return major === 5 && count % 2 === 1 ? `a map at byte ${at} ends behind a key` : null;
      }
      const trouble = this.#item(depth + 1);
      if (trouble !== null) return trouble;
    }
  }

  #argument(info: number, at: number): number | string {
    if (info < 24) return info;
    if (info > 27) return `byte ${at} begins no item`;
    const length = 1 << (info - 24);
    const start = this.#at;
    if (start + length > this.#bytes.length) return `it ends too early, at byte ${this.#bytes.length}`;
    this.#at += length;
    return length === 8 ? Number(this.#bytes.readBigUInt64BE(start)) : this.#bytes.readUIntBE(start, length);
  }
}
