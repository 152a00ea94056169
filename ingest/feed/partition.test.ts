import { expect, test } from 'vitest';
import { Places, partitionOf } from './partition.ts';

test('devices spread over the partitions, the points of one stay together', () => {
  const counts = new Array(8).fill(0);
  for (let i = 0; i < 8000; i++) counts[partitionOf('t', `machine-${i}`, 8)]++;
  for (const count of counts) expect(count).toBeGreaterThan(700);
  const places = new Places(8);
  const ofOne = ['a', 'b', 'c', 'd', 'e', 'f'].map((point) => places.of('t', 'machine-7', point).partition);
  expect(new Set(ofOne)).toEqual(new Set([partitionOf('t', 'machine-7', 8)]));
});
