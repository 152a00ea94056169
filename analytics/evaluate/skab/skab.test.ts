import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Prediction } from '../suite.ts';
import { changeScore, normalisedChange, outlierScore } from './skabScore.ts';
import { suite } from './suite.ts';

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

test('always an anomaly gets the F1 of its share; silence gets none', () => {
  expect(outlierScore({ hits: 40, misses: 0, falseAlarms: 60, silences: 0 })).toEqual({
    f1: 40 / 70,
    farPercent: 100,
    marPercent: 0,
  });
  expect(outlierScore({ hits: 0, misses: 40, falseAlarms: 0, silences: 60 }).f1).toBe(0);
});

test('a change told at once is 100, silence 0, half a minute late in between', () => {
  expect(normalisedChange([changeScore([0, 200_000], [0, 200_000])])).toBeCloseTo(100, 9);
  expect(normalisedChange([changeScore([0, 200_000], [])])).toBe(0);
  // Half-way the hyperbolic tangent is 0: (1 − 0.11) / 2 is left of 1.
  expect(changeScore([0], [30_000]).raw).toBeCloseTo(0.445, 2);
  expect(changeScore([0], [60_000]).raw).toBeCloseTo(-0.11, 9);
});

test('alarms before a change and repeats after its minute are false; of windows that overlap the later is cut', () => {
  expect(changeScore([100_000], [99_000, 100_000, 130_000, 161_000])).toMatchObject({ falseAlarms: 2, missed: 0 });
  const { raw, missed } = changeScore([0, 20_000], [60_000]);
  // At 60 s the alarm closes the first window and opens the second, which was cut to begin there.
  expect(missed).toBe(0);
  expect(raw).toBeCloseTo(1 - 0.11, 9);
});

/** Five sensors at one a second; the third falls by four deviations from 500 to 600. */
function writeExperiment(path: string): void {
  let seed = 9;
  const noise = () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return seed / 2 ** 32 - 0.5;
  };
  const lines = Array.from({ length: 700 }, (_, i) => {
    const faulty = i >= 500 && i < 600;
    const values = [1, 20, 300, 0.04, 5_000].map(
      (level, s) => level * (1 + 0.02 * noise()) - (faulty && s === 2 ? 12 : 0),
    );
    const stamp = new Date(Date.UTC(2026, 2, 9) + i * 1_000).toISOString().slice(0, 19).replace('T', ' ');
    return [
      stamp,
      ...values.map((v) => v.toPrecision(6)),
      faulty ? '1.0' : '0.0',
      i === 500 || i === 600 ? '1.0' : '0.0',
    ].join(';');
  });
  writeFileSync(path, ['t;a;b;c;d;e;anomaly;changepoint', ...lines].join('\n'));
}

test('a labelled experiment is scored, explained and answered; a table without labels is left out', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'skab-'));
  folders.push(directory);
  mkdirSync(join(directory, 'some kind'));
  writeExperiment(join(directory, 'some kind', 'x.csv'));
  writeFileSync(join(directory, 'free.csv'), 't;a;b;c\n2026-03-09 00:00:00;1.5;2;3');
  const predictions: Prediction[] = [];
  const figures: string[] = [];
  const rows = await suite.run({
    directory,
    progress: () => {},
    predict: (prediction) => predictions.push(prediction),
    figure: (name, svg) => figures.push(name + svg.length),
  });
  expect(rows.map(({ verdict }) => verdict)).toEqual(['met', 'met']);
  expect(rows[0]!.note).toContain('free.csv: no labels');
  expect(rows[1]!.ours).toBeGreaterThan(80);
  expect(predictions.map(({ index }) => index)).toEqual(Array.from({ length: 300 }, (_, i) => 400 + i));
  const alarms = predictions.filter(({ answer }) => answer?.startsWith('alarm')).map(({ index }) => index!);
  expect(alarms[0]).toBeGreaterThanOrEqual(500);
  expect(alarms[0]).toBeLessThan(510);
  expect(alarms.at(-1)).toBeLessThan(612);
  expect(figures).toHaveLength(1);
});
