import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import type { RemoteAddress } from './address.ts';

/**
 * Opens the byte stream to the broker: TCP, TLS or WebSocket, ready to be written to.
 *
 * @throws the system's or TLS' reason, without credentials
 */
export async function openTransport(address: RemoteAddress, signal: AbortSignal): Promise<Duplex> {
  const { host, port, secure, webSocketUrl, certificates } = address;
  if (webSocketUrl !== null) return openWebSocket(webSocketUrl, certificates, signal);
  const socket = secure
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...given(certificates) })
    : connectTcp({ host, port });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return ready(socket, once(socket, secure ? 'secureConnect' : 'connect', { signal }));
}

function openWebSocket(url: string, certificates: object, signal: AbortSignal): Promise<Duplex> {
  const socket = new WebSocket(url, 'mqtt', { ...given(certificates), perMessageDeflate: false });
  const stream = createWebSocketStream(socket);
  return ready(stream, once(socket, 'open', { signal }));
}

async function ready<Stream extends Duplex>(stream: Stream, opened: Promise<unknown>): Promise<Stream> {
  // Kept for the stream's life: an error after the opening is told by `close`.
  stream.on('error', () => stream.destroy());
  try {
    await opened;
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function given(certificates: object): Record<string, string> {
  return Object.fromEntries(Object.entries(certificates).filter(([, pem]) => pem !== undefined));
}
