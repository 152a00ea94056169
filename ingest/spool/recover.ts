import { open } from 'node:fs/promises';
import type { SegmentFile } from './files.ts';
import { SpoolReader } from './reader.ts';
import type { SpoolSecret } from './record.ts';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Cuts what a crash left of an unfinished group off the last segment and syncs the rest, so that everything in it may be
 * called durable. Damage that sound records follow is no torn tail: it stays, for the readers to report.
 *
 * @returns the bytes cut off. None of them had been acknowledged, unless the disk lost them.
 */
export async function cutTornTail(segment: SegmentFile, secret: SpoolSecret): Promise<number> {
  const torn = segment.bytes - (await soundBytes(segment, secret));
  const file = await open(segment.path, 'r+');
  try {
    segment.bytes -= torn;
    if (torn > 0) await file.truncate(segment.bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return torn;
}

async function soundBytes(segment: SegmentFile, secret: SpoolSecret): Promise<number> {
  const reader = new SpoolReader([segment], secret);
  const end = segment.base + segment.bytes;
  try {
    let offset = segment.base;
    while (offset < end) {
      const batch = await reader.read(offset, CHUNK_BYTES);
      const tail = batch.damaged.at(-1);
      if (tail?.endOffset === end && tail.reason !== 'payload-checksum') return tail.offset - segment.base;
      offset = batch.nextOffset;
    }
    return segment.bytes;
  } finally {
    await reader.close();
  }
}
