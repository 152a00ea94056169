import { createServer, type Server, type Socket } from 'node:net';
import { socketTransport } from '../tcp.ts';
import type { Listener, ListenerHost, Next } from './listener.ts';
import { type TlsOptions, tlsLayer } from './tlsLayer.ts';
import { webSocketLayer } from './webSocketLayer.ts';

export interface ListenerOptions {
  host: string;
  port: number;
  /** Absent: not encrypted. */
  tls?: TlsOptions;
  webSocket?: boolean;
}

/** Listens on one port: TCP, and above it TLS, WebSocket, both or neither. */
export function createListener(options: ListenerOptions): Listener {
  const { tls, webSocket = false } = options;
  const stops: (() => void)[] = [];
  let server: Server | null = null;
  return {
    scheme: webSocket ? (tls ? 'wss' : 'ws') : tls ? 'mqtts' : 'mqtt',
    get port() {
      const address = server?.address();
      return typeof address === 'object' && address ? address.port : 0;
    },
    start: async (host) => {
      const connected: Next = (socket, name) => {
        host.gate.handedOver(socket);
        host.connected(socketTransport(socket, name));
      };
      const carried = webSocket ? webSocketLayer(host) : connected;
      const secured = tls ? tlsLayer(host, tls, carried) : null;
      if (secured) stops.push(secured.stop);
      const taken = (socket: Socket): void => {
        if (!host.gate.admits(socket)) return;
        // Without a listener, a reset during a handshake would end the process.
        socket.on('error', () => socket.destroy());
        if (secured) secured.take(socket);
        else carried(socket, null);
      };
      server = createServer({ noDelay: true }, taken);
      await listen(server, options, host);
    },
    stop: async () => {
      for (const stop of stops.splice(0)) stop();
      await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    },
  };
}

async function listen(server: Server, { host: address, port }: ListenerOptions, host: ListenerHost): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, backlog: 4096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => host.log.error({ reason: error.message }, 'an MQTT listener failed'));
}
