import type { MessageUnits } from './units.ts';

const FORGOTTEN_AT_ONCE = 4096;

/**
 * Lets the two readers of a spool share the work of decoding: what one has decoded is kept until the other asks for it.
 * Bounded, oldest out first; a miss costs decoding again and nothing else.
 */
export class DecodedOnce {
  readonly #limitBytes: number;
  readonly #kept = new Map<number, { units: MessageUnits; bytes: number }>();
  /** Offsets as they were added; those that were taken since are passed over. (A Map is slow to tell its oldest entry.) */
  #added: number[] = [];
  #oldest = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The units of the record at an offset; `bytes` is about what keeping them costs. */
  take(offset: number, bytes: number, decode: () => MessageUnits): MessageUnits {
    const known = this.#kept.get(offset);
    if (known) {
      this.#drop(offset, known.bytes);
      this.#passOver();
      return known.units;
    }
    const units = decode();
    this.#kept.set(offset, { units, bytes });
    this.#bytes += bytes;
    this.#added.push(offset);
    while (this.#bytes > this.#limitBytes) this.#dropOldest();
    return units;
  }

  #dropOldest(): void {
    this.#passOver();
    const offset = this.#added[this.#oldest]!;
    this.#drop(offset, this.#kept.get(offset)!.bytes);
  }

  #passOver(): void {
    while (this.#oldest < this.#added.length && !this.#kept.has(this.#added[this.#oldest]!)) this.#oldest++;
    if (this.#oldest < FORGOTTEN_AT_ONCE || this.#oldest * 2 < this.#added.length) return;
    this.#added.splice(0, this.#oldest);
    this.#oldest = 0;
  }

  #drop(offset: number, bytes: number): void {
    this.#kept.delete(offset);
    this.#bytes -= bytes;
  }
}
