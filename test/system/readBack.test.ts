import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Api } from '../../simulators/attach/index.ts';
import { Qos1Publisher } from '../../simulators/mqtt/index.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';
import { oneProcess, PASSWORD } from './composed.ts';

type Process = Awaited<ReturnType<typeof oneProcess>>;

let pg: TestDatabase;
let field: Process;
let office: Process;
let api: Api;
let publisher: Qos1Publisher;
beforeAll(async () => {
  pg = await testDatabase([]);
  [field, office] = await Promise.all([oneProcess(pg, {}, ['ingest']), oneProcess(pg, {}, ['api'])]);
  api = new Api(office.httpUrl);
  await api.signIn('admin', PASSWORD);
  const device = await api.post<{ username: string; secret: string }>('/api/v1/devices', { name: 'pump-9' });
  publisher = new Qos1Publisher({
    url: field.mqttUrl!,
    clientId: 'p',
    username: device.username,
    password: device.secret,
  });
  await publisher.connect();
});
afterAll(async () => {
  await publisher?.close();
  await Promise.all([field?.stop(), office?.stop()]);
  await pg?.stop();
});

const startMs = Date.now() - 600_000;
let seq = 0;
const publish = (value: number) =>
  new Promise<void>((done) => {
    const message = { point: 'temperature', value, boot: 'b', seq, time: startMs + seq++ };
    void publisher.offer('fl/1/default/pump-9/telemetry', Buffer.from(JSON.stringify(message)), done);
  });

test('what a device sends to one process is seen live at another, a moment after it was stored', async () => {
  const { token } = await api.post<{ token: string }>('/api/v1/session', { login: 'admin', password: PASSWORD });
  const socket = new WebSocket(`${office.httpUrl.replace('http', 'ws')}/api/v1/telemetry/live?device=pump-*`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const seen: number[] = [];
  socket.on('message', (data) => {
    const { event, data: body } = JSON.parse(String(data)) as { event: string; data: { items: { value: number }[] } };
    if (event === 'readings') seen.push(...body.items.map((item) => item.value));
  });
  await new Promise((done, fail) => socket.once('open', done).once('error', fail));
  await vi.waitFor(
    async () => {
      await publish(seq);
      expect(seen.length).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 100 },
  );
  const last = 1_000_000;
  await publish(last);
  await vi.waitFor(() => expect(seen.at(-1)).toBe(last), { timeout: 10_000, interval: 20 });
  // A session that has ended is no longer shown anything.
  const closed = new Promise<number>((done) => socket.once('close', done));
  await pg.asOwner('delete from session');
  expect(await closed).toBe(1008);
  await api.signIn('admin', PASSWORD);
});

test('an export is made in the background and downloaded', async () => {
  const asked = { format: 'csv', devices: ['pump-9'], from: String(startMs), to: String(startMs + 600_000) };
  const made = await api.post<{ id: string; status: string }>('/api/v1/telemetry/exports', asked);
  expect(made.status).toBe('waiting');
  const path = `/api/v1/telemetry/exports/${made.id}`;
  await vi.waitFor(
    async () => expect(await api.get(path)).toMatchObject({ status: 'finished', percent: 100, rows: seq }),
    { timeout: 30_000, interval: 100 },
  );
  const lines = (await api.text(`${path}/file`)).trimEnd().split('\r\n');
  expect(lines).toHaveLength(seq + 1);
  expect(lines.at(-1)).toMatch(/^pump-9,temperature,.*,1000000,,/);
});
