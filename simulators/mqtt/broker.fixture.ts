import { createServer, type Server, type Socket } from 'node:net';
import { type Packet, parser as packetParser, writeToStream } from 'mqtt-packet';

export interface Received {
  topic: string;
  payload: string;
  dup: boolean;
}

/** A broker of a few lines on another implementation of the protocol, so that our encoder is checked against it. */
export async function startTestBroker(
  behaviour: { port?: number; returnCode?: number; acknowledge?: (received: Received, nth: number) => boolean } = {},
) {
  const received: Received[] = [];
  const connects: { clientId: string; username: string | undefined; password: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const parse = packetParser();
    parse.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') {
        connects.push({
          clientId: packet.clientId,
          username: packet.username,
          password: packet.password?.toString(),
        });
        writeToStream({ cmd: 'connack', returnCode: behaviour.returnCode ?? 0, sessionPresent: false }, socket);
      }
      if (packet.cmd === 'publish') {
        const message = { topic: packet.topic, payload: packet.payload.toString(), dup: packet.dup };
        received.push(message);
        if (behaviour.acknowledge?.(message, received.length) ?? true) {
          writeToStream({ cmd: 'puback', messageId: packet.messageId! }, socket);
        }
      }
    });
    socket.on('data', (chunk) => void parse.parse(chunk as Buffer));
  });
  await new Promise<void>((resolve) => server.listen(behaviour.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, url: `mqtt://127.0.0.1:${port}`, received, connects, stop };
}
