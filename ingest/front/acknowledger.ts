import type { Writable } from 'node:stream';
import type { AcceptingSpool, Spool } from '../spool/index.ts';
import { partsOffsetOf } from './partsOffset.ts';

/** An end offset that no record has: what is owed waits until `fill`. */
const NOT_YET = Number.POSITIVE_INFINITY;

/**
 * The acknowledgements that one connection is owed, in the order of its messages. A QoS 1 message owes a PUBACK, a
 * QoS 2 message a PUBREC; neither is written before the spool calls the record durable.
 */
export class OwedAcknowledgements {
  readonly #stream: Writable;
  readonly #endOffsets: number[] = [];
  /** First byte of the packet in the high half, packet identifier in the low. */
  readonly #packets: number[] = [];
  #settled = 0;
  /** Packets settled and taken out of the arrays: what a slot counts from. */
  #forgotten = 0;
  queued = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  get size(): number {
    return this.#endOffsets.length - this.#settled;
  }

  /** @param endOffset in the spool, or in the parts' (`takeIn.ts`) */
  push(endOffset: number, firstByte: number, packetId: number): void {
    this.#endOffsets.push(endOffset);
    this.#packets.push((firstByte << 16) | packetId);
  }

  /** Keeps the place of a message that is not in the spool yet; the acknowledgements behind it wait (MQTT 5 §4.6). */
  reserve(firstByte: number, packetId: number): number {
    this.push(NOT_YET, firstByte, packetId);
    return this.#forgotten + this.#endOffsets.length - 1;
  }

  /** The message of a reserved place is in the spool, or is not wanted (0). Settle after it. */
  fill(slot: number, endOffset: number): void {
    this.#endOffsets[slot - this.#forgotten] = endOffset;
  }

  /** Writes, as one buffer, everything owed up to what is durable. @returns whether anything is still owed */
  settle(durableOffset: number, durablePartsOffset: number): boolean {
    const ends = this.#endOffsets;
    let end = this.#settled;
    while (end < ends.length && isDurable(ends[end]!, durableOffset, durablePartsOffset)) end++;
    const count = end - this.#settled;
    if (count > 0 && !this.#stream.destroyed) {
      const bytes = Buffer.allocUnsafe(4 * count);
      for (let index = 0; index < count; index++) {
        const packet = this.#packets[this.#settled + index]!;
        bytes.writeUInt32BE((((packet >>> 16) << 24) | 0x0002_0000 | (packet & 0xffff)) >>> 0, index * 4);
      }
      this.#stream.write(bytes);
    }
    this.#settled = end;
    if (end === ends.length) {
      this.#forgotten += end;
      ends.length = 0;
      this.#packets.length = 0;
      this.#settled = 0;
      return false;
    }
    if (end > 4096) {
      this.#forgotten += end;
      ends.splice(0, end);
      this.#packets.splice(0, end);
      this.#settled = 0;
    }
    return true;
  }
}

function isDurable(endOffset: number, durableOffset: number, durablePartsOffset: number): boolean {
  return endOffset >= 0 ? endOffset <= durableOffset : partsOffsetOf(endOffset) <= durablePartsOffset;
}

/** Settles the connections that are owed something whenever a group has reached the disk. */
export class Acknowledger {
  readonly #spool: AcceptingSpool;
  readonly #parts: Spool | null;
  readonly #stop: (() => void)[];
  #owing: OwedAcknowledgements[] = [];

  constructor(spool: AcceptingSpool, parts: Spool | null) {
    this.#spool = spool;
    this.#parts = parts;
    this.#stop = [spool, parts].flatMap((log) => log?.onDurable(() => this.#settle()) ?? []);
  }

  owes(owed: OwedAcknowledgements): void {
    if (owed.queued) return;
    owed.queued = true;
    this.#owing.push(owed);
  }

  /** For what may be durable already, so that nothing comes that would settle it. */
  owesNow(owed: OwedAcknowledgements): void {
    if (owed.settle(this.#spool.latestDurableOffset(), this.#parts?.latestDurableOffset() ?? 0)) this.owes(owed);
  }

  stop(): void {
    for (const stop of this.#stop) stop();
  }

  #settle(): void {
    const durableOffset = this.#spool.latestDurableOffset();
    const durablePartsOffset = this.#parts?.latestDurableOffset() ?? 0;
    const owing = this.#owing;
    this.#owing = [];
    for (const owed of owing) {
      owed.queued = owed.settle(durableOffset, durablePartsOffset);
      if (owed.queued) this.#owing.push(owed);
    }
  }
}
