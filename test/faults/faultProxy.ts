import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of a request: `pass` it on; answer it with a status of the proxy's own; `cut` the connection after the
 * server has answered, so that it was done and nobody hears of it.
 */
export type Verdict = 'pass' | 'cut' | { status: number; headers?: Record<string, string> };

/** A proxy for HTTP between the platform and an engine, that misbehaves when told to. */
export interface FaultProxy {
  readonly url: string;
  /** Asked for every request. */
  decide: (path: string) => Verdict;
  /** Requests that did not just pass. */
  readonly injected: number;
  stop(): Promise<void>;
}

/** Starts a proxy in front of `target`, which lets everything pass at first. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const { port, server, state } = await listening(target);
  return {
    url: `http://127.0.0.1:${port}`,
    get decide() {
      return state.decide;
    },
    set decide(decide) {
      state.decide = decide;
    },
    get injected() {
      return state.injected;
    },
    stop: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

async function listening(target: string) {
  const state = { injected: 0, decide: (_path: string): Verdict => 'pass' };
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const verdict = state.decide(incoming.url!);
    if (verdict !== 'pass') state.injected++;
    if (typeof verdict === 'object') answerItself(incoming, outgoing, verdict);
    else passOn(target, incoming, outgoing, verdict === 'cut');
  };
  const server = createServer(serve);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, state, port: (server.address() as AddressInfo).port };
}

function answerItself(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  verdict: { status: number; headers?: Record<string, string> },
): void {
  incoming.resume();
  incoming.on('end', () => {
    outgoing.writeHead(verdict.status, { 'content-type': 'application/json', ...verdict.headers });
    outgoing.end(JSON.stringify({ code: 'injected', message: `the proxy answers ${verdict.status}` }));
  });
}

function passOn(target: string, incoming: IncomingMessage, outgoing: ServerResponse, cut: boolean): void {
  const { method, headers } = incoming;
  const onward = request(`${target}${incoming.url}`, { method, headers }, (answer) => {
    if (cut) {
      answer.resume();
      answer.on('end', () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
