const QUOTE = 0x22;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO = 0x30;
/** Year 2500, as `parseTimeNs` has it: a later text is no time. */
const LATEST_S = 16_725_225_600;

/** A time that is not written as plain digits, or none that the pattern would take: only the pattern can tell. */
const UNTOLD = Number.NaN;

/** Seconds since the epoch; the size of a number gives its unit, as everywhere. */
export function epochSeconds(epoch: number): number {
  return epoch < 1e11 ? epoch : epoch < 1e14 ? epoch / 1e3 : epoch < 1e17 ? epoch / 1e6 : epoch / 1e9;
}

/**
 * What `TIME` of `history.ts` finds in these bytes, where that is plain digits, with or without quotes: most messages, and
 * without making a text of them.
 *
 * @returns seconds since the epoch, null when there is no time, NaN when only the pattern can tell
 */
export function wholeTimeIn(bytes: Uint8Array, start: number, end: number): number | null {
  for (let quote = start; quote < end; quote++) {
    if (bytes[quote] !== QUOTE) continue;
    const name = nameEnd(bytes, quote + 1, end);
    if (name === -1) continue;
    let at = blanksEnd(bytes, name, end);
    if (at >= end || bytes[at] !== COLON) continue;
    at = blanksEnd(bytes, at + 1, end);
    const found = digitsAt(bytes, at, end);
    if (found !== null) return found;
  }
  return null;
}

/** Behind the closing quote of one of the names of a time that begins here; -1 when none does. */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  if (first !== 0x74 && first !== 0x62) return -1; // t, b
  for (const name of NAMES) {
    let same = 0;
    while (same < name.length && at + same < end && bytes[at + same] === name[same]) same++;
    if (same === name.length) return at + same;
  }
  return -1;
}

const NAMES = ['time"', 'timestamp"', 'ts"', 't"', 'bt"'].map((name) => Buffer.from(name, 'latin1'));

/** Blanks as a pattern's `\\s` knows them, in latin1. */
function blanksEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0xa0 && (byte < 0x09 || byte > 0x0d)) break;
    at++;
  }
  return at;
}

/** The time that is written here; null when this is none. */
function digitsAt(bytes: Uint8Array, from: number, end: number): number | null {
  const quoted = bytes[from] === QUOTE;
  const first = quoted ? from + 1 : from;
  let at = first;
  let value = 0;
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= ZERO + 9) value = value * 10 + (bytes[at++]! - ZERO);
  const digits = at - first;
  if (!quoted) return digits < 10 ? null : digits > 19 || bytes[at] === POINT ? UNTOLD : epochSeconds(value);
  if (at < end && bytes[at] === QUOTE && digits >= 8 && digits <= 20) {
    const seconds = epochSeconds(value);
    return seconds > LATEST_S ? UNTOLD : seconds;
  }
  return UNTOLD;
}
