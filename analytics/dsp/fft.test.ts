import fc from 'fast-check';
import { fft as slowFft } from 'fft-js';
import { describe, expect, test } from 'vitest';
import { complexDft64 } from './complexFft64.ts';
import { fastEngine } from './engines.ts';
import type { FftEngine, FftPlan } from './fftPlan.ts';
import { float64Engine } from './float64Engine.ts';
import golden from './golden/golden.generated.json' with { type: 'json' };

const largest = (values: Iterable<number>) => {
  let peak = 0;
  for (const value of values) peak = Math.max(peak, Math.abs(value));
  return peak;
};
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  largest(Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!));
const signal = (n: number, seed = 1) => Float64Array.from({ length: n }, (_, i) => Math.sin(seed * i * i * 0.37 + i));

function binsOf(plan: FftPlan, time: ArrayLike<number>): Float64Array {
  plan.time.set(time);
  plan.forward();
  return Float64Array.from(plan.bins);
}

test('complex DFT of any length agrees with numpy to 1e-9', () => {
  for (const { x, bins } of golden.fft) {
    const data = Float64Array.from({ length: 2 * x.length }, (_, i) => (i % 2 === 0 ? x[i / 2]! : 0));
    const out = new Float64Array(2 * x.length);
    complexDft64(x.length).forward(out, data);
    expect(furthest(out, bins)).toBeLessThan(1e-9);
  }
});

test('a second, independent implementation gives the same bins', () => {
  const x = signal(256);
  const theirs = slowFft([...x]).flat();
  const data = Float64Array.from({ length: 512 }, (_, i) => (i % 2 === 0 ? x[i / 2]! : 0));
  const out = new Float64Array(512);
  complexDft64(256).forward(out, data);
  expect(furthest(out, theirs)).toBeLessThan(1e-9);
});

test('the fast engine of this runtime is the WASM one, with SIMD', () => {
  expect(fastEngine.name).toBe('pffft-simd');
});

test('a length no engine can take is refused with advice', () => {
  expect(() => float64Engine.real(7)).toThrow(/even whole number/);
  expect(() => complexDft64(0)).toThrow(/positive whole number/);
});

const ENGINES: [string, FftEngine, number][] = [
  ['float64', float64Engine, 1e-9],
  ['fast', fastEngine, 1e-5],
];

describe.each(ENGINES)('%s engine', (_, engine, tolerance) => {
  const sizes = fc.constantFrom(32, 64, 96, 160, 256, 480, 1024);
  const runs = { numRuns: 40 };

  test('packs the same bins as the complex transform', () => {
    for (const n of [32, 96, 4096, 16_384]) {
      const x = signal(n);
      const full = new Float64Array(2 * n);
      const data = Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? x[i / 2]! : 0));
      complexDft64(n).forward(full, data);
      const packed = full.slice(0, n);
      packed[1] = full[n]!;
      expect(furthest(binsOf(engine.real(n), x), packed) / largest(packed)).toBeLessThan(tolerance);
    }
  });

  test('inverse returns n times the signal, real and complex', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 1000 }), fc.constantFrom('real', 'complex'), (n, seed, kind) => {
        const plan = engine[kind as 'real' | 'complex'](n);
        const x = signal(plan.time.length, seed);
        plan.time.set(x);
        plan.forward();
        plan.inverse();
        const back = Array.from(plan.time, (value) => value / n);
        plan.free();
        expect(furthest(back, x)).toBeLessThan(tolerance);
      }),
      runs,
    );
  });

  test('Parseval: energy in time is energy in frequency over n', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 1000 }), (n, seed) => {
        const x = signal(n, seed);
        const bins = binsOf(engine.real(n), x);
        let power = bins[0]! ** 2 + bins[1]! ** 2;
        for (let i = 2; i < n; i++) power += 2 * bins[i]! ** 2;
        const energy = x.reduce((sum, value) => sum + value * value, 0);
        expect(Math.abs(power / n / energy - 1)).toBeLessThan(tolerance);
      }),
      runs,
    );
  });

  test('linearity', () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: -3, max: 3, noNaN: true }), (n, factor) => {
        const [x, y] = [signal(n, 1), signal(n, 2)];
        const plan = engine.real(n);
        const sum = binsOf(
          plan,
          x.map((value, i) => value + factor * y[i]!),
        );
        const [a, b] = [binsOf(plan, x), binsOf(plan, y)];
        const separate = a.map((value, i) => value + factor * b[i]!);
        expect(furthest(sum, separate)).toBeLessThan(10 * tolerance * Math.max(1, largest(separate)));
      }),
      runs,
    );
  });

  test('a circular shift turns each bin by e^(−j2πkd/n)', () => {
    fc.assert(
      fc.property(sizes, fc.nat({ max: 31 }), (n, shift) => {
        const x = signal(n);
        const plan = engine.real(n);
        const bins = binsOf(plan, x);
        const shifted = binsOf(
          plan,
          x.map((_, i) => x[(i - shift + n) % n]!),
        );
        for (let k = 1; k < n / 2; k++) {
          const angle = (-2 * Math.PI * k * shift) / n;
          const re = bins[2 * k]! * Math.cos(angle) - bins[2 * k + 1]! * Math.sin(angle);
          expect(Math.abs(re - shifted[2 * k]!)).toBeLessThan(10 * tolerance * Math.max(1, largest(bins)));
        }
      }),
      runs,
    );
  });

  test('plans made later leave earlier ones intact', () => {
    const first = engine.real(64);
    const x = signal(64);
    const before = binsOf(first, x);
    const others = [2 ** 17, 2 ** 18].map((n) => engine.real(n));
    expect(furthest(binsOf(first, x), before)).toBe(0);
    for (const plan of others) plan.free();
  });
});
