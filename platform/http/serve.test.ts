import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../clock/clock.ts';
import { createLog } from '../log/log.ts';
import { createHttp } from './app.ts';
import { createReadiness } from './probes.ts';
import { serveHttp } from './serve.ts';

const clock = systemClock();
const log = createLog('silent');

async function serve() {
  const readiness = createReadiness({ clock, log });
  const app = await createHttp({
    log,
    metrics: new Registry(),
    authenticate: async () => null,
    readiness,
    version: '1',
  });
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  app.route({
    method: 'GET',
    url: '/slow',
    config: { public: true },
    schema: { tags: ['t'], summary: 's', response: { 200: z.object({ done: z.boolean() }) } },
    handler: async () => {
      reached.resolve();
      await gate.promise;
      return { done: true };
    },
  });
  return { server: serveHttp(app, { host: '127.0.0.1', port: 0, clock }), gate, reached };
}

test('a stop answers what is in flight and takes nothing new', async () => {
  const { server, gate, reached } = await serve();
  await server.start();
  const answer = fetch(`${server.url}/slow`);
  await reached.promise;
  const stopped = server.stop();
  gate.resolve();
  expect(await (await answer).json()).toEqual({ done: true });
  await stopped;
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  await server.stop();
});

test('a taken port is named together with the way out', async () => {
  const first = await serve();
  await first.server.start();
  const port = Number(new URL(first.server.url).port);
  const app = await createHttp({
    log,
    metrics: new Registry(),
    authenticate: async () => null,
    readiness: createReadiness({ clock, log }),
    version: '1',
  });
  const second = serveHttp(app, { host: '127.0.0.1', port, clock });
  await expect(second.start()).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringMatching(/HTTP_PORT/),
  });
  await first.server.stop();
});

test('what is not HTTP gets an error of the common form', async () => {
  const { server } = await serve();
  await server.start();
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () =>
      socket.write('\x16\x03\x01 nonsense\r\n\r\n'),
    );
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(text.split('\r\n\r\n')[1]!).error.code).toBe('REQUEST_REFUSED');
  await server.stop();
});
