import { expect, test } from 'vitest';
import { isId, newId } from './ids.ts';

test('ids are UUIDs of version 7, each greater than the one before, also many in one millisecond', () => {
  const before = Date.now();
  const ids = Array.from({ length: 100_000 }, newId);
  expect(ids.every((id) => isId(id) && /^.{14}7.{4}[89ab]/.test(id))).toBe(true);
  expect(ids.findIndex((id, index) => index > 0 && id <= ids[index - 1]!)).toBe(-1);
  const timeMs = Number.parseInt(ids[0]!.replace('-', '').slice(0, 12), 16);
  // Ids made earlier in this process may have run ahead a little.
  expect(Math.abs(timeMs - before)).toBeLessThan(1_000);
});
