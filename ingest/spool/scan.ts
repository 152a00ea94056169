import { ReadRecords } from './readRecords.ts';
import { findRecord, HeaderPlace, headerAt, MAX_HEADER_BYTES, payloadIsSound, type SpoolSecret } from './record.ts';
import type { DamagedRange } from './types.ts';

export interface ScanResult {
  records: ReadRecords;
  damaged: DamagedRange[];
  /** Position behind the last whole record or damaged range. */
  endOffset: number;
  /** The bytes ended inside a record of this many bytes (or inside its header: MAX_HEADER_BYTES); 0 when they did not. */
  wantedBytes: number;
}

/**
 * Walks the records in `bytes`, which lie at `offset` of the spool. A record whose header is sound and whose payload is
 * not costs itself only; behind a damaged header the walk goes on at the next sound header.
 *
 * @param payloads whether they are looked at, too
 */
export function scanRecords(bytes: Buffer, offset: number, secret: SpoolSecret, payloads = true): ScanResult {
  const records = new ReadRecords(bytes, offset);
  const damaged: DamagedRange[] = [];
  const place = new HeaderPlace();
  let at = 0;
  let wantedBytes = 0;
  while (at < bytes.length) {
    const found = findRecord(bytes, at, offset + at, secret, place);
    if (found !== 'sound') {
      const next = nextHeader(bytes, at + 1, offset, secret);
      if (next === -1) {
        wantedBytes = found === 'short' ? MAX_HEADER_BYTES : bytes.length - at + MAX_HEADER_BYTES;
        break;
      }
      damaged.push({ offset: offset + at, endOffset: offset + next, header: null, reason: 'header-checksum' });
      at = next;
      continue;
    }
    const { end } = place;
    if (end > bytes.length) {
      wantedBytes = end - at;
      break;
    }
    if (!payloads || payloadIsSound(bytes, place, secret)) records.push(at, place);
    else {
      const header = headerAt(bytes, place);
      damaged.push({ offset: offset + at, endOffset: offset + end, header, reason: 'payload-checksum' });
    }
    at = end;
  }
  return { records, damaged, endOffset: offset + at, wantedBytes };
}

function nextHeader(bytes: Buffer, from: number, offset: number, secret: SpoolSecret): number {
  const marker = Buffer.alloc(4);
  marker.writeUInt32LE(secret.marker);
  const place = new HeaderPlace();
  for (let at = bytes.indexOf(marker, from); at !== -1; at = bytes.indexOf(marker, at + 1)) {
    if (findRecord(bytes, at, offset + at, secret, place) === 'sound') return at;
  }
  return -1;
}
