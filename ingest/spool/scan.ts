import { MAX_HEADER_BYTES, type ParsedHeader, parseHeader, payloadIsSound, type SpoolSecret } from './record.ts';
import type { DamagedRange, RecordHeader, SpoolRecord } from './types.ts';

export interface ScanResult {
  records: SpoolRecord[];
  damaged: DamagedRange[];
  /** Position behind the last whole record or damaged range. */
  endOffset: number;
  /** The bytes ended inside a record of this many bytes (or inside its header: MAX_HEADER_BYTES); 0 when they did not. */
  wantedBytes: number;
}

/**
 * Walks the records in `bytes`, which lie at `offset` of the spool. A record whose header is sound and whose payload is
 * not costs itself only; behind a damaged header the walk goes on at the next sound header.
 */
export function scanRecords(bytes: Buffer, offset: number, secret: SpoolSecret): ScanResult {
  const records: SpoolRecord[] = [];
  const damaged: DamagedRange[] = [];
  let at = 0;
  let wantedBytes = 0;
  while (at < bytes.length) {
    const parsed = parseHeader(bytes, at, offset + at, secret);
    if (parsed === 'bad' || parsed === 'short') {
      const next = nextHeader(bytes, at + 1, offset, secret);
      if (next === -1) {
        wantedBytes = parsed === 'short' ? MAX_HEADER_BYTES : bytes.length - at + MAX_HEADER_BYTES;
        break;
      }
      damaged.push({ offset: offset + at, endOffset: offset + next, header: null, reason: 'header-checksum' });
      at = next;
      continue;
    }
    const end = at + parsed.headerBytes + parsed.payloadBytes;
    if (end > bytes.length) {
      wantedBytes = end - at;
      break;
    }
    takeRecord(bytes, at, end, offset, parsed, secret, records, damaged);
    at = end;
  }
  return { records, damaged, endOffset: offset + at, wantedBytes };
}

function takeRecord(
  bytes: Buffer,
  at: number,
  end: number,
  offset: number,
  parsed: ParsedHeader,
  secret: SpoolSecret,
  records: SpoolRecord[],
  damaged: DamagedRange[],
): void {
  const payload = bytes.subarray(at + parsed.headerBytes, end);
  const { header } = parsed;
  if (payloadIsSound(payload, parsed, secret)) records.push(recordOf(header, offset + at, offset + end, payload));
  else damaged.push({ offset: offset + at, endOffset: offset + end, header, reason: 'payload-checksum' });
}

/** Written out: spreading a header into each record costs as much as reading it. */
function recordOf(header: RecordHeader, offset: number, endOffset: number, payload: Buffer): SpoolRecord {
  return {
    tenantId: header.tenantId,
    deviceId: header.deviceId,
    deviceName: header.deviceName,
    kind: header.kind,
    format: header.format,
    vendorTopic: header.vendorTopic,
    arrivalNs: header.arrivalNs,
    units: header.units,
    duplicate: header.duplicate,
    offset,
    endOffset,
    payload,
  };
}

function nextHeader(bytes: Buffer, from: number, offset: number, secret: SpoolSecret): number {
  const marker = Buffer.alloc(4);
  marker.writeUInt32LE(secret.marker);
  for (let at = bytes.indexOf(marker, from); at !== -1; at = bytes.indexOf(marker, at + 1)) {
    if (typeof parseHeader(bytes, at, offset + at, secret) === 'object') return at;
  }
  return -1;
}
