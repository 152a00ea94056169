import type { Socket } from 'node:net';
import type { Transport } from './transport.ts';

const PROBE_AFTER_MS = 60_000;

/** A plain socket; also what a TLS socket is once its handshake is done. It keeps nothing of its own. */
export function socketTransport(socket: Socket, certificateName: string | null = null): Transport {
  socket.setNoDelay(true);
  // Finds peers that are gone although they asked for no keep-alive of MQTT's.
  socket.setKeepAlive(true, PROBE_AFTER_MS);
  return {
    stream: socket,
    address: socket.remoteAddress ?? '',
    certificateName,
    keptBytes: () => 0,
    onKept: () => undefined,
  };
}
