import { hash } from 'node:crypto';

const PREFIX_BYTES = 8;

/**
 * Cuts an encoded block into parts of at most so many sample bytes: each is a block message with the whole header and its
 * stretch of the samples, told apart by `block`. A block that is small enough stays as it is.
 */
export function blockParts(message: Buffer, partBytes: number): Buffer[] {
  if (!Number.isSafeInteger(partBytes) || partBytes < 1) throw new RangeError('a part has at least one byte');
  const headerEnd = PREFIX_BYTES + message.readUInt32LE(4);
  const samples = message.subarray(headerEnd);
  if (samples.length <= partBytes) return [message];
  const header = JSON.parse(message.toString('utf8', PREFIX_BYTES, headerEnd)) as Record<string, unknown>;
  const shared = {
    sha256: hash('sha256', samples),
    parts: Math.ceil(samples.length / partBytes),
    bytes: samples.length,
  };
  return Array.from({ length: shared.parts }, (_, index) => {
    const text = Buffer.from(JSON.stringify({ ...header, block: { ...shared, part: index + 1 } }));
    const prefix = Buffer.from(message.subarray(0, PREFIX_BYTES));
    prefix.writeUInt32LE(text.length, 4);
    return Buffer.concat([prefix, text, samples.subarray(index * partBytes, (index + 1) * partBytes)]);
  });
}
