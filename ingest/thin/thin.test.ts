import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sample } from '../store/telemetryStore.ts';
import { lttb } from './lttb.ts';
import { envelopeOf, minMax } from './minMax.ts';

const samplesOf = (values: readonly number[], times?: readonly number[]): Sample[] =>
  values.map((value, i) => ({ timeNs: BigInt(times?.[i] ?? i) * 1_000_000_000n, value }));

/** Any series in the order of time: uneven steps, repeated instants, any finite values. */
const anySeries = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
    minLength: 1,
    maxLength: 400,
  })
  .map((steps) => {
    let time = 1_700_000_000;
    return steps.map(([step, value]) => {
      time += step;
      return { timeNs: BigInt(time) * 1_000_000_000n, value };
    });
  });
const anyMost = fc.integer({ min: 4, max: 120 });

const methods = [
  ['minMax', minMax],
  ['lttb', lttb],
] as const;

test.each(methods)('%s: at most as many as asked, the ends kept, a subsequence of what there was', (_name, thin) => {
  fc.assert(
    fc.property(anySeries, anyMost, (samples, maxPoints) => {
      const thinned = thin(samples, maxPoints);
      expect(thinned.length).toBeLessThanOrEqual(maxPoints);
      expect(thinned[0]).toEqual(samples[0]);
      expect(thinned.at(-1)).toEqual(samples.at(-1));
      let from = 0;
      for (const sample of thinned) {
        const found = samples.findIndex((s, i) => i >= from && s.timeNs === sample.timeNs && s.value === sample.value);
        expect(found, 'kept in order, none invented').toBeGreaterThanOrEqual(from);
        from = found;
      }
    }),
  );
});

test.each(methods)('%s leaves a series alone that is short enough', (_name, thin) => {
  fc.assert(
    fc.property(anySeries, (samples) => {
      expect(thin(samples, samples.length)).toBe(samples);
    }),
  );
});

test('min–max keeps the lowest and the highest of all', () => {
  fc.assert(
    fc.property(anySeries, anyMost, (samples, maxPoints) => {
      const [before, after] = [samples, minMax(samples, maxPoints)].map((s) => s.map((one) => one.value));
      expect(Math.max(...after!)).toBe(Math.max(...before!));
      expect(Math.min(...after!)).toBe(Math.min(...before!));
    }),
  );
});

test('LTTB returns exactly as many as asked', () => {
  fc.assert(
    fc.property(anySeries, anyMost, (samples, maxPoints) => {
      expect(lttb(samples, maxPoints)).toHaveLength(Math.min(samples.length, maxPoints));
    }),
  );
});

test('worked by hand', () => {
  expect(minMax(samplesOf([0, 9, 1, 2, -7, 3]), 4).map((s) => s.value)).toEqual([0, 9, -7, 3]);
  expect(lttb(samplesOf([0, 0, 5, 0, 0]), 3).map((s) => s.value)).toEqual([0, 5, 0]);
  // Buckets {1,2} and {3,4}: the peak, then the trough, span the larger triangles.
  expect(lttb(samplesOf([0, 4, 0, -6, 0, 0]), 4).map((s) => s.value)).toEqual([0, 4, -6, 0]);
});

test('one spike in a hundred thousand readings survives, and so it does from windows', () => {
  const values = Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 500));
  values[77_777] = 40;
  const thinned = minMax(samplesOf(values), 200);
  expect(thinned).toContainEqual({ timeNs: 77_777n * 1_000_000_000n, value: 40 });
  const spike = { timeNs: 5n, value: 40 };
  const low = { timeNs: 9n, value: 0 };
  expect(envelopeOf([{ timeNs: 0n, count: 3, first: spike, last: low, lowest: low, highest: spike }])).toEqual([
    spike,
    low,
  ]);
});
