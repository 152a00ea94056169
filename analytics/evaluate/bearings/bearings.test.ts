import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ORDERS_6205, simulate } from '../../diagnosis/machine.fixture.ts';
import { suite as cwru } from '../cwru/suite.ts';
import type { Prediction } from '../suite.ts';
import { readSidecar } from './sidecar.ts';

const RATE_HZ = 12_000;
const DIMENSIONS = { n: 9, d_in: 0.3126, D_in: 1.537, contact_deg: 0 };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bearings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a simulated recording with the sidecar as given; `order` 0 is a healthy bearing. */
function record(name: string, order: number, sidecar: object, gain = 1): void {
  const impacts = { order, heightG: 0.6 };
  const samples = simulate({
    ...{ samplingRateHz: RATE_HZ, rpm: 1772, seconds: 5.6, seed: 3, noiseG: 0.05 },
    ...(order === 0 ? {} : { impacts }),
  }).map((x) => gain * x);
  writeFileSync(join(folder, `${name}.f32`), new Uint8Array(samples.buffer));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ fs_hz: RATE_HZ, ...sidecar }));
}

test('names, units and slightly wrong speeds do not matter; what cannot be read is told and not counted', async () => {
  const outer = { label: 'outer', channel: 'DE', faulted_bearing: 'DE', geometry: DIMENSIONS };
  record('inner-race-they-say', ORDERS_6205.bpfo, { ...outer, rpm: 1772 * 1.01, unit: 'g' });
  record('b', ORDERS_6205.bpfo, { ...outer, rpm: 1772 * 0.99, unit: 'm/s²' }, 9.80665);
  const orders = { BPFO: 3.5848, BPFI: 5.4152 };
  record('c', ORDERS_6205.bpfo, { ...outer, rpm: null, shaft_hz: 1772 / 60, geometry: orders, unit: undefined });
  const inHz = { BPFO: (3.5848 * 1772) / 60, BPFI: (5.4152 * 1772) / 60, FTF: null };
  record('d', ORDERS_6205.bpfo, { ...outer, rpm: 1772, geometry: undefined, freqs_hz: inHz });
  record('healthy', 0, { ...outer, label: 'normal', rpm: 1772 });
  record('other end', ORDERS_6205.bpfo, { ...outer, channel: 'FE', rpm: 1772 });
  record('no geometry', ORDERS_6205.bpfo, { ...outer, geometry: null, rpm: 1772 });
  record('wrong unit', ORDERS_6205.bpfo, { ...outer, unit: 'furlong', rpm: 1772 });
  record('wrong label', ORDERS_6205.bpfo, { ...outer, label: 'inner', rpm: 1772 });

  const answers: Prediction[] = [];
  const figures: string[] = [];
  const rows = await cwru.run({
    directory: folder,
    progress: () => {},
    predict: (prediction) => answers.push(prediction),
    figure: (name) => figures.push(name),
  });
  const row = (name: string) => rows.find((candidate) => candidate.case === name)!;
  expect(row('drive end, 12 kHz')).toMatchObject({
    ours: '4 right, 1 wrong, 0 cannot tell of 5',
    verdict: 'missed',
    note: expect.stringContaining('wrong: wrong label (inner) as outer'),
  });
  expect(row('drive end, 12 kHz').note).toContain('no geometry');
  expect(row('drive end, 12 kHz').note).toContain('furlong');
  expect(row('fan end, 12 kHz').verdict).toBe('not run');
  expect(row('healthy')).toMatchObject({ ours: '1 right, 0 wrong, 0 cannot tell of 1', verdict: 'met' });
  expect(answers.map(({ record: name, answer }) => `${name}: ${answer}`).toSorted()).toEqual([
    'b: outer',
    'c: outer',
    'd: outer',
    'healthy: none',
    'inner-race-they-say: outer',
    'other end: outer',
    'wrong label: outer',
  ]);
  expect(figures).toEqual(['cwru-outer']);
});

test('a cage rate stated for a turning outer ring is turned round; what is not stated follows from the race orders', () => {
  record('cage', 0, { shaft_hz: 25, freqs_hz: { BPFO: 81.125, BPFI: 118.875, FTF: 14.8375 } });
  const { orders } = readSidecar(folder, 'cage.json');
  expect(orders!.ftf).toBeCloseTo(0.4065, 4);
  expect(orders!.bsf).toBeCloseTo(2.5546, 3);
});
