import { expect, test } from 'vitest';
import { seededRandom } from '../training/random.ts';
import { decilesOf } from '../training/standardise.ts';
import { addRows, driftOf, newSketch } from './sketch.ts';

const rowsOf = (count: number, seed: number, shift = 0) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => [random.normal() + shift, random.normal(), 3, random.normal()]);
};
const trained = () => {
  const edges = decilesOf(rowsOf(5000, 1));
  return newSketch(edges.slice(0, 3), edges[3]);
};

test('inputs like those of training are stable, a constant one included', () => {
  const sketch = trained();
  expect(driftOf(sketch).state).toBe('learning');
  addRows(sketch, rowsOf(600, 2));
  const report = driftOf(sketch);
  expect(report).toMatchObject({ reference: 'training', rows: 600, state: 'stable' });
  expect(report.inputs).toHaveLength(3);
  for (const index of [...report.inputs, report.output]) expect(index).toBeLessThan(0.1);
});

test('an input that moves is named, and the present counts, not the past', () => {
  const sketch = trained();
  addRows(sketch, rowsOf(2000, 3));
  addRows(sketch, rowsOf(600, 4, 1.5));
  const report = driftOf(sketch);
  expect(report.state).toBe('drifted');
  expect(report.inputs[0]).toBeGreaterThan(0.25);
  expect(report.inputs[1]).toBeLessThan(0.1);
  addRows(sketch, rowsOf(3000, 5));
  expect(driftOf(sketch).state).toBe('stable');
});

test('without deciles of training the first rows in service are the reference; memory is bounded', () => {
  const sketch = newSketch();
  addRows(sketch, rowsOf(199, 6));
  expect(driftOf(sketch)).toMatchObject({ reference: 'baseline', state: 'learning', output: null });
  addRows(sketch, rowsOf(1, 7));
  expect(sketch.first).toEqual([]);
  const size = JSON.stringify(sketch).length;
  addRows(sketch, rowsOf(500, 8));
  expect(driftOf(sketch).state).not.toBe('drifted');
  addRows(sketch, rowsOf(20_000, 9, 2));
  expect(driftOf(sketch).state).toBe('drifted');
  expect(JSON.stringify(sketch).length).toBeLessThan(size + 2000);
});
