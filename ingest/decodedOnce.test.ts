import { expect, test } from 'vitest';
import { DecodedOnce } from './decodedOnce.ts';
import type { MessageUnits } from './units.ts';

const unitsAt = (): MessageUnits => ({ readings: [], blocks: [], rejections: [] });

test('the second reader gets what the first decoded, once; memory is bounded, oldest out first', () => {
  let decoded = 0;
  const once = new DecodedOnce(250);
  const take = (offset: number) =>
    once.take(offset, 100, () => {
      decoded++;
      return unitsAt();
    });
  const first = take(0);
  expect(take(0)).toBe(first);
  expect(decoded).toBe(1);
  take(0);
  expect(decoded).toBe(2);
  take(1);
  take(2); // 300 bytes: the entry of offset 0 goes
  expect(decoded).toBe(4);
  take(1);
  take(2);
  expect(decoded).toBe(4);
  take(0);
  expect(decoded).toBe(5);
});

test('a hundred thousand records cost milliseconds, whether the second reader follows closely, late or never', () => {
  const once = new DecodedOnce(1_000_000);
  const startedMs = performance.now();
  for (let offset = 0; offset < 50_000; offset++) for (const _reader of [1, 2]) once.take(offset, 100, unitsAt);
  for (let offset = 50_000; offset < 100_000; offset++) once.take(offset, 100, unitsAt);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  let decoded = 0;
  for (let offset = 90_000; offset < 100_000; offset++)
    once.take(offset, 100, () => {
      decoded++;
      return unitsAt();
    });
  expect(decoded).toBe(0);
});
