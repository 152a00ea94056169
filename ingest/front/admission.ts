import type { IConnectPacket } from 'mqtt-packet';
import type { DeviceIdentity } from '../devices/index.ts';
import type { Refusal } from './counts.ts';

/** What is known of a client before its first packet. */
export interface Peer {
  address: string;
  /** `{tenant}/{device}` of a client certificate that the listener has verified; null without one. */
  certificateName: string | null;
}

/** Who has signed in, and the CONNECT that the broker gets. */
export interface SignedIn {
  identity: DeviceIdentity;
  connect: IConnectPacket;
  keepAliveMs: number;
  /** SHA-256 of the secret given; null: by certificate alone, and a new secret does not end the connection. */
  secretUsed: Buffer | null;
}

export interface SignInRefusal {
  refusal: Refusal;
  reason: string;
  /** What to answer before closing; null for what is no MQTT. */
  answer: Buffer | null;
}

/** Decides who comes in. */
export interface Admission {
  /** Decides on a whole CONNECT packet. Never rejects. */
  admit(connect: Buffer, peer: Peer): Promise<SignedIn | SignInRefusal>;
  /** Calls back with the new identity whenever one that was handed out has changed. */
  onChange(listener: (identity: DeviceIdentity) => void): () => void;
}
