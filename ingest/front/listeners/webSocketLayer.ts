import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import type { Transport } from '../transport.ts';
import type { ListenerHost, Next } from './listener.ts';

const PATH = '/mqtt';
const SUBPROTOCOL = 'mqtt';
const MAX_HEADER_BYTES = 8 * 1024;
/** Beside the largest MQTT packet, what its own header may add. */
const FRAME_SLACK_BYTES = 64 * 1024;
/** A client that sends pings and reads no pongs. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** MQTT over WebSocket (MQTT 3.1.1 §6) above a socket: path `/mqtt`, subprotocol `mqtt`, binary frames. */
export function webSocketLayer(host: ListenerHost): Next {
  const names = new WeakMap<Duplex, string>();
  const http = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (_request, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end('Connect with WebSocket at /mqtt.\n');
  });
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: host.limits.maxPacketBytes + FRAME_SLACK_BYTES,
    handleProtocols: () => SUBPROTOCOL,
  });
  http.on('clientError', (_error, socket) => socket.destroy());
  http.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== PATH || !offered.includes(SUBPROTOCOL)) {
      host.refused(
        'protocol',
        `a WebSocket for ${PATH} with subprotocol ${SUBPROTOCOL} is expected`,
        addressOf(socket),
      );
      socket.end(`HTTP/1.1 ${path === PATH ? '400 Bad Request' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      host.gate.handedOver(socket);
      host.connected(transportOf(webSocket, socket, names.get(socket) ?? null));
    });
  });
  return (socket, certificateName) => {
    if (certificateName !== null) names.set(socket, certificateName);
    http.emit('connection', socket);
  };
}

/** A whole WebSocket message is kept by its reader before it comes here: those bytes are counted too. */
function transportOf(webSocket: WebSocket, socket: Socket, certificateName: string | null): Transport {
  const stream = createWebSocketStream(webSocket);
  let bytesOfMessage = 0;
  let kept: () => void = () => undefined;
  socket.prependListener('data', (chunk: Buffer) => {
    bytesOfMessage += chunk.length;
    kept();
  });
  webSocket.prependListener('message', (_data: unknown, isBinary: boolean) => {
    bytesOfMessage = 0;
    // §6: MQTT travels in binary frames; another kind closes the connection.
    if (!isBinary) stream.destroy();
  });
  webSocket.on('ping', () => {
    if (socket.writableLength > MAX_UNREAD_BYTES) stream.destroy();
  });
  return {
    stream,
    address: addressOf(socket),
    certificateName,
    keptBytes: () => bytesOfMessage + stream.readableLength,
    onKept: (listener) => {
      kept = listener;
    },
  };
}

function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? '';
}
