import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import type { LiveStream } from '../live/liveStream.ts';
import type { LiveEnd, LiveTransport, Watcher } from '../live/watcher.ts';
import { storeErrors } from '../store/errors.ts';
import { oneOrMore } from './shapes.ts';

const MAX_PATTERNS = 100;
/** Beyond this a socket's own buffer counts as full. */
const SOCKET_BUFFER_BYTES = 256 * 1024;

const query = z.object({
  series: oneOrMore(z.string().min(1).max(300), MAX_PATTERNS)
    .optional()
    .describe('Series as device/point, `*` for any characters; may be given several times'),
  device: oneOrMore(z.string().min(1).max(200), MAX_PATTERNS)
    .optional()
    .describe('Devices, `*` for any characters; may be given several times'),
});

const DESCRIPTION = `A request that asks for a WebSocket gets one, any other an event stream (\`text/event-stream\`). Both carry the same
messages: \`hello\`, then \`readings\` \`{ items: [{ series, time, value, unit, arrivedAt, future }], skipped }\` in the order in which they
were stored, \`gap\` when some may have been missed, and \`end\` with a reason when we close. A WebSocket's messages are
\`{ event, data }\`. Without patterns all of the tenant's series are shown.

A client that does not keep up is sent only the newest reading of each series, and \`skipped\` says how many others were left
out since the message before. Nothing can be resumed: after a reconnection, read what was missed from /api/v1/telemetry/range.`;

/** Readings as they are stored. */
export function liveRoute(deps: { live: LiveStream }): (app: App) => void {
  const { live } = deps;
  return (app) => {
    const open = new Set<Watcher>();
    app.addHook('preClose', async () => {
      for (const watcher of open) watcher.end('stopping');
    });
    const enter = (watcher: Watcher): (() => void) => {
      open.add(watcher);
      return () => {
        open.delete(watcher);
        live.leave(watcher);
      };
    };
    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/live',
      exposeHeadRoute: false,
      config: { permission: 'telemetry:read' },
      schema: {
        tags: ['telemetry'],
        summary: 'Readings as they are stored, as an event stream or over a WebSocket',
        description: DESCRIPTION,
        querystring: query,
        response: { 200: z.string().describe('text/event-stream') },
      },
      handler: async ({ principal, query: { series = [], device = [] } }, reply) => {
        const sse = eventStream(reply, () => watcher && live.resume(watcher));
        const watcher = live.watch(principal, { series, devices: device }, sse.transport);
        if (!watcher) throw storeErrors.LIVE_FULL({});
        sse.open(enter(watcher));
        return reply;
      },
      wsHandler: (socket: WebSocket, request) => {
        const { series = [], device = [] } = request.query as z.output<typeof query>;
        const transport = socketTransport(socket, () => watcher && live.resume(watcher));
        const watcher = live.watch(request.principal, { series, devices: device }, transport);
        if (!watcher) return socket.close(1013, 'too many watch already; try again later');
        const leave = enter(watcher);
        socket.on('close', leave);
        socket.on('error', leave);
      },
    });
  };
}

/** Server-sent events on the raw answer. @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
function eventStream(
  reply: FastifyReply,
  ready: () => void,
): { transport: LiveTransport; open: (closed: () => void) => void } {
  const raw: ServerResponse = reply.raw;
  // Until the head has gone out, what is said waits: an error may still take its place.
  let early: string[] | null = [];
  const write = (text: string): boolean => {
    if (early) return early.push(text) > 0;
    if (raw.destroyed || raw.writableEnded) return true;
    return raw.write(text);
  };
  const transport: LiveTransport = {
    send: (event, json) => write(`event: ${event}\ndata: ${json}\n\n`),
    beat: () => void write(': beat\n\n'),
    close: (end) => {
      if (end === 'stalled') return void raw.destroy(); // it would not read a farewell either
      write(`event: end\ndata: ${JSON.stringify({ reason: end })}\n\n`);
      raw.end();
      // Whoever has stopped reading must not keep the server from stopping.
      if (raw.writableNeedDrain) raw.destroy();
    },
  };
  const open = (closed: () => void): void => {
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.on('drain', ready);
    raw.on('close', closed);
    const said = early!.join('');
    early = null;
    raw.write(said);
  };
  return { transport, open };
}

/** Codes of RFC 6455, section 7.4.1. */
const CLOSE_CODES: Readonly<Record<LiveEnd, number>> = { stopping: 1001, revoked: 1008, stalled: 1008 };

function socketTransport(socket: WebSocket, ready: () => void): LiveTransport {
  let waiting = false;
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return {
    send: (event, json) => {
      socket.send(`{"event":"${event}","data":${json}}`, () => {
        if (!waiting || socket.bufferedAmount > SOCKET_BUFFER_BYTES / 2) return;
        waiting = false;
        ready();
      });
      waiting ||= socket.bufferedAmount > SOCKET_BUFFER_BYTES;
      return !waiting;
    },
    beat: () => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    },
    close: (end) => {
      if (end === 'stalled' || socket.bufferedAmount > 0) return socket.terminate();
      socket.close(CLOSE_CODES[end], end);
    },
  };
}
