import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeWaveformBlock, Qos1Publisher } from '../../simulators/mqtt/index.ts';
import { type Composed, composed } from './composed.ts';

interface Quarantined {
  id: string;
  code: string;
  reason: string;
}

let faultline: Composed;
let device: { username: string; secret: string };
beforeAll(async () => {
  faultline = await composed();
  device = await faultline.api.post('/api/v1/devices', { name: 'clumsy' });
});
afterAll(() => faultline?.stop());

const connect = async () => {
  const publisher = new Qos1Publisher({
    url: faultline.mqttUrl!,
    clientId: 'c',
    username: device.username,
    password: device.secret,
  });
  await publisher.connect();
  return publisher;
};
const say = (publisher: Qos1Publisher, kind: 'telemetry' | 'waveform', payload: Buffer | string) =>
  new Promise<void>((done) => void publisher.offer(`fl/1/default/clumsy/${kind}`, Buffer.from(payload), done));

const block = (header: Record<string, unknown>, bytes: Buffer = Buffer.alloc(64)) => {
  const json = Buffer.from(
    JSON.stringify({
      point: 'v',
      samplingRateHz: 1000,
      unit: 'g',
      scale: 1,
      encoding: 'int16',
      time: new Date().toISOString(),
      count: 32,
      ...header,
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([Buffer.from('FLW1'), length, json, bytes]);
};

test('each bad message is acknowledged and quarantined with a reason that names the field; good ones between them are stored', async () => {
  const bad: [string, 'telemetry' | 'waveform', Buffer | string][] = [
    ['broken JSON', 'telemetry', '{"point": "t", "value": '],
    ['a value that is text', 'telemetry', '{"point":"t","value":"hot"}'],
    ['a value beyond all numbers', 'telemetry', '{"point":"t","value":1e999}'],
    ['no point', 'telemetry', '{"value":1}'],
    ['nesting without end', 'telemetry', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['a time of no calendar', 'telemetry', '{"point":"t","value":1,"time":"the day after"}'],
    ['not a block', 'waveform', 'hello'],
    ['a sampling rate of zero', 'waveform', block({ samplingRateHz: 0 })],
    ['a sampling rate of 1 THz', 'waveform', block({ samplingRateHz: 1e12 })],
    ['an unknown unit', 'waveform', block({ unit: 'furlong' })],
    ['fewer samples than it says', 'waveform', block({ count: 4000 })],
  ];
  const nowMs = Date.now();
  const publisher = await connect();
  for (const [index, [, kind, payload]] of bad.entries()) {
    await say(publisher, kind, payload);
    await say(publisher, 'telemetry', `{"point":"good","value":${index},"time":${nowMs - 1000 * index}}`);
  }
  const samples = Float32Array.from({ length: 2048 }, (_, i) => Math.sin(i / 5));
  await say(
    publisher,
    'waveform',
    encodeWaveformBlock({
      point: 'v',
      samplingRateHz: 12_000,
      unit: 'g',
      encoding: 'int16',
      timeNs: BigInt(nowMs) * 1_000_000n,
      samples,
    }),
  );
  await publisher.close();

  await vi.waitFor(
    async () => expect(await faultline.api.get('/api/v1/ledger')).toMatchObject({ pending: 0, balanced: true }),
    { timeout: 20_000, interval: 100 },
  );
  const ledger = await faultline.api.get<{ accepted: number; stored: number; quarantined: number }>('/api/v1/ledger');
  expect(ledger).toMatchObject({ accepted: 2 * bad.length + 1, stored: bad.length + 1, quarantined: bad.length });
  const quarantined = await faultline.api.list<Quarantined>('/api/v1/quarantine');
  expect(quarantined).toHaveLength(bad.length);
  for (const { reason } of quarantined) expect(reason.length).toBeGreaterThan(10);
  expect(quarantined.map(({ reason }) => reason).join('\n')).toMatch(/samplingRateHz/);
});

test('20 MB in one packet ends that connection alone; the others and the process live on', async () => {
  const [patient, greedy] = [await connect(), await connect()];
  let acknowledged = false;
  greedy.offer('fl/1/default/clumsy/telemetry', Buffer.alloc(20 * 1024 * 1024, 0x20), () => {
    acknowledged = true;
  });
  await say(patient, 'telemetry', '{"point":"good","value":1}');
  await vi.waitFor(
    async () => {
      const { problem } = await faultline.api.get<{ problem: { text: string } | null }>('/api/v1/devices/clumsy');
      expect(problem?.text).toMatch(/bytes/);
    },
    { timeout: 15_000, interval: 200 },
  );
  expect(acknowledged).toBe(false);
  await Promise.all([patient.close(), greedy.close()]);
});

test('an unknown device and a wrong secret are refused, and told so', async () => {
  for (const [username, password] of [
    ['default/nobody', device.secret],
    [device.username, 'wrong'],
    ['elsewhere/clumsy', device.secret],
  ]) {
    const publisher = new Qos1Publisher({
      url: faultline.mqttUrl!,
      clientId: 'c',
      username: username!,
      password: password!,
    });
    await expect(publisher.connect(), username).rejects.toThrow(/refused/);
    await publisher.close();
  }
});

test('over HTTP: malformed, mistyped, too deep, too large, not finite, unknown: each a clear error', async () => {
  const { token } = await faultline.api.post<{ token: string }>('/api/v1/session', {
    login: 'admin',
    password: 'the password of system tests',
  });
  const post = async (path: string, body: string, type = 'application/json') => {
    const headers = { 'content-type': type, authorization: `Bearer ${token}` };
    const response = await fetch(`${faultline.httpUrl}${path}`, { method: 'POST', headers, body });
    return { status: response.status, ...((await response.json()) as { error: { code: string; message: string } }) };
  };
  expect(await post('/api/v1/devices', '{"name": ')).toMatchObject({ status: 400 });
  expect(await post('/api/v1/devices', '{"name": 7}')).toMatchObject({
    status: 400,
    error: { message: expect.stringContaining('name') },
  });
  expect(await post('/api/v1/cmdb/import', `${'['.repeat(5000)}${']'.repeat(5000)}`)).toMatchObject({ status: 400 });
  expect(await post('/api/v1/devices', '{"name":"a","expectedIntervalMs":1e999}')).toMatchObject({ status: 400 });
  expect(await post('/api/v1/devices', 'name=a', 'application/x-www-form-urlencoded')).toMatchObject({ status: 415 });
  expect(await post('/api/v1/devices', JSON.stringify({ name: 'x'.repeat(3_000_000) }))).toMatchObject({ status: 413 });
  expect(await post('/api/v1/nothing', '{}')).toMatchObject({ status: 404 });
});

test('a CSV with a broken line is refused whole, naming file and line', async () => {
  const nodes = 'id,type,name\na,equipment,A\nb,equipment,B,too,many\nc,equipment,C\n';
  const refused = faultline.api.post('/api/v1/cmdb/import', { nodes, edges: 'from,type,to' });
  await expect(refused).rejects.toThrow(/nodes.*line 3/);
  expect(await faultline.api.list('/api/v1/cmdb/cis')).toEqual([]);
});

test('an impossible configuration: every key named at once, exit code 1, no secret shown', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../../main.ts')], {
    env: { ...process.env, HTTP_PORT: 'http', PARTITIONS: '-1', SMTP_URL: 'ftp://me:hunter2@mail', LOG_LEVEL: 'loud' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  for (const key of ['HTTP_PORT', 'PARTITIONS', 'SMTP_URL', 'LOG_LEVEL']) expect(stderr).toContain(key);
  expect(stderr).not.toContain('hunter2');
  expect(stderr).not.toContain('    at ');
});
