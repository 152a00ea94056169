import type { Random } from '../../simulators/machines/index.ts';
import type { TracedCall } from './spoolTrace.ts';

const PAGE_BYTES = 4096;
const SECTOR_BYTES = 512;

interface FileState {
  /** What an fdatasync has put on the disk. */
  synced: Buffer;
  /** Writes that the page cache holds, in order. */
  dirty: { at: number; bytes: Buffer; calledAt: number; returnedAt: number }[];
}

/**
 * What may lie on the disk when the power goes at a moment of a trace. Synced bytes are there. Of every other page (or
 * sector, for a page that was being written) either the new bytes are there or what was before, whichever chance says;
 * the file may have grown without its data.
 */
export class PowerCut {
  readonly #files = new Map<string, FileState>();
  readonly #calls: readonly TracedCall[];
  #next = 0;
  /** Calls that have begun, by when they returned: they take effect then. */
  #pendingSyncs: TracedCall[] = [];

  /** @param calls those that concern the spool's files, in order */
  constructor(calls: readonly TracedCall[], before: ReadonlyMap<string, Buffer>) {
    this.#calls = calls;
    for (const [path, bytes] of before) this.#files.set(path, { synced: bytes, dirty: [] });
  }

  /** Moves on to a line of the trace and says what the disk may hold then. */
  imageAt(line: number, random: Random): Map<string, Buffer> {
    this.#advance(line);
    return new Map([...this.#files].map(([path, file]) => [path, surviving(file, random)]));
  }

  #advance(line: number): void {
    for (; this.#next < this.#calls.length && this.#calls[this.#next]!.calledAt < line; this.#next++) {
      const call = this.#calls[this.#next]!;
      const { name, target, calledAt, returnedAt, bytes, lastNumber } = call;
      if (name === 'openat' && target.endsWith('.seg') && !this.#files.has(target))
        this.#files.set(target, { synced: Buffer.alloc(0), dirty: [] });
      if (name === 'pwrite64') this.#files.get(target)!.dirty.push({ at: lastNumber, bytes, calledAt, returnedAt });
      if (name === 'fdatasync' || name === 'fsync') this.#pendingSyncs.push(call);
      if (name === 'ftruncate' || name === 'unlink')
        throw new Error(`${name} of ${target}: this model knows no such call`);
    }
    const done = this.#pendingSyncs.filter(({ returnedAt }) => returnedAt < line);
    this.#pendingSyncs = this.#pendingSyncs.filter(({ returnedAt }) => returnedAt >= line);
    for (const sync of done) this.#sync(sync);
  }

  #sync(sync: TracedCall): void {
    const file = this.#files.get(sync.target);
    if (!file || sync.result !== 0) return;
    const covered = file.dirty.filter(({ returnedAt }) => returnedAt < sync.calledAt);
    file.dirty = file.dirty.filter(({ returnedAt }) => returnedAt >= sync.calledAt);
    for (const write of covered) file.synced = written(file.synced, write.at, write.bytes);
  }
}

function written(file: Buffer, at: number, bytes: Buffer): Buffer {
  const result =
    at + bytes.length > file.length ? Buffer.concat([file, Buffer.alloc(at + bytes.length - file.length)]) : file;
  bytes.copy(result, at);
  return result;
}

function surviving(file: FileState, random: Random): Buffer {
  if (file.dirty.length === 0) return Buffer.from(file.synced);
  let cached: Buffer = Buffer.from(file.synced);
  for (const { at, bytes } of file.dirty) cached = written(cached, at, bytes);
  const image = Buffer.alloc(cached.length);
  file.synced.copy(image);
  // Some cuts keep almost everything, some almost nothing.
  const kept = random.uniform();
  const torn = random.uniform() < 0.3;
  const unit = torn ? SECTOR_BYTES : PAGE_BYTES;
  for (let at = 0; at < cached.length; at += unit) {
    if (random.uniform() < kept) cached.copy(image, at, at, Math.min(cached.length, at + unit));
  }
  const bytes = Math.floor(random.between(file.synced.length, cached.length + 1));
  return image.subarray(0, random.uniform() < 0.5 ? cached.length : bytes);
}
