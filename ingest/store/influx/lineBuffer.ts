import { endianness } from 'node:os';

const ZERO = 0x30;
const MINUS = 0x2d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MILLION = 1_000_000;
const BILLION = 1_000_000_000;
const TWO_TO_32 = 2 ** 32;

/** The two halves of 64 bits. */
const whole = new BigInt64Array(1);
const halves = new Uint32Array(whole.buffer);
const [LOW, HIGH] = endianness() === 'LE' ? [0, 1] : [1, 0];
const MAX_INT64 = 2n ** 63n - 1n;

/** Text put together byte by byte: for lines by the ten thousand, strings cost several times as much. */
export class LineBuffer {
  #bytes: Buffer;
  #length = 0;
  #repeated = '';
  #repeatedBytes: Uint8Array = new Uint8Array(0);

  constructor(bytes = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What was put in, to be sent; what is put in from now on goes elsewhere. */
  taken(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length);
    this.#length = 0;
    return taken;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Text from a position on, quotes and backslashes escaped, as it stands within a string field. */
  text(text: string, from = 0): void {
    this.#reserve(6 * (text.length - from));
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = from; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        const rest = text.slice(i).replace(/["\\]/g, '\\$&');
        this.#length = at + bytes.write(rest, at, 'utf8');
        return;
      }
      if (code === QUOTE || code === BACKSLASH) bytes[at++] = BACKSLASH;
      bytes[at++] = code;
    }
    this.#length = at;
  }

  /** The same for a text that most likely is the one of the line before: its bytes are kept. */
  repeatedText(text: string): void {
    if (text !== this.#repeated) {
      const start = this.#length;
      this.text(text);
      this.#repeated = text;
      this.#repeatedBytes = Uint8Array.from(this.#bytes.subarray(start, this.#length));
    } else this.raw(this.#repeatedBytes);
  }

  /** A number as JavaScript writes it, exponents included. */
  number(value: number): void {
    if (!Number.isInteger(value)) this.text(String(value));
    else if (Math.abs(value) < BILLION) this.#integer(value);
    else if (value > 0 && value < BILLION * MILLION) {
      const billions = Math.floor(value / BILLION);
      this.#integer(billions);
      this.#padded(value - billions * BILLION, 9);
    } else this.text(String(value));
  }

  bigint(value: bigint): void {
    if (value < 0n || value > MAX_INT64) {
      this.text(String(value));
      return;
    }
    whole[0] = value;
    const low = halves[LOW]!;
    // The quotient of doubles is right to within one; the rest, taken modulo 2³², tells which.
    let billions = Math.floor((halves[HIGH]! * TWO_TO_32 + low) / BILLION);
    let rest = (low - Math.imul(billions, BILLION)) >>> 0;
    if (rest >= BILLION) {
      if (rest >= TWO_TO_32 / 2) {
        billions--;
        rest = (rest + BILLION) >>> 0;
      } else {
        billions++;
        rest -= BILLION;
      }
    }
    if (billions === 0) {
      this.#integer(rest);
      return;
    }
    const thousands = Math.floor(billions / 100_000);
    if (thousands === 0) this.#integer(billions);
    else {
      this.#integer(thousands);
      this.#padded(billions - thousands * 100_000, 5);
    }
    this.#padded(rest, 9);
  }

  /** @param value an integer of less than ten digits */
  #integer(value: number): void {
    if (value < 0) this.byte(MINUS);
    const size = Math.abs(value) | 0;
    let digits = 1;
    for (let bound = 10; size >= bound; bound *= 10) digits++;
    this.#padded(size, digits);
  }

  #padded(value: number, digits: number): void {
    this.#reserve(digits);
    const bytes = this.#bytes;
    let left = value | 0;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const tens = (left / 10) | 0;
      bytes[at] = ZERO + left - tens * 10;
      left = tens;
    }
    this.#length += digits;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
