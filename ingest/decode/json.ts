import { type Field, failure } from './fields.ts';

/** Longer ones are no time and no sequence; as a bigint, a million digits cost seconds. */
const DIGITS = /^-?\d{1,40}$/;
/**
 * A number of 16 digits or more may begin here: shorter ones are exact. Digits in a text of their own (`"time":"179…"`) and
 * behind a decimal point are none; digits within a longer text may look like one, which costs the second pass only.
 */
const LONG_INTEGER = /(?:^|[:[,\s-])\d{16}/;
const MAX_DEPTH = 32;
/** A text this short cannot nest deep enough to cost anything. */
const UNCHECKED_BYTES = 1024;

/**
 * Parses JSON text. Integers that a double cannot hold become bigint, so that nanosecond times and long sequences keep
 * their digits; the slow second pass runs only for texts that have one.
 */
export function parseJson(payload: Buffer, start: number, end: number, field: string): Field<unknown> {
  if (end - start > UNCHECKED_BYTES && isDeep(payload, start, end))
    return { ok: false, failure: failure('JSON_DEPTH', field, `nested deeper than ${MAX_DEPTH} levels`) };
  try {
    const text = payload.toString('utf8', start, end);
    const value: unknown = JSON.parse(text);
    return { ok: true, value: LONG_INTEGER.test(text) ? exactIntegers(text) : value };
  } catch (error) {
    const reason = start === end ? 'the payload is empty' : `not JSON: ${jsonReason(error)}`;
    return { ok: false, failure: failure('JSON_SYNTAX', field, reason) };
  }
}

/** Millions of nested lists take the engine's parser a second; finding them first takes milliseconds. */
function isDeep(bytes: Buffer, start: number, end: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}

function exactIntegers(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source && DIGITS.test(context.source)
      ? BigInt(context.source)
      : value,
  );
}

/** The engine's message quotes the payload: keep the position, not the content. */
function jsonReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message);
  return position ? `unexpected text at character ${position[1]}` : 'it ends too early or holds unexpected text';
}
