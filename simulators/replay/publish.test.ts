import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../platform/pure.ts';
import { startTestBroker } from '../mqtt/broker.fixture.ts';
import { replayAssets, replayCmdb } from './assets.ts';
import { openFolder } from './folder.ts';
import { publishRecord } from './publish.ts';

let folder: string;
let broker: Awaited<ReturnType<typeof startTestBroker>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-publish-'));
  broker = await startTestBroker();
});
afterEach(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function assetsOf(files: Record<string, string | Uint8Array>) {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return replayAssets((await openFolder(folder)).records, 'r');
}
const access = { username: 'plant/x', password: 's', topicPrefix: 'fl/1/plant/x' };
const progress = () => ({ blocks: 0, samples: 0, recordsDone: 0 });
const waveform = {
  'inner race #1.f32': new Uint8Array(new Float32Array(40_000).buffer),
  'inner race #1.json': '{"fs_hz": 10000, "rpm": 1500, "geometry": {"BPFO": 3, "BPFI": 5}}',
};

describe('a replay', () => {
  it('dates a recording so that it ends now, its blocks without a gap', async () => {
    const [asset] = await assetsOf(waveform);
    const clock = manualClock();
    const done = progress();
    await publishRecord(asset!, { mqttUrl: broker.url, access, clock, progress: done });
    const headers = broker.received.map(({ topic, payload }) => {
      expect(topic).toBe('fl/1/plant/x/waveform');
      return JSON.parse(payload.slice(payload.indexOf('{'), payload.indexOf('}') + 1));
    });
    expect(headers.map(({ seq, count }) => [seq, count])).toEqual([
      [0, 16_384],
      [1, 16_384],
      [2, 7_232],
    ]);
    expect(headers[0]).toMatchObject({
      point: 'vibration',
      samplingRateHz: 10_000,
      speedRpm: 1500,
      encoding: 'float32',
    });
    const nowNs = clock.nowNs();
    expect(BigInt(headers[0].time)).toBe(nowNs - 4_000_000_000n);
    expect(BigInt(headers[1].time) - BigInt(headers[0].time)).toBe(1_638_400_000n);
    expect(done).toEqual({ blocks: 3, samples: 0, recordsDone: 1 });
  });

  it('sends every reading of a table, in messages of at most two hundred or so', async () => {
    const rows = Array.from({ length: 250 }, (_, i) => `${i},${i / 2},${-i}`).join('\n');
    const [asset] = await assetsOf({ 't.csv': `elapsed_s,Volume Flow,b\n${rows}\n` });
    const done = progress();
    await publishRecord(asset!, { mqttUrl: broker.url, access, clock: manualClock(), progress: done });
    const samples = broker.received.flatMap(({ payload }) => JSON.parse(payload).samples);
    expect(samples).toHaveLength(500);
    expect(samples[3]).toMatchObject({ point: 'column-2', value: -1 });
    expect(broker.received.length).toBe(3);
    expect(done.samples).toBe(500);
  });

  it('gives devices names that hold nothing of the files, and the bearing its orders', async () => {
    const assets = await assetsOf({ ...waveform, 't.csv': 'time,a\n1,2\n' });
    const cmdb = replayCmdb(assets);
    expect(JSON.stringify(assets.map(({ device, points }) => [device, points.map(({ point }) => point)]))).not.toMatch(
      /inner|race|#/,
    );
    expect(cmdb.cis.map(({ key }) => key).join()).not.toMatch(/inner|race|#/);
    const bearing = cmdb.cis.find(({ attributes }) => 'bearingOrders' in attributes)!;
    expect(bearing.attributes.bearingOrders).toMatchObject({ bpfo: 3, bpfi: 5 });
    expect(cmdb.relations).toContainEqual({
      from: 'replay-r-001/vibration',
      type: 'MONITORS',
      to: 'replay-r-001.bearing',
    });
  });
});
