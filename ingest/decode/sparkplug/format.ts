import type { TelemetryFormat } from '../format.ts';
import type { TelemetryDecoding } from '../types.ts';
import { type Resolved, unseal } from './envelope.ts';
import type { SparkplugPayload } from './model.ts';
import { readPayload } from './payload.ts';
import { samplesOf } from './samples.ts';
import { WireError } from './wire.ts';

/** A message that names its metrics itself, as one may on a topic of ours. */
const UNRESOLVED: Resolved = { type: 'NDATA', definitions: [], held: null };

/** Sparkplug B: a message with what its birth certificate says of it (`envelope.ts`), or one that needs none. */
export const sparkplugFormat: TelemetryFormat = {
  name: 'sparkplug',
  aliases: ['spb', 'sparkplug-b'],
  kind: 'telemetry',
  decode: decodeSparkplug,
  count: (payload, start, end) => unitsIn(decodeSparkplug(payload.subarray(start, end))),
};

/** Decodes a record of this format. Never throws. */
export function decodeSparkplug(record: Uint8Array): TelemetryDecoding {
  const sealed = unseal(record);
  const resolved = sealed?.resolved ?? UNRESOLVED;
  const bytes = sealed?.payload ?? Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (resolved.held) return { ok: false, failure: { ...resolved.held, field: 'payload' } };
  const payload = tryPayload(bytes);
  if ('reason' in payload)
    return { ok: false, failure: { code: 'SPARKPLUG_PAYLOAD', field: 'payload', reason: payload.reason } };
  return samplesOf(resolved, payload);
}

/** The message, or why its bytes are none. */
export function tryPayload(bytes: Buffer): SparkplugPayload | { reason: string } {
  try {
    return readPayload(bytes);
  } catch (error) {
    if (error instanceof WireError) return { reason: `not a Sparkplug B payload: ${error.message}` };
    throw error;
  }
}

/** Ledger units of a decoding. A message of nulls and protocol metrics has none. */
export function unitsIn(decoding: TelemetryDecoding): number {
  return decoding.ok ? decoding.samples.length + decoding.rejected.length : 1;
}
