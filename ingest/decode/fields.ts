import { parseTimeNs } from './time.ts';
import type { DecodeCode, DecodeFailure } from './types.ts';

const MAX_POINT_CHARACTERS = 128;
const MAX_UNIT_CHARACTERS = 32;
const MAX_BOOT_CHARACTERS = 64;
const MAX_SEQUENCE = 2n ** 63n - 1n;

/** Characters no name may hold: controls, separators of topics and keys, wildcards, what UTF-8 decoding replaced. */
const FORBIDDEN_IN_NAME = /[\p{Cc}/+#\u2028\u2029\ufffd]/u;
const FORBIDDEN_IN_TEXT = /[\p{Cc}\u2028\u2029\ufffd]/u;

export function failure(code: DecodeCode, field: string, reason: string): DecodeFailure {
  return { code, field, reason };
}

/** A field's value, or why it is none. */
export type Field<T> = { ok: true; value: T } | { ok: false; failure: DecodeFailure };

const good = <T>(value: T): Field<T> => ({ ok: true, value });
const bad = (code: DecodeCode, field: string, reason: string): Field<never> => ({
  ok: false,
  failure: { code, field, reason },
});

export function pointField(value: unknown, field: string): Field<string> {
  if (typeof value !== 'string') return bad('POINT_NAME', field, `point must be a text, not ${named(value)}`);
  if (value.length < 1 || value.length > MAX_POINT_CHARACTERS)
    return bad(
      'POINT_NAME',
      field,
      `a point name has 1 to ${MAX_POINT_CHARACTERS} characters, this one ${value.length}`,
    );
  if (FORBIDDEN_IN_NAME.test(value) || !value.isWellFormed() || value.trim() !== value)
    return bad('POINT_NAME', field, 'a point name holds no control characters, / + #, invalid UTF-8 or outer spaces');
  return good(value);
}

export function valueField(value: unknown, field: string): Field<number> {
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? good(value)
      : bad('VALUE_NOT_FINITE', field, 'the value is beyond the range of a double; send a finite number');
  return bad('VALUE_TYPE', field, `value must be a number, not ${named(value)}`);
}

export function unitField(value: unknown, field: string): Field<string | null> {
  if (value === undefined || value === null) return good(null);
  if (
    typeof value !== 'string' ||
    value.length > MAX_UNIT_CHARACTERS ||
    FORBIDDEN_IN_TEXT.test(value) ||
    !value.isWellFormed()
  )
    return bad('UNIT', field, `unit must be a text of at most ${MAX_UNIT_CHARACTERS} characters`);
  return good(value);
}

export function timeField(value: unknown, field: string): Field<bigint | null> {
  if (value === undefined || value === null) return good(null);
  const ns = parseTimeNs(value);
  return ns === null
    ? bad('TIME', field, 'send ISO 8601 or an epoch number (s, ms, µs or ns), not after the year 2500')
    : good(ns);
}

export function seqField(value: unknown, field: string): Field<bigint | null> {
  if (value === undefined || value === null) return good(null);
  const integer =
    typeof value === 'bigint'
      ? value
      : Number.isSafeInteger(value) || (typeof value === 'string' && /^\d{1,19}$/.test(value))
        ? BigInt(value as number | string)
        : null;
  if (integer === null || integer < 0n || integer > MAX_SEQUENCE)
    return bad('SEQUENCE', field, 'seq must be an integer from 0 to 2^63 - 1');
  return good(integer);
}

export function bootField(value: unknown, field: string): Field<string | null> {
  if (value === undefined || value === null) return good(null);
  const text = Number.isSafeInteger(value) || typeof value === 'bigint' ? String(value) : value;
  if (
    typeof text !== 'string' ||
    text.length < 1 ||
    text.length > MAX_BOOT_CHARACTERS ||
    FORBIDDEN_IN_TEXT.test(text) ||
    !text.isWellFormed()
  )
    return bad('BOOT', field, `boot must be a text of 1 to ${MAX_BOOT_CHARACTERS} characters or an integer`);
  return good(text);
}

/** What kind of JSON value something is, for a reason. */
export function named(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
