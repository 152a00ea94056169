import { parseCbor } from './cborItems.ts';
import { bufferOf } from './entries.ts';
import type { Field } from './fields.ts';
import { failure } from './fields.ts';
import type { TelemetryFormat } from './format.ts';
import { countEntries, samplesOf } from './shapes.ts';
import type { TelemetryDecoding } from './types.ts';

/** A CBOR message in the shapes of our own JSON, with text keys. */
export function parseCborMessage(payload: Buffer, start: number, end: number): Field<unknown> {
  const item = parseCbor(payload, start, end, 'payload');
  if (!item.ok) return item;
  const plain = withTextKeys(item.value);
  if (plain === NOT_TEXT)
    return { ok: false, failure: failure('CBOR_SHAPE', 'payload', 'keys of maps must be texts, such as "point"') };
  return { ok: true, value: plain };
}

const NOT_TEXT = Symbol('a key that is no text');

/** Maps as objects without a prototype: whatever a key is called, it is only a key. */
function withTextKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const plain = withTextKeys(value[index]);
      if (plain === NOT_TEXT) return NOT_TEXT;
      value[index] = plain;
    }
    return value;
  }
  if (!(value instanceof Map)) return value;
  const fields: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of value) {
    const plain = withTextKeys(inner);
    if (typeof key !== 'string' || plain === NOT_TEXT) return NOT_TEXT;
    fields[key] = plain;
  }
  return fields;
}

function decode(payload: Uint8Array): TelemetryDecoding {
  const message = parseCborMessage(bufferOf(payload), 0, payload.byteLength);
  return message.ok ? samplesOf(message.value) : message;
}

function count(payload: Buffer, start: number, end: number): number {
  const message = parseCborMessage(payload, start, end);
  return message.ok ? countEntries(message.value) : 1;
}

/** Our own shapes in CBOR (RFC 8949). */
export const cborFormat: TelemetryFormat = { name: 'cbor', aliases: [], kind: 'telemetry', decode, count };
