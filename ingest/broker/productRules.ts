import { hostStates, mayReceiveSparkplug, maySubscribeSparkplug } from '../sparkplug/index.ts';
import type { BrokerRules } from './rules.ts';
import { addressed, mayReceive, maySubscribe } from './topics.ts';

/**
 * The product's: topics by tenant and device, ours and Sparkplug's. What may be published, a will too, is what the front can
 * take in (`front/targets.ts`), so vendors' topics count as well. Nothing is retained but the state of the Sparkplug host
 * (the latest value of a point is a question to the store).
 */
export function productRules(mayPublish: BrokerRules['mayPublish']): BrokerRules {
  return {
    mayPublish,
    maySubscribe: (identity, filter) => maySubscribe(identity, filter) || maySubscribeSparkplug(identity, filter),
    mayReceive: (identity, topic) => mayReceive(identity, topic) || mayReceiveSparkplug(identity, topic),
    addressed,
    retained: hostStates(),
  };
}
