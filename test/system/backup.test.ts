import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Ledger, type SpawnedPlatform, spawnPlatform } from '../../simulators/attach/index.ts';
import { absent } from '../engines/absent.ts';
import { HOW_TO_GET_S3, type S3Engine, s3IsHere, startS3 } from '../engines/versitygw.ts';
import { waveformPayload } from '../fixtures/ingestBench.ts';

const here = s3IsHere() || absent('S3', HOW_TO_GET_S3);
const PASSWORD = 'the password of backup tests';
const ROOT = join(import.meta.dirname, '..', '..');

describe.runIf(here)('backup and restore', () => {
  let folder: string;
  let s3: S3Engine;
  let platform: SpawnedPlatform | undefined;
  let api: Api;
  let secret: string;
  let saved: Ledger;

  const s3Env = () => ({
    S3_URL: s3.settings.url,
    S3_ACCESS_KEY: s3.settings.accessKey,
    S3_SECRET_KEY: s3.settings.secretKey,
  });
  /** Runs the command as a person would, on a data directory. */
  const run = async (dataDir: string, args: string[], env: Record<string, string> = s3Env()) =>
    promisify(execFile)(process.execPath, ['backup.ts', ...args], {
      cwd: ROOT,
      env: { ...process.env, DATA_DIR: join(folder, dataDir), ...env },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
    );
  const start = async (dataDir: string, env: Record<string, string> = s3Env()) => {
    platform = await spawnPlatform({ dataDir: join(folder, dataDir), adminPassword: PASSWORD, env });
    api = new Api(platform.httpUrl);
    await api.signIn('admin', PASSWORD);
    return platform;
  };
  const connect = (url: string): Promise<MqttClient> =>
    connectAsync(url, { username: 'default/pump-3', password: secret, reconnectPeriod: 0 });
  const ledger = () => api.get<Ledger>('/api/v1/ledger');
  const topic = (leaf: string) => `fl/1/default/pump-3/${leaf}`;
  const T0 = Date.now();
  const sample = (seq: number) => JSON.stringify({ boot: 'b', seq, time: T0 + seq, values: { t: seq } });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-backup-'));
    s3 = await startS3();
    const { mqttUrl } = await start('first');
    ({ secret } = await api.post<{ secret: string }>('/api/v1/devices', { name: 'pump-3' }));
    const client = await connect(mqttUrl);
    for (let seq = 0; seq < 300; seq++) await client.publishAsync(topic('telemetry'), sample(seq), { qos: 1 });
    await client.publishAsync(topic('telemetry'), '{"point":"t","value":"hot"}', { qos: 1 });
    for (let seq = 0; seq < 5; seq++)
      await client.publishAsync(topic('waveform'), waveformPayload({ boot: 'b', seq, time: Date.now() }), { qos: 1 });
    await client.endAsync();
  });
  afterAll(async () => {
    await platform?.stop();
    await s3?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a running platform under load is saved, and the copy is proved by restoring it', async () => {
    await expect.poll(async () => (await ledger()).pending, { timeout: 20_000 }).toBe(0);
    const client = await connect(platform!.mqttUrl);
    let seq = 300;
    let loading = true;
    const load = (async () => {
      while (loading) await client.publishAsync(topic('telemetry'), sample(seq++), { qos: 1 });
    })();
    const { code, text } = await run('first', ['backup', '--to', join(folder, 'saved'), '--verify']);
    loading = false;
    await load;
    await client.endAsync();
    expect(text).toMatch(/5 objects/);
    expect(text).toMatch(/Verified/);
    expect(code).toBe(0);
    expect(readdirSync(join(folder, 'saved')).sort()).toEqual([
      'database',
      'files',
      'manifest.json',
      'objects',
      'partitions',
    ]);
    expect(readdirSync(join(folder, 'first')).filter((name) => name.startsWith('.backup'))).toEqual([]);
    await expect.poll(async () => (await ledger()).pending, { timeout: 20_000 }).toBe(0);
    saved = await ledger();
    expect(saved).toMatchObject({ accepted: seq + 6, balanced: true });
  });

  test('it is no target twice, nor a source for an installation that has data', async () => {
    const again = await run('first', ['backup', '--to', join(folder, 'saved')]);
    expect(again).toMatchObject({ code: 1, text: expect.stringMatching(/is not empty. Name a folder/) });
    const over = await run('first', ['restore', '--from', join(folder, 'saved')]);
    expect(over).toMatchObject({ code: 1, text: expect.stringMatching(/holds data already/) });
    mkdirSync(join(folder, 'empty'));
    const none = await run('fresh', ['restore', '--from', join(folder, 'empty')]);
    expect(none).toMatchObject({
      code: 1,
      text: expect.stringMatching(/manifest.json, which is written last, is not there/),
    });
  });

  test('everything is there again elsewhere: figures, blocks, quarantine, the device’s secret; what was pending is stored once', async () => {
    await platform!.stop();
    const bucket = s3.folder!;
    for (const name of readdirSync(bucket)) rmSync(join(bucket, name), { recursive: true }); // the objects are gone, too
    const restored = await run('second', ['restore', '--from', join(folder, 'saved')]);
    expect(restored).toMatchObject({ code: 0, text: expect.stringMatching(/ledgers compared/) });
    const { mqttUrl } = await start('second');
    await expect.poll(async () => (await ledger()).pending, { timeout: 20_000 }).toBe(0);
    const now = await ledger();
    expect(now.balanced).toBe(true);
    // What came in after the snapshot's moment is not in the copy, or it is there by the spool, once.
    expect(now.accepted).toBeGreaterThanOrEqual(306);
    expect(now.accepted).toBeLessThanOrEqual(saved.accepted);
    expect(now.quarantined).toBe(1);
    const { items } = await api.get<{ items: { ref: string }[] }>('/api/v1/waveforms');
    expect(items).toHaveLength(5);
    const block = await api.get<{ samples: number[] }>(`/api/v1/waveforms/${items[0]!.ref}`);
    expect(block.samples).toHaveLength(2048);
    const client = await connect(mqttUrl);
    await client.publishAsync(topic('telemetry'), sample(100_000), { qos: 1 });
    await client.publishAsync(topic('telemetry'), sample(5), { qos: 1 }); // a repetition of something restored
    await client.endAsync();
    await expect.poll(async () => (await ledger()).stored, { timeout: 20_000 }).toBe(now.stored + 1);
    await expect.poll(async () => (await ledger()).balanced, { timeout: 20_000 }).toBe(true);
    await platform!.stop();
    platform = undefined;
  });

  test('a copy that was damaged is refused by the file that is', async () => {
    const file = join(folder, 'saved', 'database', 'telemetry.copy.zst');
    const bytes = readFileSync(file);
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(file, bytes);
    const changed = await run('third', ['restore', '--from', join(folder, 'saved')]);
    expect(changed).toMatchObject({
      code: 1,
      text: expect.stringContaining('telemetry.copy.zst is not what the backup wrote'),
    });
    const other = await run('fourth', ['restore', '--from', join(folder, 'saved')], {
      ...s3Env(),
      FAULTLINE_SECRET_KEY: 'another key of more than 32 characters',
    });
    expect(other).toMatchObject({ code: 1, text: expect.stringMatching(/another FAULTLINE_SECRET_KEY/) });
    expect(existsSync(join(folder, 'saved', 'manifest.json'))).toBe(true);
  });
});
