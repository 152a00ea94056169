import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock/clock.ts';
import type { Service } from '../service.ts';
import type { App } from './application.ts';
import { httpErrors } from './errors.ts';

export interface HttpServer extends Service {
  /** Where it listens, once started. */
  readonly url: string;
}

/** Slower answers are cut off, so that a stop ends in time. */
const GRACE_MS = 8_000;
/** How long a WebSocket's other end may take to answer a farewell; one that has stopped reading never does. */
const FAREWELL_MS = 1_000;

/** Puts the application on a socket. `stop` answers what is in flight, then closes. */
export function serveHttp(app: App, options: { host: string; port: number; clock: Clock }): HttpServer {
  let url = '';
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  // Otherwise a client that keeps its connection open would keep the server from closing.
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  return {
    get url() {
      return url;
    },
    start: async () => {
      try {
        await app.listen({ host: options.host, port: options.port });
      } catch (error) {
        if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
        throw httpErrors.PORT_IN_USE({ address: `${options.host}:${options.port}` }, { cause: error });
      }
      const { address, family, port } = app.server.address() as AddressInfo;
      url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    },
    stop: async () => {
      const cutOff = options.clock.setTimer(GRACE_MS, () => app.server.closeAllConnections());
      const farewell = options.clock.setTimer(FAREWELL_MS, () => {
        for (const client of app.websocketServer.clients) client.terminate();
      });
      await app.close().finally(() => {
        cutOff.cancel();
        farewell.cancel();
      });
    },
  };
}
