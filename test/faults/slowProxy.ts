import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SlowProxy {
  url: string;
  /** From now on nothing passes in either direction and nobody is told: as when a cable is pulled. */
  cut(): void;
  stop(): void;
}

/** A way to a port with a delay in each direction and so many bytes a second for each connection's uplink. */
export async function slowProxy(targetPort: number, delayMs: number, bytesPerSecond: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to, limit] of [
      [near, far, bytesPerSecond],
      [far, near, Number.POSITIVE_INFINITY],
    ] as const) {
      sockets.add(from);
      from.on('error', () => from.destroy());
      from.on('close', () => {
        sockets.delete(from);
        if (!isCut) to.destroy();
      });
      from.on('data', (chunk: Buffer) => {
        if (isCut) return;
        // Nothing more is read until this has had its time on the line.
        if (Number.isFinite(limit)) {
          from.pause();
          setTimeout(() => from.resume(), (1000 * chunk.length) / limit);
        }
        const onTheLineMs = Number.isFinite(limit) ? (1000 * chunk.length) / limit : 0;
        setTimeout(() => !isCut && to.writable && to.write(chunk), delayMs + onTheLineMs);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    cut: () => {
      isCut = true;
    },
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
