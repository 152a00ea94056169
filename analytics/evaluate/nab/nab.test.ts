import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Prediction } from '../suite.ts';
import { nabScore, probationaryRows } from './nabScore.ts';
import { readNab } from './readNab.ts';
import { suite } from './suite.ts';

const folders: string[] = [];
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'nab-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

test('silence is 0, an alarm at the left edge of each window 100', () => {
  const windows = [
    { from: 300, to: 399 },
    { from: 700, to: 799 },
  ];
  expect(nabScore(1_000, [], windows).normalised).toBe(0);
  expect(nabScore(1_000, [300, 700], windows).normalised).toBeCloseTo(100, 9);
  expect(nabScore(1_000, [300, 700], []).normalised).toBeNull();
});

test('places in a window and false alarms weigh as the benchmark has it', () => {
  const windows = [{ from: 300, to: 399 }];
  // Sigmoid at −0.5 over sigmoid at −1: 0.84828 / 0.98661; by hand from the published formula.
  expect(nabScore(1_000, [350], windows).raw).toBeCloseTo(0.84828 / 0.98661, 4);
  expect(nabScore(1_000, [200, 350], windows).raw).toBeCloseTo(0.84828 / 0.98661 - 0.11, 4);
  // Far behind the window a false alarm costs all of its weight, one row behind nearly nothing.
  expect(nabScore(1_000, [350, 999], windows).raw).toBeCloseTo(0.84828 / 0.98661 - 0.11, 4);
  expect(nabScore(1_000, [350, 400], windows).raw).toBeCloseTo(0.84828 / 0.98661 - 0.0028, 3);
});

test('the probationary rows are 15 %, at most 750, and never scored', () => {
  expect(probationaryRows(1_000)).toBe(150);
  expect(probationaryRows(22_695)).toBe(750);
  expect(nabScore(1_000, [10], [{ from: 300, to: 399 }])).toMatchObject({ falseAlarms: 0, raw: -1 });
});

/** Two hundred days of a noisy level every hour, with a jump in the middle of a window. */
function writeSeries(directory: string, name: string, windowKey: string): void {
  const stamp = (i: number) =>
    new Date(Date.UTC(2026, 0, 1) + i * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  const lines = Array.from({ length: 2_000 }, (_, i) => {
    const noise = Math.sin(i * 12.9898) * 43758.5453;
    return `${stamp(i)},${(20 + (noise - Math.floor(noise)) + (i >= 1_500 && i < 1_540 ? 8 : 0)).toFixed(3)}`;
  });
  mkdirSync(join(directory, 'someKind'), { recursive: true });
  writeFileSync(join(directory, 'someKind', name), ['timestamp,value', ...lines].join('\n'));
  const window = [`${stamp(1_450)}.000000`, `${stamp(1_560)}.000000`];
  writeFileSync(join(directory, 'windows.json'), JSON.stringify({ [`otherKind/${windowKey}`]: [window] }));
}

async function run(directory: string) {
  const predictions: Prediction[] = [];
  const figures: string[] = [];
  const rows = await suite.run({
    directory,
    progress: () => {},
    predict: (prediction) => predictions.push(prediction),
    figure: (name, svg) => figures.push(`${name} ${svg.length}`),
  });
  return { rows, predictions, figures };
}

test('a series in a sub-folder is scored, drawn and answered for every value; absent bars are not run', async () => {
  const directory = folder();
  writeSeries(directory, 'pump.csv', 'pump.csv');
  const { rows, predictions, figures } = await run(directory);
  expect(rows.map(({ case: name, verdict }) => [name, verdict])).toEqual([
    ['machine temperature', 'not run'],
    ['ambient temperature', 'not run'],
    ['pump', 'met'],
  ]);
  expect(rows[2]!.ours).toBeGreaterThan(85);
  expect(predictions).toHaveLength(2_000);
  const alarms = predictions.filter(({ answer }) => answer === 'alarm');
  expect(alarms.map(({ index }) => index)).toEqual([1_500]);
  // The alarms can be had from the scores alone, by the one threshold.
  expect(predictions.filter(({ score }) => score! >= 0.5)).toEqual(alarms);
  expect(figures).toHaveLength(1);
});

test('a renamed series finds its windows by its time stamps; without windows it is not run', () => {
  const directory = folder();
  writeSeries(directory, 'renamed.csv', 'pump.csv');
  expect(readNab(directory).series[0]).toMatchObject({
    key: 'otherKind/pump.csv',
    windows: [{ from: 1_450, to: 1_560 }],
  });
  rmSync(join(directory, 'windows.json'));
  expect(readNab(directory)).toMatchObject({ series: [], notRun: [expect.stringContaining('no file of windows')] });
});
