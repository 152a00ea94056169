import { createHash } from 'node:crypto';
import type { Clock, Logger, Timer } from '../../platform/index.ts';
import { reasonOf } from '../../platform/index.ts';
import { blockMessage, flw1Format, type PartMessage, readPart } from '../decode/index.ts';

import { type NewRecord, type RecordOrigin, SPOOL_FULL, type Spool, type SpoolRecord } from '../spool/index.ts';
import { EndedSets, isComplete, isRepeatable, missingOf, newSet, type OpenSet, setKeyOf } from './openSets.ts';

export interface PartsAreaOptions {
  /** The parts' own spool: parts are as durable as any other message before they are acknowledged. */
  parts: Spool;
  /** Where whole blocks go. */
  spool: Pick<Spool, 'append' | 'flushed'>;
  clock: Clock;
  log: Logger;
  limits: PartsLimits;
}

export interface PartsLimits {
  /** A block of which no part has come for so long is put away. */
  expireAfterMs: number;
  /** Blocks that one device may have open; a further one ends its oldest. */
  openPerDevice: number;
  maxBlockBytes: number;
}

export const DEFAULT_PARTS_LIMITS: PartsLimits = {
  expireAfterMs: 600_000,
  openPerDevice: 8,
  maxBlockBytes: 32 * 1024 * 1024,
};

/** What is kept of an incomplete block, for a person to look at. */
const KEPT_INCOMPLETE_BYTES = 1024 * 1024;
const SWEEP_EVERY_MS = 1_000;
const RETRY_AFTER_MS = 500;
const MOST_ENDED = 10_000;
/** Format of the record that says a block has been ended; its payload is an `Ending`. */
const ENDED = 'flw1-ended';
const READ_BYTES = 1024 * 1024;

/** A block has left the area. */
interface Ending {
  key: string;
  /** Its parts lie before this offset. */
  upTo: number;
  /** It was complete and had its hash; a repetition of its parts is nothing new. */
  whole: boolean;
}

/**
 * Puts large blocks together. Parts are records of a spool of their own; a complete block becomes one record of the spool that
 * everything else goes to, and only when that is on disk do its parts count as ended. A crash between the two puts the
 * block together again, with the same identity, which the store then knows.
 */
export class PartsArea {
  readonly counts = { parts: 0, repeated: 0, assembled: 0, incomplete: 0, refused: 0 };
  readonly #options: PartsAreaOptions;
  readonly #open = new Map<string, OpenSet>();
  readonly #ended = new EndedSets(MOST_ENDED);
  readonly #queue: OpenSet[] = [];
  /** Taken out of the open ones: a part that comes now belongs to another set. */
  #finishing: OpenSet | null = null;
  readonly #stopping = new AbortController();
  #working: Promise<void> | null = null;
  #sweeper: Timer | null = null;

  private constructor(options: PartsAreaOptions) {
    this.#options = options;
  }

  /** Opens the area and takes up the blocks that a stop or crash left unfinished. */
  static async open(options: PartsAreaOptions): Promise<PartsArea> {
    const area = new PartsArea(options);
    const { parts } = options;
    for (let offset = parts.firstOffset(); ; ) {
      const { records, nextOffset } = await parts.read(offset, READ_BYTES);
      for (const record of records) area.#recover(record);
      if (nextOffset === offset) break;
      offset = nextOffset;
    }
    for (const set of area.#open.values()) if (isComplete(set)) area.#end(set);
    area.#sweep();
    return area;
  }

  get openSets(): number {
    return this.#open.size;
  }

  /** Nothing waits to be put together. */
  get idle(): boolean {
    return this.#working === null;
  }

  get spool(): Spool {
    return this.#options.parts;
  }

  /**
   * Takes a part. @returns where its record ends in the parts' spool (durable once that says so), `SPOOL_FULL`, or null for
   * what is no acceptable part and has to go the way of other messages
   */
  take(origin: RecordOrigin, arrivalNs: bigint, payload: Buffer, repeated: boolean): number | null {
    const message = readPart(payload);
    if (message === null) return null;
    const { parts, limits } = this.#options;
    if (message.block.bytes > limits.maxBlockBytes) return this.#refused();
    const key = setKeyOf(origin.deviceId, message);
    const set = this.#setOf(key);
    const known = set?.parts.get(message.block.part);
    if (known || (!set && this.#ended.has(key) && (repeated || isRepeatable(message)))) {
      this.counts.repeated++;
      return known?.endOffset ?? parts.latestDurableOffset();
    }
    if ((set?.bytes ?? 0) + message.samples.length > message.block.bytes) return this.#refused();
    const record: NewRecord = { ...origin, arrivalNs, units: 1, duplicate: repeated, payload };
    const before = parts.latestDurableOffset() + parts.statistics().pendingBytes;
    const endOffset = parts.append(record);
    if (endOffset === SPOOL_FULL) return SPOOL_FULL;
    this.#keep(key, origin, message, arrivalNs, { offset: before, endOffset });
    return endOffset;
  }

  async stop(): Promise<void> {
    this.#sweeper?.cancel();
    this.#stopping.abort();
    await this.#working;
  }

  #refused(): null {
    this.counts.refused++;
    return null;
  }

  #keep(
    key: string,
    origin: RecordOrigin,
    message: PartMessage,
    arrivalNs: bigint,
    at: { offset: number; endOffset: number },
  ): void {
    let set = this.#open.get(key);
    if (!set) {
      this.#makeRoom(origin.deviceId);
      set = newSet(key, origin, message, at.offset);
      this.#open.set(key, set);
    }
    const bytes = message.samples.length;
    set.parts.set(message.block.part, { ...at, bytes });
    set.bytes += bytes;
    set.arrivalNs = arrivalNs;
    this.counts.parts++;
    if (isComplete(set)) this.#end(set);
  }

  #recover(record: SpoolRecord): void {
    const { payload, offset, endOffset, arrivalNs, units: _units, duplicate: _duplicate, ...origin } = record;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    if (record.format === ENDED) {
      this.#recoverEnding(JSON.parse(bytes.toString('utf8')) as Ending);
      return;
    }
    const message = readPart(bytes);
    if (message === null) return;
    const key = setKeyOf(origin.deviceId, message);
    let set = this.#open.get(key);
    if (!set) {
      set = newSet(key, origin, message, offset);
      this.#open.set(key, set);
    }
    set.parts.set(message.block.part, { offset, endOffset, bytes: message.samples.length });
    set.bytes += message.samples.length;
    set.arrivalNs = arrivalNs;
  }

  /** Parts that came while the block was being put away, incomplete, begin another one. */
  #recoverEnding({ key, upTo, whole }: Ending): void {
    if (whole) this.#ended.add(key);
    const set = this.#open.get(key);
    if (!set) return;
    for (const [number, part] of set.parts) {
      if (part.offset >= upTo) continue;
      set.parts.delete(number);
      set.bytes -= part.bytes;
    }
    set.firstOffset = Math.min(...[...set.parts.values()].map(({ offset }) => offset));
    if (set.parts.size === 0) this.#open.delete(key);
  }

  /** The set that a part of this key belongs to; a whole block stays known while it is put together. */
  #setOf(key: string): OpenSet | undefined {
    const finishing = this.#finishing?.key === key && isComplete(this.#finishing) ? this.#finishing : undefined;
    return this.#open.get(key) ?? finishing;
  }

  #makeRoom(deviceId: string): void {
    const unfinished = [...this.#open.values()].filter((set) => set.origin.deviceId === deviceId && !isComplete(set));
    if (unfinished.length >= this.#options.limits.openPerDevice) this.#end(unfinished[0]!);
  }

  #end(set: OpenSet): void {
    if (this.#queue.includes(set)) return;
    this.#queue.push(set);
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** One block after the other, so that only one is in memory. */
  async #work(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    for (let set = this.#queue[0]; set && !signal.aborted; set = this.#queue[0]) {
      this.#finishing = set;
      if (this.#open.get(set.key) === set) this.#open.delete(set.key);
      try {
        await this.#finish(set);
        this.#finishing = null;
        this.#queue.shift();
        await this.#options.parts.trim(this.#oldestNeeded());
      } catch (error) {
        if (!signal.aborted) log.warn({ reason: reasonOf(error) }, 'a block is not put together now; tried again');
        await clock.sleep(RETRY_AFTER_MS, signal);
      }
    }
  }

  async #finish(set: OpenSet): Promise<void> {
    const { spool, parts } = this.#options;
    const { key, origin, arrivalNs } = set;
    const missing = missingOf(set);
    const upTo = Math.max(...[...set.parts.values()].map(({ endOffset }) => endOffset));
    await parts.flushed(upTo);
    const { payload, whole } = await this.#assembled(set, missing);
    const end = spool.append({ ...origin, format: flw1Format.name, arrivalNs, units: 1, duplicate: false, payload });
    if (end === SPOOL_FULL) throw new Error('the spool is full');
    await spool.flushed(end);
    const ending = Buffer.from(JSON.stringify({ key, upTo, whole } satisfies Ending));
    const marked = parts.append({ ...origin, format: ENDED, arrivalNs, units: 0, duplicate: false, payload: ending });
    // Full: the mark is wanting, and only a crash right now would put the block together once more.
    if (marked !== SPOOL_FULL) await parts.flushed(marked);
    // What was damaged or incomplete may be sent again.
    if (whole) this.#ended.add(key);
    if (missing.length === 0) this.counts.assembled++;
    else this.counts.incomplete++;
  }

  async #assembled(set: OpenSet, missing: number[]): Promise<{ payload: Buffer; whole: boolean }> {
    const samples: Uint8Array[] = [];
    let bytes = 0;
    for (const [, part] of [...set.parts].sort(([a], [b]) => a - b)) {
      if (missing.length > 0 && bytes > KEPT_INCOMPLETE_BYTES) break;
      const message = await this.#read(part.offset);
      // Unreadable on disk: the hash will say so, and the block is quarantined with that reason.
      if (message === null) continue;
      samples.push(message.samples);
      bytes += message.samples.length;
    }
    const { block, header, firstOffset } = set;
    const { sha256 } = block;
    if (missing.length > 0)
      return { payload: blockMessage({ ...header, block: { ...block, missing } }, samples), whole: false };
    const assembledFrom = `${this.#options.parts.id}:${firstOffset}`;
    // The decoder compares the hash again, and quarantines the block with its reason.
    const digest = createHash('sha256');
    for (const stretch of samples) digest.update(stretch);
    const payload = blockMessage({ ...header, sha256, assembledFrom }, samples);
    return { payload, whole: digest.digest('hex') === sha256 };
  }

  async #read(offset: number): Promise<PartMessage | null> {
    const { records } = await this.#options.parts.read(offset, 1);
    const record = records.find((found) => found.offset === offset);
    return record ? readPart(Buffer.from(record.payload)) : null;
  }

  #oldestNeeded(): number {
    let oldest = this.#options.parts.latestDurableOffset();
    for (const { firstOffset } of [...this.#open.values(), ...this.#queue]) oldest = Math.min(oldest, firstOffset);
    return oldest;
  }

  #sweep(): void {
    const { clock, limits } = this.#options;
    const nowMs = clock.nowMs();
    for (const set of this.#open.values()) {
      const silentMs = nowMs - Number(set.arrivalNs / 1_000_000n);
      if (silentMs > limits.expireAfterMs) this.#end(set);
    }
    this.#sweeper = clock.setTimer(SWEEP_EVERY_MS, () => this.#sweep());
  }
}
