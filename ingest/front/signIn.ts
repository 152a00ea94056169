import { type Clock, reasonOf } from '../../platform/index.ts';
import type { BrokerRules } from '../broker/rules.ts';
import {
  type DeviceDirectory,
  type DeviceIdentity,
  hashDeviceSecret,
  isEntitled,
  type PresenceBoard,
} from '../devices/index.ts';
import type { Admission, Peer, SignedIn, SignInRefusal } from './admission.ts';
import { connectForBroker, credentialsOf, readConnect } from './connectPacket.ts';
import { FailureBudget } from './failureBudget.ts';
import { CONNACK_MQTT5, CONNACK_NOT_AUTHORIZED, CONNACK_UNAVAILABLE, connack } from './wire.ts';

const FAILURES = { burst: 50, perSecond: 10 };

export interface DeviceAdmissionDeps {
  clock: Clock;
  directory: DeviceDirectory;
  presence: PresenceBoard;
  rules: BrokerRules;
}

/** The product's admission: registered devices, by their secret or their certificate. */
export function deviceAdmission(deps: DeviceAdmissionDeps): Admission {
  const failures = new FailureBudget(deps.clock, FAILURES);
  return {
    admit: (connect, peer) => signIn({ ...deps, failures }, connect, peer),
    onChange: (listener) => deps.directory.onChange(listener),
  };
}

type SignInDeps = DeviceAdmissionDeps & { failures: FailureBudget };

async function signIn(deps: SignInDeps, bytes: Buffer, peer: Peer): Promise<SignedIn | SignInRefusal> {
  const read = readConnect(bytes);
  if ('reason' in read) {
    const refusal = read.answer === CONNACK_MQTT5 ? 'mqtt-version' : read.answer ? 'credentials' : 'protocol';
    return { refusal, ...read };
  }
  const { packet } = read;
  const credentials = credentialsOf(packet, peer.certificateName);
  if ('reason' in credentials) return { refusal: 'credentials', ...credentials };
  const { username, password } = credentials;
  const identity = await findDevice(deps, peer.address, username);
  if (identity !== null && 'refusal' in identity) return identity;
  const secretUsed = password === null ? null : hashDeviceSecret(password);
  if (identity === null || !isEntitled(identity, secretUsed, deps.clock.nowMs())) {
    deps.failures.failed(peer.address);
    const reason = 'unknown device, or a wrong or revoked secret';
    return { refusal: 'credentials', reason, answer: connack(CONNACK_NOT_AUTHORIZED) };
  }
  const connect = connectForBroker(packet, identity, deps.rules);
  if ('reason' in connect) {
    deps.presence.problem(deps.presence.entry(identity.tenantId, identity.deviceId), 'WILL', connect.reason);
    return { refusal: 'will', ...connect };
  }
  return { identity, connect, keepAliveMs: 1000 * (packet.keepalive ?? 0), secretUsed };
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
