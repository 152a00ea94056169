import type { Random } from './random.ts';

/** Texts that parsers trip over, put in wherever. */
const TOKENS = [
  ...[
    'null',
    'true',
    '1e999',
    '-0',
    '9'.repeat(40),
    '1e-400',
    'NaN',
    '""',
    '{}',
    '[]',
    '[[[[',
    '}}',
    '"',
    "'",
    '\\',
    '\\u0000',
    '\\ud800',
  ],
  ...[
    '\0',
    '\ufeff',
    '\u2028',
    '\r\n',
    '\n',
    '\t',
    ',',
    ';',
    '=',
    ' ',
    '#',
    '/',
    '+',
    '..',
    '*',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    '"value":',
    '"point":',
    '"time":',
    '"bn":',
    '"bt":',
    '"v":',
    '"samples":',
    '"values":',
    '{"point":"p","value":1}',
    '9223372036854775808',
  ],
].map((text) => Buffer.from(text));
/** Bytes that begin something large in binary formats. */
const HEADS = [
  '9f',
  'bf',
  'ff',
  '9bffffffffffffffff',
  '7affffffff',
  '5b7fffffffffffffff',
  'c249',
  'fb7ff8000000000000',
  'f97e00',
  'ffffffff',
  '80808080808001',
  '464c5731',
].map((hex) => Buffer.from(hex, 'hex'));
const MAX_BYTES = 16 * 1024;

/** Changes a valid payload in a few places; now and then none, or all of it. */
export function mutate(valid: Buffer, others: readonly Buffer[], random: Random): Buffer {
  if (random.chance(50)) return random.bytes(64);
  if (random.chance(40)) return valid;
  let bytes = valid;
  for (let left = 1 + (random.chance(3) ? random.below(5) : 0); left > 0; left--)
    bytes = changed(bytes, others, random);
  return bytes.subarray(0, MAX_BYTES);
}

function changed(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(12));
  switch (random.below(9)) {
    case 0: {
      if (bytes.length === 0) return bytes;
      const flipped = Buffer.from(bytes);
      flipped[at % bytes.length]! ^= 1 << random.below(8);
      return flipped;
    }
    case 1:
      return splice(bytes, at, at, random.pick(TOKENS));
    case 2:
      return splice(bytes, at, to, random.pick(TOKENS));
    case 3:
      return splice(bytes, at, to, random.pick(HEADS));
    case 4:
      return bytes.subarray(0, at);
    case 5:
      return splice(bytes, at, to, Buffer.alloc(0));
    case 6:
      return splice(
        bytes,
        at,
        at,
        Buffer.concat(Array.from({ length: 1 + random.below(30) }, () => bytes.subarray(at, to))),
      );
    case 7: {
      const other = random.pick(others);
      const from = random.below(other.length + 1);
      return splice(bytes, at, to, other.subarray(from, from + random.below(60)));
    }
    default:
      return splice(bytes, at, to, random.bytes(12));
  }
}

function splice(bytes: Buffer, from: number, to: number, put: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);
}
