import { expect, test } from 'vitest';
import { type ChangePointState, changePointStep, newChangePoints } from './changePoints.ts';
import { cusumDecisionFor, cusumRunLength, cusumStep, newCusum } from './cusum.ts';
import { groupCusumStep, newGroupCusum } from './groupCusum.ts';
import { normal } from './noise.fixture.ts';

test('run lengths agree with the published tables for k = 0.5', () => {
  // D. C. Montgomery, Introduction to Statistical Quality Control, table 9.3: h = 4 and 5.
  const table: [h: number, shift: number, arl: number][] = [
    [4, 0, 168],
    [4, 1, 8.38],
    [5, 0, 465],
    [5, 0.5, 38],
    [5, 1, 10.4],
    [5, 2, 4.01],
  ];
  for (const [decision, shift, arl] of table)
    expect(Math.abs(cusumRunLength({ allowance: 0.5, decision }, shift) / arl - 1)).toBeLessThan(0.05);
});

test('a simulated chart runs as long as was chosen', () => {
  const decision = cusumDecisionFor(465, 0.5);
  expect(decision).toBeCloseTo(5, 1);
  const next = normal(3);
  let values = 0;
  const runs = 600;
  for (let run = 0; run < runs; run++) {
    const state = newCusum();
    do values += 1;
    while (cusumStep(state, next(), { allowance: 0.5, decision }).side === null);
  }
  expect(Math.abs(values / runs / 465 - 1)).toBeLessThan(0.15);
  expect(() => cusumDecisionFor(1, 0.5)).toThrow(/run length of 10/);
});

test('a shift of one deviation is found on its side, with about when it began', () => {
  const next = normal(4);
  const state = newCusum();
  const settings = { allowance: 0.5, decision: 8 };
  for (let i = 0; i < 200; i++) expect(cusumStep(state, next(), settings).side).toBeNull();
  let verdict = cusumStep(state, next() - 1, settings);
  let since = 1;
  while (verdict.side === null) {
    verdict = cusumStep(JSON.parse(JSON.stringify(state)), Number.NaN, settings);
    if (verdict.side === null) verdict = cusumStep(state, next() - 1, settings);
    since += 1;
  }
  expect(verdict.side).toBe('low');
  expect(Math.abs(verdict.since! - since)).toBeLessThan(12);
});

test("Crosier's chart has the run length he tabulates for two directions", () => {
  const next = normal(5);
  let values = 0;
  const runs = 400;
  for (let run = 0; run < runs; run++) {
    const state = newGroupCusum(2);
    do values += 1;
    while (!groupCusumStep(state, [next(), next()], 0.5, 5.5).alarm);
  }
  // 200 in his table 4.
  expect(Math.abs(values / runs / 200 - 1)).toBeLessThan(0.15);
});

test('a small lasting shift in a direction adds up and is laid at its door', () => {
  const next = normal(6);
  const state = newGroupCusum(4);
  let verdict = groupCusumStep(state, [0, 0, 0, 0], 0.5, 9);
  for (let i = 0; i < 60 && !verdict.alarm; i++)
    verdict = groupCusumStep(state, [next(), next(), next() + 1.2, next()], 0.5, 9);
  expect(verdict.alarm).toBe(true);
  expect(verdict.contributions[2]!).toBeGreaterThan(0.6);
});

const SETTINGS = { expectedRun: 250, capacity: 60, priorMean: 0, priorSpread: 5, spread: 1 };

test('a jump of the mean and a change of the spread are told within a few values, once each', () => {
  const next = normal(7);
  const state = newChangePoints(SETTINGS);
  const told: number[] = [];
  for (let i = 0; i < 900; i++) {
    const value = i < 300 ? next() : i < 600 ? 4 + next() : 4 + 5 * next();
    if (changePointStep(state, value, SETTINGS).changed) told.push(i);
  }
  expect(told.filter((i) => i >= 300 && i < 306)).toHaveLength(1);
  expect(told.filter((i) => i >= 600 && i < 620)).toHaveLength(1);
  expect(told.filter((i) => i < 300)).toHaveLength(0);
  expect(told.length).toBeLessThan(8);
});

test('hypotheses stay bounded, weights sum to one, and JSON changes nothing', () => {
  const next = normal(8);
  let state: ChangePointState = newChangePoints(SETTINGS);
  const whole = newChangePoints(SETTINGS);
  for (let i = 0; i < 2_000; i++) {
    const value = next() + (i % 400 < 200 ? 0 : 3);
    const expected = changePointStep(whole, value, SETTINGS);
    if (i % 100 === 0) state = JSON.parse(JSON.stringify(state));
    expect(changePointStep(state, value, SETTINGS)).toEqual(expected);
  }
  expect(state.runs.length).toBeLessThanOrEqual(60);
  expect(state.runs.reduce((sum, run) => sum + Math.exp(run.logWeight), 0)).toBeCloseTo(1, 9);
  const before = JSON.stringify(state);
  changePointStep(state, Number.NaN, SETTINGS);
  expect(JSON.stringify(state)).toBe(before);
});
