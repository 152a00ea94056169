import { type FileHandle, open } from 'node:fs/promises';
import type { SegmentFile } from './files.ts';
import { ReadRecords } from './readRecords.ts';
import { findRecord, HeaderPlace, headerAt, MAX_HEADER_BYTES, type SpoolSecret } from './record.ts';
import { scanRecords } from './scan.ts';
import type { DamagedRange, SpoolStretch } from './types.ts';

/** Reads durable records from the segments; knows nothing of who reads or why. */
export class SpoolReader {
  readonly #segments: SegmentFile[];
  readonly #secret: SpoolSecret;
  readonly #handles = new Map<string, Promise<FileHandle>>();

  constructor(segments: SegmentFile[], secret: SpoolSecret) {
    this.#segments = segments;
    this.#secret = secret;
  }

  /** @param payloads whether they are looked at: what is damaged there alone is not found otherwise */
  async read(fromOffset: number, maxBytes: number, payloads = true): Promise<SpoolStretch> {
    const first = this.#segments[0];
    if (!first) return nothing(fromOffset);
    if (fromOffset < first.base) return missing(fromOffset, first.base);
    const index = this.#segments.findLastIndex((segment) => segment.base <= fromOffset);
    const segment = this.#segments[index]!;
    const available = segment.base + segment.bytes - fromOffset;
    if (available <= 0) {
      const next = this.#segments[index + 1];
      if (!next) return nothing(fromOffset);
      return next.base > fromOffset ? missing(fromOffset, next.base) : this.read(next.base, maxBytes, payloads);
    }
    return this.#readSegment(segment, fromOffset, available, maxBytes, payloads);
  }

  async #readSegment(
    segment: SegmentFile,
    from: number,
    available: number,
    maxBytes: number,
    payloads: boolean,
  ): Promise<SpoolStretch> {
    let want = Math.min(available, Math.max(maxBytes, MAX_HEADER_BYTES));
    for (;;) {
      const bytes = await this.#bytes(segment, from - segment.base, want);
      const scan = scanRecords(bytes, from, this.#secret, payloads);
      if (scan.endOffset > from) return { records: scan.records, damaged: scan.damaged, nextOffset: scan.endOffset };
      if (bytes.length < want || want === available) return this.#unreadable(bytes, from, available);
      // A record larger than asked for is read whole; behind a damaged header, all that is left is searched.
      want = Math.min(available, scan.wantedBytes > want ? scan.wantedBytes : available);
    }
  }

  #unreadable(bytes: Buffer, from: number, available: number): SpoolStretch {
    const place = new HeaderPlace();
    const found = findRecord(bytes, 0, from, this.#secret, place);
    const range: DamagedRange = {
      offset: from,
      endOffset: from + available,
      ...(found === 'sound'
        ? { header: headerAt(bytes, place), reason: 'truncated' }
        : { header: null, reason: 'header-checksum' }),
    };
    return { ...nothing(range.endOffset), damaged: [range] };
  }

  async #bytes(segment: SegmentFile, position: number, length: number): Promise<Buffer> {
    const handle = await this.#handle(segment.path);
    const buffer = Buffer.allocUnsafeSlow(length);
    let got = 0;
    while (got < length) {
      const { bytesRead } = await handle.read(buffer, got, length - got, position + got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    return buffer.subarray(0, got);
  }

  #handle(path: string): Promise<FileHandle> {
    let handle = this.#handles.get(path);
    if (!handle) {
      handle = open(path, 'r');
      handle.catch(() => this.#handles.delete(path));
      this.#handles.set(path, handle);
    }
    return handle;
  }

  /** Forgets a segment that is being deleted. */
  async release(path: string): Promise<void> {
    const handle = this.#handles.get(path);
    this.#handles.delete(path);
    await (await handle)?.close();
  }

  async close(): Promise<void> {
    for (const path of [...this.#handles.keys()]) await this.release(path).catch(() => undefined);
  }
}

function nothing(nextOffset: number): SpoolStretch {
  return { records: new ReadRecords(Buffer.alloc(0), nextOffset), damaged: [], nextOffset };
}

function missing(offset: number, endOffset: number): SpoolStretch {
  return { ...nothing(endOffset), damaged: [{ offset, endOffset, header: null, reason: 'missing-segment' }] };
}
