import { expect, test } from 'vitest';
import { learn, median, newBaseline, score, viewOf } from './baseline.ts';

const steady = (i: number) => 10 + Math.sin(i * 1.7) * 0.2;

test('a median is the middle value, or the mean of the two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a young baseline abstains; a mature one scores by what came before', () => {
  const baseline = newBaseline();
  for (let i = 0; i < 11; i++) learn(baseline, steady(i), 'linear', 12);
  expect(score(baseline, 50, 'linear', 12).z).toBeNull();
  learn(baseline, steady(11), 'linear', 12);
  expect(Math.abs(score(baseline, 10.1, 'linear', 12).z!)).toBeLessThan(2);
  expect(score(baseline, 50, 'linear', 12).z!).toBeGreaterThan(50);
});

test('one wild value in five moves neither centre nor spread much', () => {
  const baseline = newBaseline();
  for (let i = 0; i < 30; i++) learn(baseline, i % 5 === 0 ? 900 : steady(i), 'linear', 12);
  const view = viewOf(baseline, 'linear', 12)!;
  expect(view.centre).toBeCloseTo(10, 0);
  expect(view.scale).toBeLessThan(1);
});

test('the memory stays bounded and comes to span the whole life', () => {
  const baseline = newBaseline();
  for (let i = 0; i < 100_000; i++) learn(baseline, steady(i), 'linear', 12);
  expect(baseline.kept.length).toBeLessThanOrEqual(40);
  expect(baseline.stride).toBe(64);
});

test('a slow drift is not learnt beyond the allowance', () => {
  const baseline = newBaseline();
  for (let i = 0; i < 20_000; i++) learn(baseline, 1 + i / 2_000, 'log', 12);
  expect(Math.exp(viewOf(baseline, 'log', 12)!.centre)).toBeLessThan(1.6);
});

test('a signal that wanders is granted its wandering', () => {
  const wanderer = newBaseline();
  for (let i = 0; i < 39; i++) learn(wanderer, 20 + i * 0.1, 'linear', 12);
  expect(score(wanderer, 24.5, 'linear', 12).z!).toBeLessThan(3);
});

test('a switch has no baseline', () => {
  const valve = newBaseline();
  for (let i = 0; i < 35; i++) learn(valve, i % 2, 'linear', 12);
  expect(score(valve, 1, 'linear', 12).z).toBeNull();
});

test('what is remembered of a view is what would be worked out anew, whatever came between', () => {
  const baseline = newBaseline();
  for (let i = 0; i < 400; i++) {
    const value = 5 + Math.sin(i * i) + (i > 300 ? 2 : 0);
    learn(baseline, value, 'linear', 12);
    if (i === 250) baseline.kept = baseline.kept.map((kept) => kept + 1); // as a step that has become normal does
    for (const scale of ['linear', 'log', 'linear'] as const)
      expect(viewOf(baseline, scale, 12)).toEqual(viewOf(structuredClone(baseline), scale, 12));
  }
});
