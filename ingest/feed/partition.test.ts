import { expect, test } from 'vitest';
import { partitionOf } from './partition.ts';

test('points spread over the partitions', () => {
  const counts = new Array(8).fill(0);
  for (let i = 0; i < 8000; i++) counts[partitionOf('t', `machine-${i % 200}/point-${i}`, 8)]++;
  for (const count of counts) expect(count).toBeGreaterThan(700);
});
