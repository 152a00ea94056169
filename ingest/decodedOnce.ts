import type { MessageUnits } from './units.ts';

/**
 * Lets the two readers of a spool share the work of decoding: what one has decoded is kept until the other asks for it.
 * Bounded, oldest out first; a miss costs decoding again and nothing else.
 */
export class DecodedOnce {
  readonly #limitBytes: number;
  readonly #kept = new Map<number, { units: MessageUnits; bytes: number }>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The units of the record at an offset; `payloadBytes` is about what keeping them costs. */
  take(offset: number, payloadBytes: number, decode: () => MessageUnits): MessageUnits {
    const known = this.#kept.get(offset);
    if (known) {
      this.#drop(offset, known.bytes);
      return known.units;
    }
    const units = decode();
    this.#kept.set(offset, { units, bytes: payloadBytes });
    this.#bytes += payloadBytes;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#drop(oldest, bytes);
    }
    return units;
  }

  #drop(offset: number, bytes: number): void {
    this.#kept.delete(offset);
    this.#bytes -= bytes;
  }
}
