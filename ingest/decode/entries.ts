/** More entries in one message are refused whole: a device that batches so much splits its batches. */
export const MAX_ENTRIES = 100_000;

const EXCERPT_CHARACTERS = 1024;

/** An entry as JSON, cut to 1 KB. */
export function excerpt(entry: unknown): string {
  const text = JSON.stringify(entry, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  if (text === undefined) return '';
  return text.length > EXCERPT_CHARACTERS ? `${text.slice(0, EXCERPT_CHARACTERS)}…` : text;
}

/** The same bytes as a Buffer. */
export function bufferOf(payload: Uint8Array): Buffer {
  return payload instanceof Buffer ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}
