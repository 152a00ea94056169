import type { DeviceIdentity } from '../devices/index.ts';
import { addressed, mayPublish, mayReceive, maySubscribe } from './topics.ts';

/** A retained message as aedes stores and sends it. */
export interface RetainedPacket {
  topic: string;
  payload: Buffer | string;
  qos: 0 | 1 | 2;
}

/** Where retained messages are kept. An empty payload removes (MQTT 3.1.1 §3.3.1.3). */
export interface RetainedMessages {
  store(packet: RetainedPacket): void;
  matching(filters: readonly string[]): Iterable<RetainedPacket>;
}

/** What a broker permits: a value of the composition, so that each listener's policy can be read in one place. */
export interface BrokerRules {
  mayPublish(identity: DeviceIdentity, topic: string): boolean;
  maySubscribe(identity: DeviceIdentity, filter: string): boolean;
  mayReceive(identity: DeviceIdentity, topic: string): boolean;
  /** Whether a topic is said to one device: nothing of it is kept for an absent client, and it is known who listens. */
  addressed(topic: string): boolean;
  /** Null: the retain flag is taken off every message. */
  retained: RetainedMessages | null;
}

/** The product's: topics by tenant and device, nothing retained (the latest value of a point is a question to the store). */
export const PRODUCT_RULES: BrokerRules = { mayPublish, maySubscribe, mayReceive, addressed, retained: null };
