import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  authMigrations,
  createLog,
  createRecheck,
  manualClock,
  openDatabase,
  type Principal,
  serveHttp,
  systemClock,
} from '../../platform/index.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { type IngestBench, ingestBench } from '../../test/fixtures/ingestBench.ts';
import { liveRoute } from '../routes/live.ts';
import { createLiveStream, type LiveStream } from './liveStream.ts';
import type { LiveTransport } from './watcher.ts';

/** The ingest process: spool, shipper, store. */
let bench: IngestBench;
/** The API's process has nothing in common with it but the database; it has a pool of its own. */
let live: LiveStream;
let web: TestApplication;
let server: ReturnType<typeof serveHttp>;
let stopDatabase: () => Promise<void>;
let seq = 0;

beforeAll(async () => {
  bench = await ingestBench({ migrations: authMigrations });
  await bench.stores.start();
  const clock = systemClock();
  const db = openDatabase({ ownerUrl: bench.pg.ownerUrl, secretKey: bench.pg.secretKey, clock, maxConnections: 4 });
  stopDatabase = () => db.close();
  web = await testApplication(db);
  live = createLiveStream({ db, clock, log: createLog('silent'), recheck: createRecheck({ db, clock }) });
  liveRoute({ live })(web.app);
  server = serveHttp(web.app, { host: '127.0.0.1', port: 0, clock });
  await live.start();
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await live.stop();
  await stopDatabase();
  await bench.stop();
});
const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

interface Message {
  event: string;
  data: { items?: { series: string; value: number }[]; skipped?: number; reason?: string };
}

const publish = (device: string, values: Record<string, number>, tenantId = web.operator.id) =>
  bench.accept([{ tenantId, device, payload: { boot: 'b', seq: seq++, time: Date.now(), values } }]);

/** Publishes until somebody hears: the ingest process notices the first watcher within a second. */
async function warmUp(messages: Message[], device: string, tenantId = web.operator.id): Promise<void> {
  await vi.waitFor(
    async () => {
      await publish(device, { warm: 1 }, tenantId);
      await sleep(150);
      if (!itemsOf(messages).some((item) => item.series === `${device}/warm`)) throw new Error('not heard yet');
    },
    { timeout: 15_000, interval: 50 },
  );
}
const tokenOf = async (login: string) =>
  (
    await bench.pg.asOwner<{ id: string }>('select id from api_token where user_id = $1', [
      web.operator.user(login as 'viewer').id,
    ])
  )[0]!.id;
const itemsOf = (messages: Message[]) => messages.flatMap((m) => m.data.items ?? []);
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 20 });

async function overSocket(query: string, headers: Record<string, string> = web.operator.as('viewer')) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/telemetry/live?${query}`, { headers });
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
  await new Promise((done, fail) => socket.once('open', done).once('error', fail));
  undo.push(() => socket.terminate());
  return { socket, messages };
}

async function overEvents(query: string, headers: Record<string, string> = web.operator.as('viewer')) {
  const abort = new AbortController();
  const response = await fetch(`${server.url}/api/v1/telemetry/live?${query}`, { headers, signal: abort.signal });
  const messages: Message[] = [];
  const ended = (async () => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
        if (event) messages.push({ event, data: JSON.parse(data!) as Message['data'] });
      }
    }
  })().catch(() => undefined);
  undo.push(() => abort.abort());
  return { response, messages, ended };
}

test('the route is guarded, over a socket too', async () => {
  await expectRoutesGuarded({ app: web.app, as: (role) => web.operator.as(role) });
  await expect(overSocket('', {})).rejects.toThrow(/401/);
  await expect(overSocket('', web.operator.as('requester'))).rejects.toThrow(/403/);
  expect(live.watchers()).toBe(0);
});

test('a page of another site cannot open a socket with our cookie', async () => {
  const login = await web.app.inject({
    method: 'POST',
    url: '/api/v1/telemetry/live',
    headers: { cookie: 'faultline_session=forged' },
  });
  expect(login.statusCode).toBe(404); // there is nothing to send to: the stream is only listened to
  const secret = web.operator.as('viewer').authorization.slice('Bearer '.length);
  const cookie = { cookie: `faultline_session=${secret}` };
  await expect(overSocket('', { ...cookie, origin: 'https://evil.example' })).rejects.toThrow(/403/);
  await expect(overSocket('', cookie)).rejects.toThrow(/403/);
  const { socket } = await overSocket('', { ...cookie, origin: server.url });
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

test('what another process stores is seen over both, by pattern, and by the own tenant only', async () => {
  const events = await overEvents('series=press-*/temperature&series=press-*/warm');
  const socket = await overSocket('device=press-7');
  const other = await overSocket('', web.other.as('viewer'));
  expect(events.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(events.response.headers.get('x-request-id')).toBeTruthy();
  await warmUp(events.messages, 'press-7');
  await warmUp(other.messages, 'secret', web.other.id);
  await publish('press-7', { temperature: 41.5, load: 3 });
  await publish('pump-1', { temperature: 9 });
  await publish('press-7', { temperature: 42.5 });
  await eventually(() => {
    const values = (messages: Message[], series: string) =>
      itemsOf(messages).flatMap((item) => (item.series === series ? [item.value] : []));
    expect(values(events.messages, 'press-7/temperature')).toEqual([41.5, 42.5]);
    expect(values(socket.messages, 'press-7/load')).toEqual([3]);
    expect(values(socket.messages, 'press-7/temperature')).toEqual([41.5, 42.5]);
  });
  expect(itemsOf(events.messages).some((i) => i.series.startsWith('pump') || i.series.endsWith('load'))).toBe(false);
  expect(new Set(itemsOf(other.messages).map((i) => i.series))).toEqual(new Set(['secret/warm']));
  expect(events.messages[0]).toMatchObject({ event: 'hello', data: { resumable: false } });
});

test('a duplicate and a refused message are not shown: only what was stored is', async () => {
  const { messages } = await overSocket('device=unique');
  await warmUp(messages, 'unique');
  const payload = { boot: 'dup', seq: 1, time: Date.now(), values: { once: 5 } };
  const message = { tenantId: web.operator.id, device: 'unique', payload };
  await bench.accept([message, message, { ...message, payload: { point: 'x', value: 'hot' } }]);
  await publish('unique', { after: 1 });
  await eventually(() => expect(itemsOf(messages).some((i) => i.series === 'unique/after')).toBe(true));
  const shown = itemsOf(messages).map((item) => item.series);
  expect(shown.filter((series) => series !== 'unique/warm')).toEqual(['unique/once', 'unique/after']);
});

test('a watcher who stops reading costs a bounded backlog, learns what it missed, and holds up nobody', async () => {
  const slow = await overSocket('device=fast');
  const quick = await overSocket('device=fast');
  await warmUp(quick.messages, 'fast');
  slow.socket.pause();
  // 120,000 readings are 12 MB as text: beyond what the kernel's buffers of both ends hold.
  const total = 120_000;
  const perMessage = 500;
  for (let sent = 0; sent < total; sent += perMessage * 20) {
    await bench.accept(
      Array.from({ length: 20 }, (_, m) => ({
        tenantId: web.operator.id,
        device: 'fast',
        payload: {
          boot: 'fast',
          seq: sent + m,
          time: Date.now(),
          values: Object.fromEntries(Array.from({ length: perMessage }, (_, i) => [`point-${i}`, sent + m])),
        },
      })),
    );
  }
  const countOf = (messages: Message[]) => itemsOf(messages).filter((i) => i.series.startsWith('fast/point')).length;
  const skippedOf = (messages: Message[]) => messages.reduce((sum, m) => sum + (m.data.skipped ?? 0), 0);
  await eventually(() => expect(countOf(quick.messages) + skippedOf(quick.messages)).toBe(total));
  expect(live.mostWaiting()).toBeLessThanOrEqual(5_000);
  expect(countOf(slow.messages)).toBeLessThan(total / 2);
  slow.socket.resume();
  await eventually(() => expect(countOf(slow.messages) + skippedOf(slow.messages)).toBeGreaterThanOrEqual(total));
  expect(skippedOf(slow.messages)).toBeGreaterThan(total / 10);
  // The newest of every point has come, whatever was left out.
  const newest = new Map(itemsOf(slow.messages).map((item) => [item.series, item.value]));
  const last = itemsOf(quick.messages).at(-1)!.value;
  for (let i = 0; i < perMessage; i++) expect(newest.get(`fast/point-${i}`)).toBe(last);
}, 150_000);

test('whoever loses the right to see is cut off; whoever leaves is forgotten', async () => {
  const socket = await overSocket('', web.operator.as('dispatcher'));
  const events = await overEvents('', web.operator.as('technician'));
  const staying = await overSocket('');
  expect(live.watchers()).toBe(3);
  const closed = new Promise<number>((done) => socket.socket.once('close', done));
  const { id } = web.operator.user('dispatcher');
  await bench.pg.asOwner('delete from api_token where user_id = $1', [id]);
  await bench.pg.asOwner('update user_account set disabled_at = now() where id = $1', [
    web.operator.user('technician').id,
  ]);
  expect(await closed).toBe(1008);
  await events.ended;
  expect(events.messages.at(-1)).toEqual({ event: 'end', data: { reason: 'revoked' } });
  expect(staying.socket.readyState).toBe(WebSocket.OPEN);
  staying.socket.close();
  await eventually(() => expect(live.watchers()).toBe(0));
});

test('a reader that was away for too long says that some may have been missed', async () => {
  const clock = manualClock();
  const stale = createLiveStream({
    ...{ db: bench.pg.db, clock, log: createLog('silent') },
    recheck: createRecheck({ db: bench.pg.db, clock: systemClock() }),
  });
  const said: string[] = [];
  const transport: LiveTransport = {
    send: (event) => said.push(event) > 0,
    beat: () => undefined,
    close: (end) => void said.push(end),
  };
  const credential = { kind: 'token', id: await tokenOf('viewer') } as const;
  const principal = { tenantId: web.operator.id, credential } as Principal;
  const watcher = stale.watch(principal, { series: ['nothing'], devices: [] }, transport)!;
  await stale.start();
  // Moved on until the loop has looked: a look takes as long as the database does.
  const pass = async (ms: number) => {
    clock.advance(ms);
    await sleep(60);
  };
  for (let look = 0; look < 5; look++) await pass(200);
  expect(said).toEqual(['hello']);
  await pass(25_000);
  await pass(200);
  expect(said).toContain('gap');
  stale.leave(watcher);
  await stale.stop();
});

test('a stop ends every stream and waits for none', async () => {
  const socket = await overSocket('');
  const events = await overEvents('');
  const deaf = await overSocket('');
  deaf.socket.pause();
  const closed = new Promise<number>((done) => socket.socket.once('close', done));
  const began = performance.now();
  await server.stop();
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await closed).toBe(1001);
  await events.ended;
  expect(events.messages.at(-1)).toEqual({ event: 'end', data: { reason: 'stopping' } });
});
