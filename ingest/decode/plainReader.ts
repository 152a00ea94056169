import { ShortTexts } from './shortTexts.ts';
import { parseTimeNs, wholeNs } from './time.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
/** Digits whose number a double holds exactly; over a power of ten that one holds as well, the quotient is rounded once. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
/** Of an epoch that 64 bits hold. */
const MAX_EPOCH_DIGITS = 19;
const LONGEST_TEXT = 128;

const texts = new ShortTexts();

/** Reads the plain kind of JSON token by token; whatever is otherwise it does not read. */
export class PlainReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#at = start;
  }

  isAtEnd(): boolean {
    this.#skipBlanks();
    return this.#at === this.#end;
  }

  /** Takes this sign, if it comes next. */
  take(sign: number): boolean {
    this.#skipBlanks();
    if (this.#at === this.#end || this.#bytes[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  /** A text of printable ASCII without escapes; null for any other, and for one that no name may be as long as. */
  text(): string | null {
    if (!this.take(QUOTE)) return null;
    const start = this.#at;
    const end = this.#textEnd();
    return end === -1 ? null : texts.of(this.#bytes, start, end);
  }

  /** A field's name and its colon. */
  name(): string | null {
    const name = this.text();
    return name !== null && this.take(COLON) ? name : null;
  }

  /** A number of few digits, as a double. */
  number(): number | null {
    this.#skipBlanks();
    const bytes = this.#bytes;
    const isNegative = bytes[this.#at] === MINUS;
    if (isNegative) this.#at++;
    const first = this.#at;
    let mantissa = this.#digits();
    let digits = this.#at - first;
    if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return null;
    let fraction = 0;
    if (this.#at < this.#end && bytes[this.#at] === POINT) {
      const from = ++this.#at;
      if (digits > EXACT_DIGITS) return null;
      const behind = this.#digits();
      fraction = this.#at - from;
      digits += fraction;
      if (fraction === 0 || digits > EXACT_DIGITS) return null;
      mantissa = mantissa * POWERS_OF_TEN[fraction]! + behind;
    }
    if (digits > EXACT_DIGITS || this.#numberGoesOn()) return null;
    const size = fraction === 0 ? mantissa : mantissa / POWERS_OF_TEN[fraction]!;
    return isNegative ? -size : size;
  }

  /** A whole number that is not negative, of few digits. */
  whole(): bigint | null {
    this.#skipBlanks();
    const first = this.#at;
    const value = this.#digits();
    const digits = this.#at - first;
    if (digits === 0 || digits > EXACT_DIGITS || (digits > 1 && this.#bytes[first] === ZERO)) return null;
    return this.#numberGoesOn() ? null : BigInt(value);
  }

  /** A time as a text, or as a number without sign and fraction, in nanoseconds. */
  time(): bigint | null {
    this.#skipBlanks();
    if (this.#bytes[this.#at] !== QUOTE) {
      const first = this.#at;
      const ns = this.#epoch();
      const hasLeadingZero = this.#bytes[first] === ZERO && this.#at - first > 1;
      return ns === null || hasLeadingZero || this.#numberGoesOn() ? null : ns;
    }
    const start = ++this.#at;
    const ns = this.#epoch();
    if (ns !== null && this.#at < this.#end && this.#bytes[this.#at] === QUOTE) {
      this.#at++;
      return ns;
    }
    this.#at = start;
    const end = this.#textEnd();
    return end === -1 ? null : parseTimeNs(String.fromCharCode(...this.#bytes.subarray(start, end)));
  }

  /** Digits in two halves, each exact: a text and a `BigInt` of it cost three times as much. */
  #epoch(): bigint | null {
    const bytes = this.#bytes;
    const first = this.#at;
    const last = Math.min(this.#end, first + MAX_EPOCH_DIGITS + 1);
    let end = first;
    while (end < last && isDigit(bytes[end]!)) end++;
    if (end === first || end - first > MAX_EPOCH_DIGITS) return null;
    this.#at = end;
    const middle = Math.max(first, end - 9);
    let high = 0;
    for (let at = first; at < middle; at++) high = high * 10 + bytes[at]! - ZERO;
    let low = 0;
    for (let at = middle; at < end; at++) low = low * 10 + bytes[at]! - ZERO;
    return wholeNs(BigInt(high) * 1_000_000_000n + BigInt(low));
  }

  #digits(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    let value = 0;
    for (; at < end && isDigit(bytes[at]!); at++) value = value * 10 + bytes[at]! - ZERO;
    this.#at = at;
    return value;
  }

  /** A sign, a point or an exponent where the number should have ended. */
  #numberGoesOn(): boolean {
    if (this.#at === this.#end) return false;
    const byte = this.#bytes[this.#at]!;
    return byte === POINT || byte === 0x65 || byte === 0x45; // e, E
  }

  /** Goes behind the closing quote. @returns where it stands, or -1 */
  #textEnd(): number {
    const bytes = this.#bytes;
    const last = Math.min(this.#end, this.#at + LONGEST_TEXT + 1);
    for (let at = this.#at; at < last; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return at;
      }
      if (byte < SPACE || byte >= DELETE || byte === BACKSLASH) return -1;
    }
    return -1;
  }

  #skipBlanks(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    while (at < end && (bytes[at] === SPACE || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)) at++;
    this.#at = at;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
