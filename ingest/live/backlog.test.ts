import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import type { LiveReading } from './items.ts';
import { fits } from './pattern.ts';

const reading = (series: string, time: number): LiveReading => ({
  ...{ series, timeNs: BigInt(time), value: time, unit: null, arrivalNs: 0n, future: false },
});

test('nothing is lost without being counted, whatever comes and goes; never more than the limit waits', () => {
  const step = fc.oneof(
    fc.record({ offer: fc.array(fc.nat(30), { maxLength: 40 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 25 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (steps, limit) => {
      const backlog = new Backlog(limit);
      let time = 0;
      let offered = 0;
      let seen = 0;
      const taken = new Map<string, bigint>();
      const take = (most: number) => {
        const { readings, skipped } = backlog.take(most);
        seen += readings.length + skipped;
        for (const { series, timeNs } of readings) {
          expect(timeNs, 'a series never goes back').toBeGreaterThan(taken.get(series) ?? -1n);
          taken.set(series, timeNs);
        }
        return readings.length + skipped;
      };
      for (const one of steps) {
        if ('take' in one) take(one.take);
        else {
          backlog.offer(one.offer.map((series) => reading(`s/${series}`, ++time)));
          offered += one.offer.length;
        }
        expect(backlog.size).toBeLessThanOrEqual(limit);
      }
      while (backlog.size > 0) take(7);
      take(1);
      expect(seen).toBe(offered);
    }),
  );
});

test('a watcher who falls behind gets the newest of each series, not the oldest', () => {
  const backlog = new Backlog(10);
  backlog.offer(Array.from({ length: 100 }, (_, i) => reading(`s/${i % 2}`, i)));
  backlog.offer([reading('s/1', 50)]); // late: older than what waits
  expect(backlog.take(10)).toEqual({ readings: [reading('s/0', 98), reading('s/1', 99)], skipped: 99 });
  backlog.offer([reading('s/1', 100)]);
  expect(backlog.take(10)).toEqual({ readings: [reading('s/1', 100)], skipped: 0 });
});

test('a pattern is a text with gaps', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.', '/'), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '/'), maxLength: 10 });
  fc.assert(
    fc.property(word, text, (pattern, subject) => {
      const source = pattern.replaceAll(/[.*/]/g, (sign) => (sign === '*' ? '[^]*' : `\\${sign}`));
      expect(fits(pattern, subject)).toBe(new RegExp(`^${source}$`).test(subject));
    }),
  );
  expect(fits('*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(100_000))).toBe(false);
});
