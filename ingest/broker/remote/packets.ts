import { generate, type IConnectPacket } from 'mqtt-packet';
import type { RemoteAddress } from './address.ts';

/** MQTT 5 control packet types (§2.1.2 there), as the high four bits of the first byte. */
export const PUBLISH = 3;
export const PINGREQ = Buffer.from([0xc0, 0x00]);
/** DISCONNECT with reason 0: the session stays as long as CONNECT asked (§3.14.2.2). */
export const DISCONNECT = Buffer.from([0xe0, 0x00]);
/** First byte of PUBACK; with remaining length 2 its reason is success (§3.4.2.1). */
export const PUBACK = 0x40;

/** What we ask of the broker for one session. */
export interface SessionTerms {
  clientId: string;
  keepAliveSeconds: number;
  /** How many QoS 1 messages the broker may send ahead of our acknowledgements: the back-pressure. */
  receiveMaximum: number;
  /** How long the broker keeps messages for us while we are away. */
  sessionExpirySeconds: number;
  maximumPacketBytes: number;
}

/** What the broker tells others when we are lost, and keeps for those who ask later. */
export interface Testament {
  topic: string;
  payload: Buffer;
}

/** CONNECT that takes up the session where it was left (§3.1.2.4: clean start 0). */
export function connectPacket(address: RemoteAddress, terms: SessionTerms, will: Testament | null): Buffer {
  const packet: IConnectPacket = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clean: false,
    clientId: terms.clientId,
    keepalive: terms.keepAliveSeconds,
    properties: {
      sessionExpiryInterval: terms.sessionExpirySeconds,
      receiveMaximum: terms.receiveMaximum,
      maximumPacketSize: terms.maximumPacketBytes,
    },
  };
  if (will !== null) packet.will = { ...will, qos: 1, retain: true };
  if (address.username !== null) packet.username = address.username;
  if (address.password !== null) packet.password = Buffer.from(address.password);
  return generate(packet, { protocolVersion: 5 });
}

/**
 * SUBSCRIBE at QoS 1. Retain handling 2: what is retained was sent before, and is not wanted again (§3.8.3.1).
 *
 * @param identifier comes with each message of these filters; null: the broker knows none (§3.2.2.3.12)
 */
export function subscribePacket(packetId: number, filters: readonly string[], identifier: number | null): Buffer {
  const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const, nl: false, rap: false, rh: 2 as const }));
  const properties = identifier === null ? {} : { subscriptionIdentifier: identifier };
  return generate({ cmd: 'subscribe', messageId: packetId, subscriptions, properties }, { protocolVersion: 5 });
}

export function unsubscribePacket(packetId: number, filters: readonly string[]): Buffer {
  return generate({ cmd: 'unsubscribe', messageId: packetId, unsubscriptions: [...filters] }, { protocolVersion: 5 });
}

export interface PublishOptions {
  /** The broker drops what its receiver has not got by then. */
  expirySeconds?: number | null;
  retain?: boolean;
}

/** PUBLISH at QoS 1, or with packet identifier 0 at QoS 0. */
export function publishPacket(packetId: number, topic: string, payload: Buffer, options: PublishOptions): Buffer {
  const { expirySeconds = null, retain = false } = options;
  const properties = expirySeconds === null ? {} : { messageExpiryInterval: expirySeconds };
  const qos = packetId === 0 ? 0 : 1;
  return generate(
    { cmd: 'publish', topic, payload, qos, messageId: packetId, dup: false, retain, properties },
    { protocolVersion: 5 },
  );
}

/** Where the parts of a PUBLISH lie in the bytes it came in. */
export interface PublishLayout {
  qos: number;
  duplicate: boolean;
  retained: boolean;
  topicStart: number;
  topicEnd: number;
  /** 0 at QoS 0. */
  packetId: number;
  /** Its properties end where the payload begins. */
  propertiesStart: number;
  payloadStart: number;
}

/** Reads a PUBLISH (§3.3) in place; null when it is malformed. */
export function publishLayout(bytes: Buffer, start: number, body: number, end: number): PublishLayout | null {
  const firstByte = bytes[start]!;
  const qos = (firstByte >> 1) & 3;
  if (qos > 1 || body + 2 > end) return null;
  const topicStart = body + 2;
  const topicEnd = topicStart + bytes.readUInt16BE(body);
  let at = topicEnd;
  let packetId = 0;
  if (qos === 1) {
    if (at + 2 > end) return null;
    packetId = bytes.readUInt16BE(at);
    if (packetId === 0) return null;
    at += 2;
  }
  // Variable byte integer (§1.5.5): seven bits a byte, at most four.
  let propertyBytes = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= end || shift > 21) return null;
    const byte = bytes[at++]!;
    propertyBytes |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const payloadStart = at + propertyBytes;
  // No topic alias was offered, so each PUBLISH names its topic.
  if (topicEnd === topicStart || payloadStart > end) return null;
  return {
    qos,
    duplicate: (firstByte & 0x08) !== 0,
    retained: (firstByte & 0x01) !== 0,
    topicStart,
    topicEnd,
    packetId,
    propertiesStart: at,
    payloadStart,
  };
}

/** Reason code 0x9E (§2.4). */
export const NO_SHARED_SUBSCRIPTIONS = 158;

const REASONS: Readonly<Record<number, string>> = {
  132: 'it does not speak MQTT 5; Faultline needs a broker that does',
  133: 'it does not accept our client id',
  134: 'user name or password is wrong: correct MQTT_URL',
  135: 'this user may not connect: allow it in the broker, or correct MQTT_URL',
  136: 'it is unavailable',
  137: 'it is busy',
  138: 'it has banned us',
  139: 'it is shutting down',
  142: 'another process has taken over our session: does it run on a copy of this DATA_DIR?',
  149: 'a packet was too large for it',
  151: 'a quota of the broker is used up',
  156: 'it sends us to another server: put that in MQTT_URL',
  157: 'it has moved: put its new address in MQTT_URL',
  [NO_SHARED_SUBSCRIPTIONS]: 'it does not offer shared subscriptions: set MQTT_SHARED=false, for one ingest process',
  159: 'it limits how often one may connect',
};

/** A reason code of the broker (§2.4) as a person reads it. */
export function reasonText(code: number): string {
  return REASONS[code] ?? `reason code 0x${code.toString(16)}`;
}
