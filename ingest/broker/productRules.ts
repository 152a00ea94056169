import { hostStates, mayPublishSparkplug, mayReceiveSparkplug, maySubscribeSparkplug } from '../sparkplug/index.ts';
import type { BrokerRules } from './rules.ts';
import { addressed, mayPublish, mayReceive, maySubscribe } from './topics.ts';

/**
 * The product's: topics by tenant and device, ours and Sparkplug's. Nothing is retained but the state of the Sparkplug host
 * (the latest value of a point is a question to the store).
 */
export function productRules(): BrokerRules {
  return {
    mayPublish: (identity, topic) => mayPublish(identity, topic) || mayPublishSparkplug(identity, topic),
    maySubscribe: (identity, filter) => maySubscribe(identity, filter) || maySubscribeSparkplug(identity, filter),
    mayReceive: (identity, topic) => mayReceive(identity, topic) || mayReceiveSparkplug(identity, topic),
    addressed,
    retained: hostStates(),
  };
}
