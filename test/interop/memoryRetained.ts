import type { RetainedMessages, RetainedPacket } from '../../ingest/broker/rules.ts';
import { filterMatches } from '../../ingest/broker/topics.ts';

/** Retained messages by topic, for the anonymous listener: the product keeps none. */
export class MemoryRetained implements RetainedMessages {
  readonly #byTopic = new Map<string, RetainedPacket>();

  store(packet: RetainedPacket): void {
    if (packet.payload.length === 0) this.#byTopic.delete(packet.topic);
    else this.#byTopic.set(packet.topic, packet);
  }

  *matching(filters: readonly string[]): Generator<RetainedPacket> {
    for (const packet of this.#byTopic.values())
      if (filters.some((filter) => filterMatches(filter, packet.topic))) yield packet;
  }

  keeps(): boolean {
    return true;
  }
}
