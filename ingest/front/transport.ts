import type { Duplex } from 'node:stream';
import type { Peer } from './admission.ts';

/** One client's byte stream, whatever carries it: TCP, TLS or WebSocket. */
export interface Transport extends Peer {
  stream: Duplex;
  /** Bytes that the carrier itself keeps of what is not yet whole; they count against the front's bounds. */
  keptBytes(): number;
  /** Calls back whenever `keptBytes` may have grown. */
  onKept(listener: () => void): void;
}
