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
