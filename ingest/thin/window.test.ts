import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowFor, windowsIn } from './window.ts';

const MINUTE = 60_000_000_000n;

test('never more windows than asked for, and seldom far fewer', () => {
  const time = fc.bigInt({ min: 0n, max: 2_000_000_000_000_000_000n });
  const length = fc.bigInt({ min: 1n, max: 400n * 86_400_000_000_000n });
  fc.assert(
    fc.property(time, length, fc.integer({ min: 2, max: 20_000 }), (fromNs, spanNs, most) => {
      const windowNs = windowFor(fromNs, fromNs + spanNs, most);
      const windows = windowsIn(fromNs, fromNs + spanNs, windowNs);
      expect(windows).toBeLessThanOrEqual(most);
      if (spanNs > BigInt(most) * 2n) expect(windows).toBeGreaterThanOrEqual(Math.floor(most / 4));
    }),
  );
});

test('from a minute on, rollups of a minute divide it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 3600n, max: 30_000_000n }), fc.integer({ min: 10, max: 60 }), (seconds, most) => {
      const windowNs = windowFor(0n, seconds * 1_000_000_000n, most);
      if (windowNs >= MINUTE && windowNs <= 28n * 1440n * MINUTE) expect(windowNs % MINUTE).toBe(0n);
    }),
  );
  expect(windowFor(0n, 60n * MINUTE, 61)).toBe(MINUTE);
});
