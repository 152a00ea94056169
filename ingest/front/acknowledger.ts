import type { Writable } from 'node:stream';
import type { AcceptingSpool } from '../spool/index.ts';

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

  /** Writes, as one buffer, everything owed up to the durable offset. @returns whether anything is still owed */
  settle(durableOffset: number): boolean {
    const ends = this.#endOffsets;
    let end = this.#settled;
    while (end < ends.length && ends[end]! <= durableOffset) end++;
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

/** Settles the connections that are owed something whenever a group has reached the disk. */
export class Acknowledger {
  #owing: OwedAcknowledgements[] = [];
  readonly #stop: () => void;

  constructor(spool: AcceptingSpool) {
    this.#stop = spool.onDurable((durableOffset) => this.#settle(durableOffset));
  }

  owes(owed: OwedAcknowledgements): void {
    if (owed.queued) return;
    owed.queued = true;
    this.#owing.push(owed);
  }

  stop(): void {
    this.#stop();
  }

  #settle(durableOffset: number): void {
    const owing = this.#owing;
    this.#owing = [];
    for (const owed of owing) {
      owed.queued = owed.settle(durableOffset);
      if (owed.queued) this.#owing.push(owed);
    }
  }
}
