import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolder } from './folder.ts';
import type { RecordedBlock, TelemetryRecord, WaveformRecord } from './record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => i);
const f32 = (samples: Float32Array) => new Uint8Array(samples.buffer);

async function collect(record: WaveformRecord): Promise<RecordedBlock[]> {
  const blocks: RecordedBlock[] = [];
  for await (const block of record.blocks()) blocks.push(block);
  return blocks;
}
const waveforms = async () => (await openFolder(folder)).records as WaveformRecord[];
const onlyProblem = async () => {
  const { records, problems } = await openFolder(folder);
  expect(records).toEqual([]);
  expect(problems).toHaveLength(1);
  return problems[0];
};

describe('.f32 with a sidecar', () => {
  it('is cut into blocks of 16,384 samples and nothing is left out', async () => {
    write('x.f32', f32(ramp(40_000)));
    write('x.json', '{"fs_hz": 12000, "rpm": 1796, "label": "outer"}');
    const [record] = await waveforms();
    expect(record).toMatchObject({ name: 'x', samplingRateHz: 12_000, speedRpm: 1796, unit: 'g' });
    const blocks = await collect(record!);
    expect(blocks.map(({ samples }) => samples.length)).toEqual([16_384, 16_384, 7_232]);
    expect(blocks.flatMap(({ samples }) => [...samples])).toEqual([...ramp(40_000)]);
    expect(blocks[1]!.offsetSeconds).toBeCloseTo(16_384 / 12_000, 9);
  });
  it('sends a short tail with the block before it', async () => {
    write('x.f32', f32(ramp(16_384 + 100)));
    write('x.json', '{"fs_hz": 12000}');
    const blocks = await collect((await waveforms())[0]!);
    expect(blocks.map(({ samples }) => samples.length)).toEqual([16_484]);
  });
  it.each([
    ['dimensions', { rpm: 1796, geometry: { n: 9, d_in: 0.3126, D_in: 1.537, contact_deg: 0 } }],
    ['stated orders', { rpm: 1796, geometry: { BPFO: 3.5848, BPFI: 5.4152, FTF: 0.39828, BSF: 2.3567 } }],
    ['stated frequencies', { shaft_hz: 10, freqs_hz: { BPFO: 35.848, BPFI: 54.152, FTF: 3.9828, BSF: 23.567 } }],
    ['only the race frequencies', { shaft_hz: 10, freqs_hz: { BPFO: 35.848, BPFI: 54.152 } }],
  ])('takes the geometry from %s', async (_, sidecar) => {
    write('x.f32', f32(ramp(10)));
    write('x.json', JSON.stringify({ fs_hz: 12_000, ...sidecar }));
    const { orders } = (await waveforms())[0]!;
    expect(orders!.bpfo).toBeCloseTo(3.585, 3);
    expect(orders!.bpfi).toBeCloseTo(5.415, 3);
    expect(orders!.ftf).toBeCloseTo(0.398, 3);
    expect(orders!.bsf).toBeCloseTo(2.357, 2);
  });
  it('finds the speed in the fault frequencies, also with a cage rate that was stated for a turning outer ring', async () => {
    write('x.f32', f32(ramp(10)));
    write('x.json', '{"fs_hz": 48828, "freqs_hz": {"BPFO": 81.125, "BPFI": 118.875, "BSF": 63.91, "FTF": 14.8375}}');
    const [record] = await waveforms();
    expect(record!.speedRpm).toBeCloseTo(1500, 0);
    expect(record!.orders!.ftf).toBeCloseTo(0.4065, 3);
  });
  it('needs neither speed nor geometry', async () => {
    write('x.f32', f32(ramp(10)));
    write('x.json', '{"fs_hz": 48828, "rpm": null}');
    const [record] = await waveforms();
    expect(record).not.toHaveProperty('speedRpm');
    expect(record).not.toHaveProperty('orders');
  });
  it('reads separate acquisitions, also from a file named after a direction', async () => {
    write('b_h.f32', f32(ramp(6)));
    write(
      'b.json',
      '{"fs_hz": 25600, "rpm": 1800, "samples_per_acq": 2, "acq_period_s": 10, "raw": {"acq_indices": [8, 21, 34]}}',
    );
    const [record] = await waveforms();
    expect(record!.name).toBe('b_h');
    const blocks = await collect(record!);
    expect(blocks.map(({ samples }) => [...samples])).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(blocks.map(({ offsetSeconds }) => offsetSeconds)).toEqual([0, 130, 260]);
  });
  it.each([
    ['an absurd sampling rate', '{"fs_hz": 1e12}', /^x\.json: fs_hz: /],
    ['no sampling rate', '{"rpm": 1796}', /^x\.json: fs_hz: /],
    ['broken JSON', '{"fs_hz": 12000', /^x\.json is no JSON: /],
    ['an unknown unit', '{"fs_hz": 12000, "unit": "furlong"}', /^x\.json: unit "furlong" is not known; use g/],
    [
      'a wrong number of acquisitions',
      '{"fs_hz": 1, "samples_per_acq": 7, "raw": {"acq_indices": [1]}}',
      /1 acquisitions of 7/,
    ],
  ])('names the file and the fault: %s', async (_, sidecar, message) => {
    write('x.f32', f32(ramp(10)));
    write('x.json', sidecar);
    expect(await onlyProblem()).toMatch(message);
  });
  it('names a file without a sidecar, and one that ends within a sample', async () => {
    write('x.f32', f32(ramp(10)));
    expect(await onlyProblem()).toBe('x.f32 has no sidecar: write x.json with at least {"fs_hz": …}');
    write('x.f32', new Uint8Array(41));
    write('x.json', '{"fs_hz": 12000}');
    expect(await onlyProblem()).toBe('x.f32: 41 bytes are no whole number of float32 samples');
  });
  it('replays the others beside a broken one, whatever their names', async () => {
    mkdirSync(join(folder, 'sub dir'));
    write('sub dir/轴承 #1+?.f32', f32(ramp(10)));
    write('sub dir/轴承 #1+?.json', '{"fs_hz": 12000}');
    write('broken.csv', 'time,value\n1,2\n3,x\n');
    const { records, problems } = await openFolder(folder);
    expect(records.map(({ name }) => name)).toEqual(['轴承 #1+?']);
    expect(problems).toEqual(['broken.csv, line 3: "x" in column value is no number']);
  });
});

describe('.csv', () => {
  const table = async (text: string) => {
    write('t.csv', text);
    const { records, problems } = await openFolder(folder);
    return { record: records[0] as TelemetryRecord, problems };
  };
  it('reads semicolons and dates, leaves out labels and text', async () => {
    const { record } = await table(
      'datetime;Volume Flow;state;anomaly\n2020-03-09 10:14:33;32.0;run;0.0\n2020-03-09 10:14:35;31.5;run;1.0\n',
    );
    expect(record.columns).toEqual(['Volume Flow']);
    expect(record.rows).toEqual([
      { offsetSeconds: 0, values: new Map([['Volume Flow', 32]]) },
      { offsetSeconds: 2, values: new Map([['Volume Flow', 31.5]]) },
    ]);
  });
  it('reads elapsed seconds, a nameless column of dates, a missing reading, and rows without a time', async () => {
    expect((await table('index,elapsed_s,h_rms\n1,0,0.5\n2,10,\n')).record.rows[1]).toEqual({
      offsetSeconds: 10,
      values: new Map(),
    });
    expect(
      (await table(',Bearing 1\n2004-02-12 10:32:39,0.05\n2004-02-12 10:42:39,0.06\n')).record.durationSeconds,
    ).toBe(600);
    expect((await table('a,b\n1,2\n3,4\n5,6\n')).record.durationSeconds).toBe(2);
    expect((await table('timestamp,v\n1790000000000,1\n1790000001500,2\n')).record.durationSeconds).toBe(1.5);
  });
  it.each([
    ['too few cells', 'time,a,b\n1,2,3\n2,3\n', /^t\.csv, line 3: /],
    ['no number', 'time,a\n1,2\n2,abc\n', /^t\.csv, line 3: "abc" in column a is no number$/],
    ['a number that is not finite', 'time,a\n1,2\n2,1e999\n', /^t\.csv, line 3: "1e999" in column a is no number$/],
    ['no time', 'time,a\n1,2\nsoon,3\n', /^t\.csv, line 3: "soon" is no time$/],
    ['time that runs backwards', 'time,a\n5,2\n4,3\n', /^t\.csv, line 3: time runs backwards$/],
    ['an open quote', 'time,a\n1,"2\n', /^t\.csv, line \d: /],
    ['no rows', 'time,a\n', /^t\.csv, line 1: there must be a header and at least one row$/],
    ['no numbers', 'time,a\n1,x\n', /^t\.csv, line 1: no column holds numbers$/],
  ])('names file and line: %s', async (_, text, message) => {
    const { record, problems } = await table(text);
    expect(record).toBeUndefined();
    expect(problems[0]).toMatch(message);
  });
});

describe('.wav', () => {
  const wav = (tag: number, bits: number, channels: number, data: Buffer) => {
    const header = Buffer.alloc(44);
    header.write('RIFF', 0);
    header.writeUInt32LE(36 + data.length, 4);
    header.write('WAVEfmt ', 8);
    header.writeUInt32LE(16, 16);
    header.writeUInt16LE(tag, 20);
    header.writeUInt16LE(channels, 22);
    header.writeUInt32LE(8_000, 24);
    header.writeUInt16LE(bits, 34);
    header.write('data', 36);
    header.writeUInt32LE(data.length, 40);
    return Buffer.concat([header, data]);
  };
  const samplesOf = async (record: WaveformRecord) => [...(await collect(record))[0]!.samples];
  it('reads 16 and 24 bits and float, full scale being 1', async () => {
    const pcm16 = Buffer.alloc(4);
    pcm16.writeInt16LE(16_384, 0);
    pcm16.writeInt16LE(-32_768, 2);
    const pcm24 = Buffer.alloc(6);
    pcm24.writeIntLE(4_194_304, 0, 3);
    pcm24.writeIntLE(-8_388_608, 3, 3);
    const float = Buffer.from(new Uint8Array(Float32Array.from([0.5, -1]).buffer));
    for (const [tag, bits, data] of [
      [1, 16, pcm16],
      [1, 24, pcm24],
      [3, 32, float],
    ] as const) {
      write('x.wav', wav(tag, bits, 1, data));
      const [record] = await waveforms();
      expect(record!.samplingRateHz).toBe(8_000);
      expect(await samplesOf(record!)).toEqual([0.5, -1]);
    }
  });
  it('makes a record of each channel and takes speed and unit from a sidecar', async () => {
    write('x.wav', wav(3, 32, 2, Buffer.from(new Uint8Array(Float32Array.from([1, 10, 2, 20]).buffer))));
    write('x.json', '{"fs_hz": 1, "rpm": 900, "unit": "m/s2"}');
    const [left, right] = await waveforms();
    expect(await samplesOf(left!)).toEqual([1, 2]);
    expect(await samplesOf(right!)).toEqual([10, 20]);
    expect(right).toMatchObject({ name: 'x#2', speedRpm: 900, unit: 'm/s2', samplingRateHz: 8_000 });
  });
  it('names a file in another format', async () => {
    write('x.wav', wav(1, 8, 1, Buffer.alloc(4)));
    expect(await onlyProblem()).toMatch(/^x\.wav: has format 1 of 8 bits; /);
    write('x.wav', 'not a wave file');
    expect(await onlyProblem()).toBe('x.wav: is no RIFF/WAVE file');
  });
});
