const ROOM = 8_192;

/**
 * Texts by their ASCII bytes, so that the same few names are not made anew for each sample: one slot each by a hash of the
 * bytes, the newer out of two that meet there.
 */
export class ShortTexts {
  readonly #texts: string[] = new Array(ROOM).fill('');

  of(bytes: Uint8Array, start: number, end: number): string {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (ROOM - 1);
    const known = this.#texts[slot]!;
    if (isText(known, bytes, start, end)) return known;
    const made = String.fromCharCode(...bytes.subarray(start, end));
    this.#texts[slot] = made;
    return made;
  }
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
