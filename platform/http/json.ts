import { z } from 'zod';

/** JSON has no integers beyond 2^53: bigints (nanoseconds, counters) travel as decimal strings. */
export function jsonReplacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** A bigint in the program, a decimal string on the wire, in requests and responses alike. */
export const int64Text = z.codec(
  z.string().regex(/^-?\d{1,19}$/, { error: 'must be a whole number written as a string of digits' }),
  z.bigint(),
  { decode: (text) => BigInt(text), encode: (value) => value.toString() },
);
