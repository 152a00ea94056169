import type { Socket } from 'node:net';
import type { Logger } from '../../../platform/index.ts';
import type { Refusal } from '../counts.ts';
import type { FrontLimits } from '../frontDeps.ts';
import type { Transport } from '../transport.ts';
import type { SocketGate } from './socketGate.ts';

/** What a listener hands its clients to. */
export interface ListenerHost {
  limits: FrontLimits;
  log: Logger;
  gate: SocketGate;
  connected(transport: Transport): void;
  refused(refusal: Refusal, reason: string, address: string): void;
}

/** One address that clients connect to. */
export interface Listener {
  readonly scheme: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  /** The port listened on, once started. */
  readonly port: number;
  start(host: ListenerHost): Promise<void>;
  /** Takes no new client; resolves when the last socket is closed. */
  stop(): Promise<void>;
}

/** What a layer passes on: the socket, by now perhaps encrypted, and the name that a certificate binds it to. */
export type Next = (socket: Socket, certificateName: string | null) => void;
