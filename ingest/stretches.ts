import { setImmediate } from 'node:timers/promises';
import type { TimePolicy } from './arrivalTime.ts';
import type { FormatShelf } from './mapping/shelf.ts';
import type { DamagedRange, RecordHeader, RecordOrigin, RecordTable, Spool, SpoolStretch } from './spool/index.ts';
import type { Message, MessageSource } from './units.ts';
import { Unpacked } from './unpacked.ts';

/** Units decoded before others get their turn: some 10 ms at worst. */
const UNITS_AT_A_TIME = 2_000;
/** What a unit takes in memory beside its payload, about. */
const UNIT_BYTES = 128;

/** A stretch of the spool, taken apart. */
export interface Stretch {
  from: number;
  to: number;
  messages: StretchMessages;
  units: Unpacked;
  /** Stretches of which not even a header is left: nobody can tell what they held. */
  lost: DamagedRange[];
  /** What it takes in memory, about. */
  bytes: number;
}

export interface StretchesDeps {
  spool: Spool;
  policy: TimePolicy;
  formats: FormatShelf;
  /** How much of the spool is one stretch. */
  stretchBytes: number;
  /** How much is kept for the slower reader. */
  keepBytes: number;
}

/** Being read (0 bytes), or kept for the other reader. */
interface Kept {
  reading: Promise<Stretch | null>;
  bytes: number;
}

/**
 * The spool in stretches, each read and decoded once for both of its readers: what one was given is kept for the other. When
 * the slower one is further behind than may be kept, what lies between is read again for it.
 */
export class Stretches {
  readonly #deps: StretchesDeps;
  readonly #kept = new Map<number, Kept>();
  #keptBytes = 0;

  constructor(deps: StretchesDeps) {
    this.#deps = deps;
  }

  /** The stretch that begins at a position, as long as what is durable there but for a bound; null when nothing is. */
  at(position: number): Promise<Stretch | null> {
    const known = this.#kept.get(position);
    if (known) return known.reading;
    const kept: Kept = { reading: this.#read(position), bytes: 0 };
    this.#kept.set(position, kept);
    kept.reading.then(
      (stretch) => this.#keep(position, kept, stretch),
      () => this.#kept.delete(position),
    );
    return kept.reading;
  }

  #keep(position: number, kept: Kept, stretch: Stretch | null): void {
    if (this.#kept.get(position) !== kept) return;
    if (stretch === null || this.#keptBytes + stretch.bytes > this.#deps.keepBytes) this.#kept.delete(position);
    else {
      kept.bytes = stretch.bytes;
      this.#keptBytes += stretch.bytes;
    }
  }

  /** Both readers are past it. */
  forget(before: number): void {
    for (const [position, { bytes }] of this.#kept) {
      if (position >= before) continue;
      this.#kept.delete(position);
      this.#keptBytes -= bytes;
    }
  }

  async #read(position: number): Promise<Stretch | null> {
    const { spool, policy, formats } = this.#deps;
    const from = Math.max(position, spool.firstOffset());
    const stretch = await spool.stretch(from, this.#reach(from));
    if (stretch.nextOffset === from) return null;
    const messages = new StretchMessages(spool.id, stretch);
    const { records } = stretch;
    await formats.load(new Set(records.origins.map(({ format }) => format)));
    const units = new Unpacked(messages);
    let decoded = 0;
    let counted = 0;
    for (let at = 0; at < records.length; at++) {
      units.add(at, formats.find(records.origin(at).format), policy);
      const held = records.units(at);
      decoded += held;
      counted += held;
      if (decoded < UNITS_AT_A_TIME) continue;
      decoded = 0;
      await setImmediate(); // the front shares this thread: a backlog must not delay its PUBACKs
    }
    const reason = 'The message was damaged on the spool’s disk after it was accepted; have the device send it again.';
    for (let at = records.length; at < messages.length; at++)
      units.reject(at, { index: null, code: 'SPOOL_DAMAGED', field: null, reason });
    return {
      ...{ from: position, to: stretch.nextOffset, messages, units },
      lost: stretch.damaged.filter(({ header }) => header === null),
      bytes: records.bytes.length + counted * UNIT_BYTES,
    };
  }

  /** Up to where the next one that is kept begins: readers that set out from different places meet again. */
  #reach(from: number): number {
    let reach = this.#deps.stretchBytes;
    for (const position of this.#kept.keys()) if (position > from) reach = Math.min(reach, position - from);
    return reach;
  }
}

/** The messages of a stretch: those that were read, and behind them those whose header alone is left. */
export class StretchMessages implements MessageSource {
  readonly spoolId: string;
  readonly #records: RecordTable;
  readonly #damaged: (DamagedRange & { header: RecordHeader })[];

  constructor(spoolId: string, { records, damaged }: SpoolStretch) {
    this.spoolId = spoolId;
    this.#records = records;
    this.#damaged = damaged.filter((range): range is DamagedRange & { header: RecordHeader } => range.header !== null);
  }

  get length(): number {
    return this.#records.length + this.#damaged.length;
  }

  origin(at: number): RecordOrigin {
    return at < this.#records.length ? this.#records.origin(at) : this.#damagedAt(at).header;
  }

  /** Each once. */
  origins(): RecordOrigin[] {
    return [...this.#records.origins, ...this.#damaged.map(({ header }) => header)];
  }

  offset(at: number): number {
    return at < this.#records.length ? this.#records.offset(at) : this.#damagedAt(at).offset;
  }

  /** Units counted at acceptance. */
  accepted(at: number): number {
    return at < this.#records.length ? this.#records.units(at) : this.#damagedAt(at).header.units;
  }

  arrivalNs(at: number): bigint {
    return at < this.#records.length ? this.#records.arrivalNs(at) : this.#damagedAt(at).header.arrivalNs;
  }

  payload(at: number): Uint8Array {
    return at < this.#records.length ? this.#records.payload(at) : new Uint8Array(0);
  }

  isRepeated(at: number): boolean {
    return at < this.#records.length ? this.#records.isDuplicate(at) : this.#damagedAt(at).header.duplicate;
  }

  receipt(at: number): string {
    return `${this.spoolId}:${this.offset(at)}`;
  }

  message(at: number): Message {
    const { tenantId, deviceId, deviceName, kind, format, vendorTopic } = this.origin(at);
    return {
      ...{ tenantId, deviceId, deviceName, kind, format, vendorTopic },
      arrivalNs: this.arrivalNs(at),
      duplicate: this.isRepeated(at),
      payload: this.payload(at),
      receipt: this.receipt(at),
    };
  }

  #damagedAt(at: number): DamagedRange & { header: RecordHeader } {
    return this.#damaged[at - this.#records.length]!;
  }
}
