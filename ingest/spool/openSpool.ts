import { unlink } from 'node:fs/promises';
import { type Clock, type DirectoryLock, type Logger, lockDirectory, makeFolderDurably } from '../../platform/index.ts';
import { listSegments, type SegmentFile } from './files.ts';
import { GroupWriter } from './groupWriter.ts';
import { type SpoolIdentity, spoolIdentity } from './identity.ts';
import { SpoolReader } from './reader.ts';
import { encodeOrigin, recordBytes, writeRecord } from './record.ts';
import { cutTornTail } from './recover.ts';
import {
  appendWhole,
  type DamagedRange,
  type EncodedOrigin,
  type NewRecord,
  type RecordOrigin,
  SPOOL_FULL,
  type Spool,
  type SpoolBatch,
  type SpoolState,
  type SpoolStatistics,
  type SpoolStretch,
} from './types.ts';

export interface SpoolOptions {
  directory: string;
  /** The spool is full when its segments and buffers reach this. */
  limitBytes: number;
  /** A segment is closed when it has grown to this; deletion works by segment. Default: an eighth of the limit, at most 64 MiB. */
  segmentBytes?: number;
  /** The largest group buffered while another is being written. Default 8 MiB. */
  groupBytes?: number;
  clock: Clock;
  log: Logger;
}

const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
const DEFAULT_GROUP_BYTES = 8 * 1024 * 1024;

/** Opens (or creates) the spool in a directory, alone, and repairs what a crash left. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  makeFolderDurably(options.directory, 0o700);
  const lock = lockDirectory(options.directory);
  try {
    const identity = await spoolIdentity(options.directory);
    const segments = await listSegments(options.directory);
    const last = segments.at(-1);
    const tornBytes = last ? await cutTornTail(last, identity) : 0;
    if (tornBytes > 0)
      options.log.warn({ tornBytes, segment: last?.path }, 'cut an unfinished group off the end of the spool');
    return new SegmentedSpool(options, identity, segments, tornBytes, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class SegmentedSpool implements Spool {
  readonly id: string;
  readonly #identity: SpoolIdentity;
  readonly #segments: SegmentFile[];
  readonly #limitBytes: number;
  readonly #log: Logger;
  readonly #writer: GroupWriter;
  readonly #reader: SpoolReader;
  readonly #lock: DirectoryLock;
  readonly #durableListeners = new Set<(durableOffset: number) => void>();
  readonly #stateListeners = new Set<(state: SpoolState, reason: string | null) => void>();
  readonly #spaceListeners = new Set<() => void>();
  readonly #waiting: { endOffset: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly #damagedSeen = new Set<number>();
  readonly #tornBytes: number;
  #damagedBytes = 0;
  #segmentBytesTotal: number;
  #recordsAppended = 0;
  #refused = false;
  #trimmedTo = 0;
  #fullReason: string | null = null;
  #closed = false;

  constructor(
    options: SpoolOptions,
    identity: SpoolIdentity,
    segments: SegmentFile[],
    tornBytes: number,
    lock: DirectoryLock,
  ) {
    this.id = identity.id;
    this.#identity = identity;
    this.#segments = segments;
    this.#limitBytes = options.limitBytes;
    this.#log = options.log;
    this.#tornBytes = tornBytes;
    this.#lock = lock;
    this.#segmentBytesTotal = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    this.#reader = new SpoolReader(segments, identity);
    this.#writer = new GroupWriter({
      directory: options.directory,
      secret: identity,
      segments,
      segmentBytes: options.segmentBytes ?? Math.min(MAX_SEGMENT_BYTES, Math.ceil(options.limitBytes / 8)),
      groupBytes: options.groupBytes ?? Math.min(DEFAULT_GROUP_BYTES, options.limitBytes),
      clock: options.clock,
      committed: (durableOffset) => this.#committed(durableOffset),
      trouble: (reason) => this.#setFull(reason),
    });
  }

  encodeOrigin(origin: RecordOrigin): EncodedOrigin {
    return encodeOrigin(this.#identity, origin);
  }

  append(record: NewRecord): number {
    return appendWhole(this, record);
  }

  appendSlice(
    origin: EncodedOrigin,
    arrivalNs: bigint,
    units: number,
    duplicate: boolean,
    source: Buffer,
    start: number,
    end: number,
  ): number {
    if (this.#closed || this.#writer.failing) return this.#refuse();
    const bytes = recordBytes(origin, end - start);
    if (this.#segmentBytesTotal + this.#writer.pendingBytes + bytes > this.#limitBytes) {
      this.#setFull('size limit');
      return this.#refuse();
    }
    const room = this.#writer.reserve(bytes);
    if (room === null) return this.#refuse();
    const offset = this.#writer.endOffset;
    const secret = this.#identity;
    writeRecord(room.buffer, room.at, offset, secret, origin, arrivalNs, units, duplicate, source, start, end);
    this.#writer.advance(bytes);
    this.#recordsAppended++;
    return offset + bytes;
  }

  flushed(endOffset: number): Promise<void> {
    if (endOffset <= this.#writer.durableOffset) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ endOffset, resolve, reject }));
  }

  async read(fromOffset: number, maxBytes: number): Promise<SpoolBatch> {
    const { records, damaged, nextOffset } = await this.stretch(fromOffset, maxBytes);
    return { records: Array.from({ length: records.length }, (_, at) => records.record(at)), damaged, nextOffset };
  }

  async stretch(fromOffset: number, maxBytes: number, payloads = true): Promise<SpoolStretch> {
    const stretch = await this.#reader.read(fromOffset, maxBytes, payloads);
    for (const range of stretch.damaged) this.#reportDamage(range);
    return stretch;
  }

  firstOffset(): number {
    return this.#segments[0]?.base ?? this.#writer.durableOffset;
  }

  latestDurableOffset(): number {
    return this.#writer.durableOffset;
  }

  onDurable(listener: (durableOffset: number) => void): () => void {
    this.#durableListeners.add(listener);
    return () => this.#durableListeners.delete(listener);
  }

  onState(listener: (state: SpoolState, reason: string | null) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onSpace(listener: () => void): () => void {
    this.#spaceListeners.add(listener);
    return () => this.#spaceListeners.delete(listener);
  }

  async trim(beforeOffset: number): Promise<void> {
    this.#trimmedTo = Math.max(this.#trimmedTo, beforeOffset);
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0]!;
      if (oldest.base + oldest.bytes > this.#trimmedTo) break;
      this.#segments.shift();
      this.#segmentBytesTotal -= oldest.bytes;
      await this.#reader.release(oldest.path);
      await unlink(oldest.path);
    }
    if (this.#fullReason === null) return;
    const active = this.#segments.at(-1);
    if (active && active.bytes > 0 && active.base + active.bytes <= this.#trimmedTo) await this.#dropActive(active);
    this.#writer.retryNow();
    if (this.#fullReason === 'size limit' && this.#segmentBytesTotal + this.#writer.pendingBytes < this.#limitBytes)
      this.#setFull(null);
  }

  /** Full, and everything on disk is taken: the active segment, too, gives its space back. */
  async #dropActive(active: SegmentFile): Promise<void> {
    await this.#writer.settle();
    if (active.base + active.bytes > this.#trimmedTo || this.#segments.at(-1) !== active) return;
    if (!(await this.#writer.startSegment())) return;
    this.#segments.splice(this.#segments.indexOf(active), 1);
    this.#segmentBytesTotal -= active.bytes;
    await this.#reader.release(active.path);
    await unlink(active.path);
  }

  state(): SpoolState {
    if (this.#closed) return 'closed';
    return this.#fullReason === null ? 'open' : 'full';
  }

  statistics(): SpoolStatistics {
    return {
      state: this.state(),
      fullReason: this.#fullReason,
      firstOffset: this.firstOffset(),
      durableOffset: this.#writer.durableOffset,
      pendingBytes: this.#writer.pendingBytes,
      diskBytes: this.#segmentBytesTotal,
      limitBytes: this.#limitBytes,
      segments: this.#segments.length,
      recordsAppended: this.#recordsAppended,
      groupsCommitted: this.#writer.groupsCommitted,
      tornBytes: this.#tornBytes,
      damagedRanges: this.#damagedSeen.size,
      damagedBytes: this.#damagedBytes,
      writeErrors: this.#writer.writeErrors,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writer.close();
    await this.#reader.close();
    this.#lock.release();
    for (const waiter of this.#waiting.splice(0))
      waiter.reject(new Error('the spool was closed before this record was on disk'));
  }

  #refuse(): number {
    this.#refused = true;
    return SPOOL_FULL;
  }

  #committed(durableOffset: number): void {
    this.#segmentBytesTotal = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    for (const listener of this.#durableListeners) listener(durableOffset);
    while (this.#waiting.length > 0 && this.#waiting[0]!.endOffset <= durableOffset) this.#waiting.shift()!.resolve();
    if (this.#fullReason === null) this.#offerSpace();
  }

  #setFull(reason: string | null): void {
    if (reason === this.#fullReason) return;
    this.#fullReason = reason;
    if (reason === null) this.#log.info({}, 'the spool has space again');
    else this.#log.error({ reason }, 'the spool is full: PUBACK is withheld until there is space');
    for (const listener of this.#stateListeners) listener(this.state(), reason);
    if (reason === null) this.#offerSpace();
  }

  #offerSpace(): void {
    if (!this.#refused) return;
    this.#refused = false;
    for (const listener of this.#spaceListeners) listener();
  }

  #reportDamage(range: DamagedRange): void {
    if (this.#damagedSeen.has(range.offset)) return;
    this.#damagedSeen.add(range.offset);
    this.#damagedBytes += range.endOffset - range.offset;
    const { header, ...where } = range;
    this.#log.error({ ...where, device: header?.deviceName, units: header?.units }, 'a part of the spool is damaged');
  }
}
