import { close, fdatasync, ftruncate, open, write } from 'node:fs';
import { promisify } from 'node:util';
import { type Clock, reasonOf, type Timer } from '../../platform/index.ts';
import { type SegmentFile, segmentPath, syncDirectory } from './files.ts';
import { findRecord, HeaderPlace, type SpoolSecret } from './record.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const syncData = promisify(fdatasync);
const truncate = promisify(ftruncate);

const INITIAL_GROUP_BYTES = 256 * 1024;
const RETRY_AFTER_MS = 250;

export interface GroupWriterOptions {
  directory: string;
  secret: SpoolSecret;
  /** Shared with the reader; the last is the one being written. */
  segments: SegmentFile[];
  segmentBytes: number;
  /** Largest group buffered while another is in flight. */
  groupBytes: number;
  clock: Clock;
  committed: (durableOffset: number) => void;
  /** A write failed (reason) or works again (null). */
  trouble: (reason: string | null) => void;
}

/**
 * Group commit: one write + fdatasync is in flight, what arrives meanwhile is the next group. A group that does not fit
 * on the disk stays in memory, unacknowledged: its whole records that did fit are committed, the rest is tried again.
 */
export class GroupWriter {
  durableOffset: number;
  groupsCommitted = 0;
  writeErrors = 0;
  readonly #options: GroupWriterOptions;
  #descriptor: number | null = null;
  #filling: Buffer = Buffer.allocUnsafeSlow(INITIAL_GROUP_BYTES);
  #filled = 0;
  #flushing: Buffer = Buffer.allocUnsafeSlow(INITIAL_GROUP_BYTES);
  #unflushed = 0;
  #busy = false;
  #scheduled = false;
  #failing = false;
  #retry: Timer | null = null;
  #idle: (() => void)[] = [];

  constructor(options: GroupWriterOptions) {
    this.#options = options;
    const active = options.segments.at(-1);
    this.durableOffset = active ? active.base + active.bytes : 0;
  }

  /** Where the next record will begin. */
  get endOffset(): number {
    return this.durableOffset + this.#unflushed + this.#filled;
  }

  get pendingBytes(): number {
    return this.#unflushed + this.#filled;
  }

  get failing(): boolean {
    return this.#failing;
  }

  /** Room for one record in the filling group, or null when the group is full. A first record always has room. */
  reserve(bytes: number): { buffer: Buffer; at: number } | null {
    const needed = this.#filled + bytes;
    if (needed > this.#filling.length) {
      if (this.#filled > 0 && needed > this.#options.groupBytes) return null;
      const larger = Buffer.allocUnsafeSlow(
        Math.max(needed, Math.min(this.#filling.length * 2, this.#options.groupBytes)),
      );
      this.#filling.copy(larger, 0, 0, this.#filled);
      this.#filling = larger;
    }
    return { buffer: this.#filling, at: this.#filled };
  }

  /** The record reserved last has been written. The group is flushed after this turn of the event loop. */
  advance(bytes: number): void {
    this.#filled += bytes;
    if (this.#busy || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#flushAll();
    });
  }

  /**
   * Begins a new segment although the present one has room, so that it can be deleted. Call it settled.
   * @returns false when the disk has no room for even an empty file
   */
  async startSegment(): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      await this.#newSegment();
      return true;
    } catch {
      return false;
    } finally {
      this.#busy = false;
      if (!this.#failing) void this.#flushAll();
    }
  }

  /** Space may have returned. */
  retryNow(): void {
    if (!this.#failing) return;
    this.#retry?.cancel();
    this.#retry = null;
    void this.#flushAll();
  }

  /** Resolves when nothing is being written; a group that does not fit stays behind. */
  async settle(): Promise<void> {
    void this.#flushAll();
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    await this.settle();
    this.#retry?.cancel();
    if (this.#descriptor !== null) await closeFile(this.#descriptor);
    this.#descriptor = null;
  }

  async #flushAll(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#unflushed > 0 || this.#filled > 0) {
      if (this.#unflushed === 0) this.#swap();
      try {
        await this.#commitGroup();
        if (this.#failing) this.#recovered();
      } catch (error) {
        this.#failed(error);
        break;
      }
    }
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #swap(): void {
    const emptied = this.#flushing;
    this.#flushing = this.#filling;
    this.#unflushed = this.#filled;
    this.#filling = emptied;
    this.#filled = 0;
  }

  async #commitGroup(): Promise<void> {
    const segment = await this.#activeSegment();
    const descriptor = this.#descriptor!;
    let written = 0;
    let failure: unknown = null;
    try {
      while (written < this.#unflushed) written += await this.#write(descriptor, written, segment.bytes + written);
    } catch (error) {
      failure = error;
      written = this.#wholeRecords(written);
      await truncate(descriptor, segment.bytes + written);
    }
    if (written > 0) {
      try {
        await syncData(descriptor);
      } catch (error) {
        // After a failed sync the kernel may call the pages clean: write them again, never trust a second sync.
        await truncate(descriptor, segment.bytes);
        throw error;
      }
      this.#commit(segment, written);
    }
    if (failure !== null) throw failure;
  }

  #commit(segment: SegmentFile, bytes: number): void {
    if (bytes < this.#unflushed) this.#flushing.copyWithin(0, bytes, this.#unflushed);
    this.#unflushed -= bytes;
    segment.bytes += bytes;
    this.durableOffset += bytes;
    this.groupsCommitted++;
    this.#options.committed(this.durableOffset);
  }

  #write(descriptor: number, from: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(descriptor, this.#flushing, from, this.#unflushed - from, position, (error, bytes) => {
        if (error) reject(error);
        else if (bytes === 0) reject(new Error('the disk took no bytes'));
        else resolve(bytes);
      });
    });
  }

  /** The length of the whole records within the first `bytes` of the group in flight. */
  #wholeRecords(bytes: number): number {
    const place = new HeaderPlace();
    let at = 0;
    for (;;) {
      const found = findRecord(this.#flushing, at, this.durableOffset + at, this.#options.secret, place);
      if (found !== 'sound' || place.end > bytes) return at;
      at = place.end;
    }
  }

  async #activeSegment(): Promise<SegmentFile> {
    const last = this.#options.segments.at(-1);
    if (!last || last.bytes >= this.#options.segmentBytes) return this.#newSegment();
    this.#descriptor ??= await openFile(last.path, 'r+');
    return last;
  }

  async #newSegment(): Promise<SegmentFile> {
    const { directory, segments } = this.#options;
    const path = segmentPath(directory, this.durableOffset);
    // 'w' also takes over an empty file that a crash left between its creation and its first group.
    const descriptor = await openFile(path, 'w', 0o600);
    try {
      await syncDirectory(directory);
    } catch (error) {
      await closeFile(descriptor);
      throw error;
    }
    const previous = this.#descriptor;
    this.#descriptor = descriptor;
    const segment = { path, base: this.durableOffset, bytes: 0 };
    segments.push(segment);
    if (previous !== null) await closeFile(previous);
    return segment;
  }

  #failed(error: unknown): void {
    this.writeErrors++;
    this.#failing = true;
    const code = (error as NodeJS.ErrnoException).code;
    this.#options.trouble(code ?? reasonOf(error));
    this.#retry = this.#options.clock.setTimer(RETRY_AFTER_MS, () => this.retryNow());
  }

  #recovered(): void {
    this.#failing = false;
    this.#options.trouble(null);
  }
}
