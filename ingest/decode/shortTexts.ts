const ROOM = 8_192;

/**
 * Texts by their ASCII bytes, so that the same few names are not made anew for each sample: one slot each by a hash of the
 * bytes, the newer out of two that meet there.
 */
export class ShortTexts {
  readonly #texts: string[] = new Array(ROOM).fill('');
  /** Each text's bytes: to compare these is faster than to look into a text. */
  readonly #known: Uint8Array[] = new Array(ROOM).fill(new Uint8Array(0));

  of(bytes: Uint8Array, start: number, end: number): string {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (ROOM - 1);
    if (isSame(this.#known[slot]!, bytes, start, end)) return this.#texts[slot]!;
    const own = bytes.slice(start, end);
    this.#known[slot] = own;
    this.#texts[slot] = String.fromCharCode(...own);
    return this.#texts[slot]!;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
