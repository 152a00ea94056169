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

/** Takes a record apart; null when it is none of ours: a client may send what looks like one on a topic of its own. */
export function unseal(record: Uint8Array): { resolved: Resolved; payload: Buffer } | null {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (bytes.length < PREFIX_BYTES || !bytes.subarray(0, 4).equals(MAGIC)) return null;
  const end = PREFIX_BYTES + bytes.readUInt32LE(4);
  if (end > bytes.length) return null;
  try {
    const resolved: unknown = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end));
    return isResolved(resolved) ? { resolved, payload: bytes.subarray(end) } : null;
  } catch {
    return null;
  }
}

function isResolved(value: unknown): value is Resolved {
  if (typeof value !== 'object' || value === null) return false;
  const { type, definitions, held } = value as Partial<Record<keyof Resolved, unknown>>;
  if (!TYPES.includes(type as SparkplugType) || !Array.isArray(definitions)) return false;
  return definitions.every(isDefinition) && (held === null || isHeld(held));
}

function isDefinition(value: unknown): value is Definition | null {
  if (value === null) return true;
  if (!Array.isArray(value)) return false;
  const [name, datatype, unit, clash] = value;
  return (
    typeof name === 'string' &&
    (datatype === null || typeof datatype === 'number') &&
    (unit === null || typeof unit === 'string') &&
    (clash === undefined || typeof clash === 'string')
  );
}

function isHeld(value: unknown): value is Resolved['held'] {
  const { code, reason } = (value ?? {}) as { code?: unknown; reason?: unknown };
  return (code === 'SPARKPLUG_BIRTH' || code === 'SPARKPLUG_DEVICE') && typeof reason === 'string' && reason.length > 0;
}
