import { expect, test } from 'vitest';
import { chiSquaredQuantile, normalQuantile } from './distributions.ts';
import golden from './golden/golden.generated.json' with { type: 'json' };
import { normal } from './noise.fixture.ts';
import { newSensorGroup, type SensorGroupVerdict, sensorGroupStep } from './sensorGroup.ts';
import { fitSensorGroup } from './sensorGroupModel.ts';
import { symmetricEigen } from './symmetricEigen.ts';

/** Six sensors: two move together, one wanders slowly, one is constant. */
function plant(count: number, seed: number): number[][] {
  const next = normal(seed);
  let wander = 0;
  return Array.from({ length: count }, () => {
    const load = next();
    wander += 0.05 * next();
    return [10 + load + 0.2 * next(), 500 - 30 * load + 6 * next(), 0.02 * next(), 80 + wander, 7, 1e6 + 1e4 * next()];
  });
}

function watch(rows: readonly (readonly number[])[], fitRows = 400): SensorGroupVerdict[] {
  const baseline = rows.slice(0, fitRows);
  const model = fitSensorGroup(baseline);
  const state = newSensorGroup(model, baseline);
  return rows.slice(fitRows).map((row) => sensorGroupStep(state, model, row));
}

test('quantiles equal scipy', () => {
  for (const { probability, value } of golden.normalQuantiles)
    expect(normalQuantile(probability)).toBeCloseTo(value, 6);
  for (const { probability, degrees, value } of golden.chiSquaredQuantiles)
    expect(Math.abs(chiSquaredQuantile(probability, degrees) / value - 1)).toBeLessThan(0.032);
  expect(() => normalQuantile(1)).toThrow(/between 0 and 1/);
});

test('eigenvalues and vectors equal numpy, and rebuild the matrix', () => {
  const { matrix, values } = golden.eigen;
  const eigen = symmetricEigen(matrix);
  for (const [k, value] of eigen.values.entries()) expect(value).toBeCloseTo(values[k]!, 9);
  matrix.forEach((row, i) => {
    row.forEach((expected, j) => {
      const rebuilt = eigen.values.reduce((sum, v, k) => sum + v * eigen.vectors[k]![i]! * eigen.vectors[k]![j]!, 0);
      expect(rebuilt).toBeCloseTo(expected, 9);
    });
  });
});

test('undisturbed rows raise few alarms; a wandering sensor is trusted less, a constant one not at all', () => {
  const rows = plant(3_000, 1);
  const alarms = watch(rows).filter(({ alarm }) => alarm).length;
  expect(alarms / 2_600).toBeLessThan(0.03);
  const model = fitSensorGroup(rows.slice(0, 400));
  expect(model.sensors).toEqual([0, 1, 2, 3, 5]);
  expect(model.wander[3]!).toBeGreaterThan(1.8);
  expect(model.wander[2]!).toBeLessThan(1.4);
});

test('a shift is an alarm that names its sensor, told once as a change, and ends when it ends', () => {
  const rows = plant(900, 2).map((row, i) => (i >= 600 && i < 700 ? row.with(5, row[5]! + 5e4) : row));
  const verdicts = watch(rows);
  const first = verdicts.findIndex(({ alarm }) => alarm) + 400;
  expect(first).toBeGreaterThanOrEqual(600);
  expect(first).toBeLessThan(606);
  const { contributions } = verdicts[250]!;
  expect(contributions[5]!).toBeGreaterThan(0.9);
  expect(contributions.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  expect(verdicts.slice(200, 210).filter(({ changed }) => changed)).toHaveLength(1);
  expect(verdicts.slice(320).filter(({ alarm }) => alarm)).toHaveLength(0);
});

test('two sensors that part company are an alarm though each stays within its own range', () => {
  const next = normal(4);
  const rows = plant(700, 3).map((row, i) => (i >= 600 ? row.with(1, 500 + 30 * (row[0]! - 10) + 6 * next()) : row));
  const apart = rows.map((row, i) => (i >= 600 ? row.with(0, 11.2).with(1, 536) : row));
  const verdicts = watch(apart);
  expect(verdicts.slice(0, 200).filter(({ alarm }) => alarm)).toHaveLength(0);
  const { alarm, contributions } = verdicts.at(-1)!;
  expect(alarm).toBe(true);
  expect(contributions[0]! + contributions[1]!).toBeGreaterThan(0.9);
});

test('units change no answer, and what comes later changes none', () => {
  const rows = plant(800, 5).map((row, i) => (i >= 650 ? row.with(2, row[2]! + 0.1) : row));
  const answers = (list: readonly SensorGroupVerdict[]) => list.map(({ alarm, changed }) => ({ alarm, changed }));
  const whole = watch(rows);
  const scaled = rows.map((row) => row.map((value, s) => value * 10 ** (s - 2) + s));
  expect(answers(watch(scaled))).toEqual(answers(whole));
  expect(watch(rows.slice(0, 700))).toEqual(whole.slice(0, 300));
});

test('state and model go through JSON unharmed; a missing value keeps the last', () => {
  const rows = plant(600, 6).map((row, i) => (i % 50 === 7 && i > 400 ? row.with(0, Number.NaN) : row));
  const whole = watch(rows);
  let model = fitSensorGroup(rows.slice(0, 400));
  let state = newSensorGroup(model, rows.slice(0, 400));
  rows.slice(400).forEach((row, i) => {
    model = JSON.parse(JSON.stringify(model));
    state = JSON.parse(JSON.stringify(state));
    expect(sensorGroupStep(state, model, row)).toEqual(whole[i]);
  });
  expect(state.recent).toHaveLength(40);
});

test('a short disturbance in the baseline may stay unseen', () => {
  const clean = plant(700, 7).map((row, i) => (i >= 600 ? row.with(5, row[5]! + 5e4) : row));
  const dirty = clean.map((row, i) => (i >= 380 && i < 393 ? row.with(5, row[5]! + 5e4) : row));
  expect(
    watch(dirty)
      .slice(210)
      .every(({ alarm }) => alarm),
  ).toBe(true);
});

test('a baseline that is too short or does not move is refused with what to give', () => {
  expect(() => fitSensorGroup(plant(20, 8))).toThrow(/at least 80 rows/);
  expect(() => fitSensorGroup(Array.from({ length: 100 }, () => [1, 2]))).toThrow(/too short/);
});
