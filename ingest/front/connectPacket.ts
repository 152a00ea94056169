import { randomUUID } from 'node:crypto';
import { type IConnectPacket, type Packet, parser } from 'mqtt-packet';
import type { BrokerRules } from '../broker/rules.ts';
import { type DeviceIdentity, usernameOf } from '../devices/index.ts';
import { CONNACK_CREDENTIALS, CONNACK_IDENTIFIER, CONNACK_MQTT5, CONNACK_NOT_AUTHORIZED, connack } from './wire.ts';

const MAX_CLIENT_ID_CHARACTERS = 256;
const MAX_USERNAME_CHARACTERS = 192;

export interface Credentials {
  username: string;
  /** Null only where a certificate stands in for it. */
  password: Buffer | null;
}

/** A CONNECT that is refused: what to answer (nothing for what is no MQTT) and why. */
export interface ConnectRefusal {
  answer: Buffer | null;
  reason: string;
}

/** Reads a whole CONNECT packet and checks what can be checked without knowing who it is. */
export function readConnect(bytes: Buffer): { packet: IConnectPacket } | ConnectRefusal {
  const packet = parse(bytes);
  if (packet === null) return { answer: null, reason: 'not a valid CONNECT packet' };
  if (packet.protocolVersion === 5)
    return { answer: CONNACK_MQTT5, reason: 'MQTT 5 is not spoken here; connect with protocol version 4 (3.1.1)' };
  const { clientId, clean } = packet;
  if (clientId.length > MAX_CLIENT_ID_CHARACTERS || (clientId === '' && clean === false))
    return { answer: connack(CONNACK_IDENTIFIER), reason: 'a client id has 1 to 256 characters' };
  return { packet };
}

/**
 * Who the client says it is. A verified certificate names the device: a password is then not needed, and a username that
 * says something else is refused.
 */
export function credentialsOf(packet: IConnectPacket, certificateName: string | null): Credentials | ConnectRefusal {
  const password = packet.password == null ? null : Buffer.from(packet.password);
  if (certificateName !== null) {
    if (!packet.username || packet.username === certificateName) return { username: certificateName, password };
    return {
      answer: connack(CONNACK_NOT_AUTHORIZED),
      reason: 'the username is not the name in the client certificate; leave it out or make them the same',
    };
  }
  const { username } = packet;
  if (username && username.length <= MAX_USERNAME_CHARACTERS && username.includes('/') && password !== null)
    return { username, password };
  return {
    answer: connack(CONNACK_CREDENTIALS),
    reason: 'the username is {tenant}/{device}, the password its secret',
  };
}

function parse(bytes: Buffer): IConnectPacket | null {
  let found: Packet | null = null;
  const reader = parser();
  reader.on('packet', (packet: Packet) => {
    found = packet;
  });
  let sound = true;
  reader.on('error', () => {
    sound = false;
  });
  try {
    reader.parse(bytes);
  } catch {
    return null;
  }
  const packet = found as Packet | null;
  return sound && packet?.cmd === 'connect' ? packet : null;
}

/**
 * The CONNECT as aedes gets it: the client id lies within its credential (so that nobody can evict another's client),
 * the keep-alive is the front's affair, the secret is gone, and a will must be on a topic that the device may publish to.
 */
export function connectForBroker(
  packet: IConnectPacket,
  identity: DeviceIdentity,
  rules: Pick<BrokerRules, 'mayPublish' | 'retained'>,
): IConnectPacket | ConnectRefusal {
  const { will } = packet;
  if (will && !rules.mayPublish(identity, will.topic))
    return { answer: connack(CONNACK_NOT_AUTHORIZED), reason: 'the will is on a topic this device may not publish to' };
  const credential = usernameOf(identity.tenantSlug, identity.name);
  return {
    cmd: 'connect',
    protocolId: packet.protocolId ?? 'MQTT',
    protocolVersion: packet.protocolVersion ?? 4,
    clean: packet.clean ?? true,
    clientId: `${credential}|${packet.clientId || randomUUID()}`,
    keepalive: 0,
    ...(will
      ? {
          will: {
            topic: will.topic,
            payload: Buffer.from(will.payload),
            qos: will.qos ?? 0,
            retain: will.retain === true && rules.retained !== null,
          },
        }
      : {}),
  };
}
