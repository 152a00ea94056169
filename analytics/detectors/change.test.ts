import { expect, test } from 'vitest';
import { seededUniform } from '../seededUniform.ts';
import type { Verdict } from './observation.ts';
import { observe } from './observe.ts';
import { scalarObservation } from './scalarObservation.ts';
import { SCALAR_SETTINGS } from './settings.ts';
import { newDetectorState } from './state.ts';

const STEP_MS = 60_000;

/** Readings of one point, and what came of each. */
function point(seed: number, settings = SCALAR_SETTINGS) {
  const next = seededUniform(seed);
  const state = newDetectorState();
  let row = 0;
  return {
    state,
    hear: (count: number, level: (row: number) => number): Verdict[] =>
      Array.from({ length: count }, () => {
        const value = level(row) + next() + next() + next() - 1.5;
        const verdict = observe(
          state,
          settings,
          scalarObservation(value, { timeMs: row++ * STEP_MS, unit: '°C', gate: null }),
        );
        if (verdict.act === 'fade') state.open = null;
        if (verdict.act === 'suspect')
          state.open = {
            anomalyId: 'x',
            fault: 'deviation',
            status: 'suspected',
            level: 'warning',
            part: 'origin',
            strength: 1,
          };
        return verdict;
      }),
  };
}

test('a level that shifts within its limits and stays is told with its time, and is a suspicion until it is old news', () => {
  const sensor = point(1, { ...SCALAR_SETTINGS, changeWorth: 0.5 });
  sensor.hear(500, () => 50);
  const after = sensor.hear(400, () => 53.5);
  const told = after.filter(({ shift }) => shift !== null);
  expect(Math.abs(told[0]!.shift!.sinceMs / STEP_MS - 500)).toBeLessThanOrEqual(2);
  expect(told[0]!.shift!.from).toBeCloseTo(50, 0);
  expect(told[0]!.shift!.to).toBeCloseTo(53.5, 0);
  expect(told[0]!.scored[0]!.speaks).toBe(false);
  expect(after.map(({ act }) => act).filter((act) => act !== 'none')).toEqual(['suspect', 'fade']);
  expect(after.at(-1)!.shift).toBeNull();
  expect(JSON.parse(JSON.stringify(sensor.state))).toEqual(sensor.state);
  expect(JSON.stringify(sensor.state.change).length).toBeLessThan(1_500);
});

test('where a shift is worth nothing it is told all the same', () => {
  const sensor = point(1);
  sensor.hear(500, () => 50);
  const after = sensor.hear(100, () => 53.5);
  expect(after.some(({ shift }) => shift !== null)).toBe(true);
  expect(after.every(({ act }) => act === 'none')).toBe(true);
});

test.each([
  ['steady noise', () => 50],
  ['a daily course', (row: number) => 50 + 3 * Math.sin((2 * Math.PI * row) / 1440)],
  ['single odd values', (row: number) => (row % 97 === 0 ? 56 : 50)],
  ['a short disturbance', (row: number) => (row % 500 > 492 ? 55 : 50)],
])('%s is no lasting shift', (_, level) => {
  const told = point(2)
    .hear(5000, level)
    .filter(({ act }) => act !== 'none');
  expect(told).toEqual([]);
});
