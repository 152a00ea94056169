import { type SparkplugType, TYPES } from './types.ts';

/**
 * What the birth certificate says of one metric of a message, in the message's order: name, datatype, unit, and the name of
 * another metric whose point would be the same. Null where the birth knows nothing of it.
 */
export type Definition = readonly [name: string, datatype: number | null, unit: string | null, clash?: string];

/** Everything the decoder needs beside the message itself. */
export interface Resolved {
  /** Of a message that is history altogether: its newest time in ms, first, where acceptance looks (`ingest/lanes`). */
  time?: number;
  type: SparkplugType;
  definitions: readonly (Definition | null)[];
  /** Why the message could not be resolved when it came; it waits in quarantine for a replay. */
  held: { code: 'SPARKPLUG_BIRTH' | 'SPARKPLUG_DEVICE'; reason: string } | null;
}

const MAGIC = Buffer.from('FLSB');
const PREFIX_BYTES = 8;

/** One record: `FLSB`, u32 LE length of the JSON, the JSON, and the message as it came. */
export function seal(resolved: Resolved, payload: Uint8Array): Buffer {
  const header = Buffer.from(JSON.stringify(resolved));
  const sealed = Buffer.allocUnsafe(PREFIX_BYTES + header.length + payload.length);
  MAGIC.copy(sealed);
  sealed.writeUInt32LE(header.length, 4);
  header.copy(sealed, PREFIX_BYTES);
  sealed.set(payload, PREFIX_BYTES + header.length);
  return sealed;
}

/** Takes a record apart; null when it is none of ours. */
export function unseal(record: Uint8Array): { resolved: Resolved; payload: Buffer } | null {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (bytes.length < PREFIX_BYTES || !bytes.subarray(0, 4).equals(MAGIC)) return null;
  const end = PREFIX_BYTES + bytes.readUInt32LE(4);
  if (end > bytes.length) return null;
  try {
    const resolved = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end)) as Resolved;
    return TYPES.includes(resolved.type) ? { resolved, payload: bytes.subarray(end) } : null;
  } catch {
    return null;
  }
}
