import type { RetainedMessages, RetainedPacket } from '../broker/rules.ts';
import { filterMatches } from '../broker/topics.ts';
import { isStateTopic } from './topics.ts';

/**
 * The state of this primary host, which edge nodes that come later must still find (§5.5): the one thing that the product's
 * broker retains. Clients cannot publish there.
 */
export function hostStates(): RetainedMessages {
  const byTopic = new Map<string, RetainedPacket>();
  return {
    store: (packet) => {
      if (isStateTopic(packet.topic)) byTopic.set(packet.topic, packet);
    },
    matching: (filters) =>
      [...byTopic.values()].filter(({ topic }) => filters.some((filter) => filterMatches(filter, topic))),
    keeps: isStateTopic,
  };
}
