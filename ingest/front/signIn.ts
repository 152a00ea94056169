import type { IConnectPacket } from 'mqtt-packet';
import { reasonOf } from '../../platform/index.ts';
import { type DeviceIdentity, secretMatches } from '../devices/index.ts';
import { connectForBroker, readConnect } from './connectPacket.ts';
import type { FrontDeps, Refusal } from './frontDeps.ts';
import { CONNACK_MQTT5, CONNACK_NOT_AUTHORIZED, CONNACK_UNAVAILABLE, connack } from './wire.ts';

/** Who has signed in, and the CONNECT that the broker gets. */
export interface SignedIn {
  identity: DeviceIdentity;
  connect: IConnectPacket;
  keepAliveMs: number;
}

export interface SignInRefusal {
  refusal: Refusal;
  reason: string;
  /** What to answer before closing; null for what is no MQTT. */
  answer: Buffer | null;
}

type SignInDeps = Pick<FrontDeps, 'directory' | 'failures' | 'presence'>;

/** Decides on a whole CONNECT packet. Never rejects. */
export async function signIn(deps: SignInDeps, address: string, bytes: Buffer): Promise<SignedIn | SignInRefusal> {
  const read = readConnect(bytes);
  if ('reason' in read) {
    const refusal = read.answer === CONNACK_MQTT5 ? 'mqtt-version' : read.answer ? 'credentials' : 'protocol';
    return { refusal, ...read };
  }
  const { packet, username, password } = read;
  const identity = await findDevice(deps, address, username);
  if (identity !== null && 'refusal' in identity) return identity;
  if (identity?.secretHash == null || !secretMatches(password, identity.secretHash)) {
    deps.failures.failed(address);
    const reason = 'unknown device, or a wrong or revoked secret';
    return { refusal: 'credentials', reason, answer: connack(CONNACK_NOT_AUTHORIZED) };
  }
  const connect = connectForBroker(packet, identity);
  if ('reason' in connect) {
    deps.presence.problem(deps.presence.entry(identity.tenantId, identity.deviceId), 'WILL', connect.reason);
    return { refusal: 'will', ...connect };
  }
  return { identity, connect, keepAliveMs: 1000 * (packet.keepalive ?? 0) };
}

/** A remembered device costs no query; others are looked up unless their address has failed too often. */
async function findDevice(
  { directory, failures }: SignInDeps,
  address: string,
  username: string,
): Promise<DeviceIdentity | SignInRefusal | null> {
  const remembered = directory.remembered(username);
  if (remembered) return remembered;
  if (failures.isSpent(address))
    return { refusal: 'rate-limited', reason: 'too many failed sign-ins', answer: connack(CONNACK_NOT_AUTHORIZED) };
  try {
    return await directory.find(username);
  } catch (error) {
    const reason = `the device could not be looked up: ${reasonOf(error)}`;
    return { refusal: 'unavailable', reason, answer: connack(CONNACK_UNAVAILABLE) };
  }
}
