import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { accumulate, analyseBlock, type BearingOrders, type Diagnosis, diagnose, emptyState } from './index.ts';
import { gaussian } from './machine.fixture.ts';

/** Real recordings that may not be copied into the repository; see the README of the folder above it. */
const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const present = existsSync(DATA);
if (!present) process.stderr.write(`No recordings at ${DATA}: the checks on real bearings are skipped.\n`);

interface Recording {
  readonly file: string;
  readonly label: string;
  readonly samples: Float32Array;
  readonly samplingRateHz: number;
  readonly rpm: number;
  readonly orders: BearingOrders;
}

/** Reads all that a sidecar says of the machine; the label only scores, the file's name only tells the reader which. */
function load(set: string): Recording[] {
  const folder = `${DATA}${set}/`;
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const sidecar = JSON.parse(readFileSync(folder + name, 'utf8'));
      const bytes = readFileSync(folder + sidecar.file);
      const shaftHz: number = sidecar.shaft_hz ?? sidecar.rpm / 60;
      const scale = sidecar.freqs_hz === undefined ? 1 : 1 / shaftHz;
      const { BPFO, BPFI, FTF, BSF } = sidecar.freqs_hz ?? sidecar.geometry;
      return {
        file: name,
        label: sidecar.label,
        samples: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
        samplingRateHz: sidecar.fs_hz,
        rpm: 60 * shaftHz,
        orders: { bpfo: BPFO * scale, bpfi: BPFI * scale, ftf: FTF * scale, bsf: BSF * scale },
      };
    });
}

interface Perturbation {
  readonly blockSize?: number;
  readonly speedScale?: number;
  readonly noSpeed?: boolean;
  readonly ratedRpm?: number;
  readonly offset?: number;
  readonly blocks?: number;
  readonly gain?: number;
  /** RMS of added white noise over the RMS of the recording. */
  readonly noise?: number;
  readonly orders?: BearingOrders;
  /** The blocks carry their time, and so are known to follow one another. */
  readonly joined?: boolean;
}

function feed(recording: Recording, change: Perturbation = {}): Diagnosis {
  const { blockSize = 16_384, gain = 1, noise = 0 } = change;
  const draw = gaussian(11);
  const rms = Math.hypot(...[...recording.samples.subarray(0, 10_000)]) / 100;
  const samples = recording.samples.map((x) => gain * (x + (noise === 0 ? 0 : noise * rms * draw())));
  const facts = { bearingOrders: change.orders ?? recording.orders, ratedRpm: change.ratedRpm };
  const speedRpm = change.noSpeed ? undefined : recording.rpm * (change.speedScale ?? 1);
  const unit = 'g' as const;
  let state = emptyState();
  for (
    let i = change.offset ?? 0, n = 0;
    i + blockSize <= samples.length && n < (change.blocks ?? 1e9);
    i += blockSize, n++
  ) {
    const block = {
      samples: samples.subarray(i, i + blockSize),
      samplingRateHz: recording.samplingRateHz,
      unit,
      speedRpm,
      startNs: change.joined ? BigInt(Math.round((i / recording.samplingRateHz) * 1e9)) : undefined,
    };
    state = accumulate(state, analyseBlock(block, facts));
  }
  return diagnose(state, facts);
}

const isRace = ({ label }: Recording) => label === 'inner' || label === 'outer';

describe.skipIf(!present)('recordings of real bearings', { timeout: 120_000 }, () => {
  const cwru = present ? load('cwru') : [];
  const mfpt = present ? load('mfpt') : [];
  const all = [...cwru, ...mfpt];

  /** Names every recording; fails on any wrong name, and on a race fault missed beyond what is allowed. */
  const score = (recordings: Recording[], change: Perturbation, mayMiss = 0) => {
    const missed: string[] = [];
    for (const recording of recordings) {
      const { fault, reason } = feed(recording, change);
      const allowed = recording.label === 'normal' ? [null] : [recording.label, null];
      expect(allowed, `${recording.file}: ${reason}`).toContain(fault);
      if (fault === null && isRace(recording)) missed.push(`${recording.file}: ${reason}`);
    }
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(mayMiss);
  };

  test('the folders hold what these checks expect', () => {
    expect(cwru.filter(isRace).length).toBeGreaterThanOrEqual(8);
    expect(mfpt.length).toBeGreaterThanOrEqual(10);
    expect(cwru.find(({ label }) => label === 'normal')?.samplingRateHz).toBe(48_000);
  });

  test('every race fault is named, the normal record and the balls are not misnamed', () => score(all, {}));

  test.each<[string, Perturbation]>([
    ['speed 1 % high', { speedScale: 1.01 }],
    ['speed 1 % low', { speedScale: 0.99 }],
    ['reversed polarity, another scale', { gain: -7.3 }],
    ['a crop of four blocks', { offset: 777, blocks: 4 }],
    ['a single block', { offset: 20_000, blocks: 1 }],
    ['blocks of 10 000', { blockSize: 10_000 }],
    ['blocks of 32 768', { blockSize: 32_768 }],
    ['one long block', { blockSize: 115_200 }],
    ['as much noise again', { noise: 1 }],
    ['blocks that follow one another', { joined: true }],
    ['the same, speed 1 % high', { joined: true, speedScale: 1.01 }],
    ['the same, speed 1 % low', { joined: true, speedScale: 0.99 }],
    ['the same, blocks of 10 000', { joined: true, blockSize: 10_000 }],
    ['the same, blocks of 32 768', { joined: true, blockSize: 32_768 }],
    ['the same, as much noise again', { joined: true, noise: 1 }],
  ])('the same with %s', (_, change) => score(all, change));

  test('of blocks that follow one another more balls are named, and none wrongly', () => {
    const named = cwru.filter((recording) => recording.label === 'ball' && feed(recording, { joined: true }).fault);
    expect(named.length).toBeGreaterThanOrEqual(1);
  });

  test('blocks of 8192: all of CWRU; at 48.8 kHz they hold four revolutions, too few for some', () => {
    score(cwru, { blockSize: 8192 });
    score(mfpt, { blockSize: 8192 }, 5);
  });

  test('twice and four times as much noise costs recall, never a wrong name', () => {
    score(all, { noise: 2 }, 8);
    score(all, { noise: 4 }, 18);
  });

  test('without a speed: the rating, or the envelope itself', () => {
    score(cwru, { noSpeed: true, ratedRpm: 1800 });
    score(all, { noSpeed: true }, 2);
  });

  // Another machine's faulty bearing is heard through the floor: the geometry asked about is healthy.
  test.each<[string, BearingOrders]>([
    ['6203', { bpfo: 3.053, bpfi: 4.9469, ftf: 0.3817, bsf: 1.9937 }],
    ['ZA-2115', { bpfo: 7.092, bpfi: 8.908, ftf: 0.4433, bsf: 4.198 }],
    ['6804', { bpfo: 5.611, bpfi: 7.389, ftf: 0.432, bsf: 3.589 }],
    ['10 balls', { bpfo: 3.906, bpfi: 6.094, ftf: 0.391, bsf: 2.142 }],
    ['12 balls', { bpfo: 5.1, bpfi: 6.9, ftf: 0.425, bsf: 3.258 }],
    ['20 rollers', { bpfo: 9, bpfi: 11, ftf: 0.45, bsf: 4.95 }],
  ])('a bearing of another geometry (%s) is not blamed', (_, orders) => {
    for (const recording of cwru) {
      const { fault, reason } = feed(recording, { orders });
      expect(fault, `${recording.file}: ${reason}`).toBeNull();
    }
  });
});
