import type { DeviceIdentity } from '../devices/index.ts';

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
  /** Whether a message of this topic would be kept at all. */
  keeps(topic: string): boolean;
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
