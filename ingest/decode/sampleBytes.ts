/** What senders may write their samples as. */
export const ENCODINGS = ['int16', 'int24', 'float32'] as const;
export type Encoding = (typeof ENCODINGS)[number];
export type ByteOrder = 'little' | 'big';

export const BYTES_PER_SAMPLE: Readonly<Record<Encoding, number>> = { int16: 2, int24: 3, float32: 4 };

/** Samples as the stores and analytics understand them: little endian, int16 or float32. */
export interface StoredSamples {
  encoding: 'int16' | 'float32';
  raw: Uint8Array;
}

/**
 * Rewrites samples into what is stored, exactly: big endian is turned round, and an int24 becomes a float32 of the same count,
 * whose mantissa of 24 bits holds each of them. What is stored so already stays a view into the message.
 */
export function normalised(sent: Buffer, encoding: Encoding, byteOrder: ByteOrder): StoredSamples {
  if (encoding === 'int24') return { encoding: 'float32', raw: floatsOf(sent, byteOrder) };
  if (byteOrder === 'little') return { encoding, raw: sent };
  const raw = Buffer.from(sent);
  return { encoding, raw: encoding === 'int16' ? raw.swap16() : raw.swap32() };
}

function floatsOf(sent: Buffer, byteOrder: ByteOrder): Buffer {
  const count = sent.length / 3;
  const raw = Buffer.allocUnsafe(4 * count);
  const [high, low] = byteOrder === 'little' ? [2, 0] : [0, 2];
  for (let index = 0; index < count; index++) {
    const at = 3 * index;
    // The high byte is shifted to the top, so that its sign comes down with the rest.
    const value = (((sent[at + high]! << 24) | (sent[at + 1]! << 16) | (sent[at + low]! << 8)) >> 8) as number;
    raw.writeFloatLE(value, 4 * index);
  }
  return raw;
}
