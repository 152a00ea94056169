import { describe, expect, test } from 'vitest';
import { envelopePlan, fastEngine, float64Engine, welchPlan } from './index.ts';
import { assembleWasm } from './wasmText.ts';

const kernels = fastEngine.kernels!;

/** Values of every magnitude and sign, the same each time. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 1_073_741_823.5 - 1) * 10 ** (state % 5);
  });
}
function held(values: Float32Array): Float32Array {
  const array = kernels.allocate(values.length);
  array.values.set(values);
  return array.values;
}
function close(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!), `value ${i}`).toBeLessThanOrEqual(
      1e-5 * Math.abs(expected[i]!) + 1e-30,
    );
  }
}

describe('kernels do what the plain loops say', () => {
  const z = numbers(128, 3);
  const power = (k: number) => z[2 * k]! ** 2 + z[2 * k + 1]! ** 2;

  test('window', () => {
    const x = Float32Array.from(numbers(64, 5), (value) => value / 1e4);
    const weights = numbers(64, 7);
    const out = held(x);
    kernels.window(out, held(weights));
    const mean = x.reduce((sum, value) => sum + value, 0) / 64;
    for (let i = 0; i < 64; i++) expect(out[i]! / weights[i]!).toBeCloseTo(x[i]! - mean, 5);
  });

  test('addPower', () => {
    const sum = held(new Float32Array(64).fill(2));
    kernels.addPower(held(z), sum);
    close(
      sum,
      Array.from({ length: 64 }, (_, k) => 2 + power(k)),
    );
  });

  test('whiten, with silence among the bins', () => {
    const bins = held(z);
    bins.fill(0, 10, 14);
    const [out, groups] = [held(new Float32Array(128)), held(new Float32Array(8))];
    kernels.whiten(bins, out, groups);
    const at = (k: number) => (k === 5 || k === 6 ? 0 : power(k));
    close(
      out,
      Array.from({ length: 128 }, (_, i) => (at(i >> 1) === 0 ? 0 : z[i]! / Math.sqrt(at(i >> 1)))),
    );
    close(
      groups,
      Array.from({ length: 8 }, (_, g) => Array.from({ length: 8 }, (_, k) => at(8 * g + k)).reduce((a, b) => a + b)),
    );
  });

  test('level', () => {
    const [out, gains] = [held(new Float32Array(128)), held(numbers(8, 11))];
    kernels.level(held(z), out, gains);
    close(
      out,
      Array.from({ length: 128 }, (_, i) => z[i]! * gains[i >> 4]!),
    );
  });

  test('fold and interleave', () => {
    const out = held(new Float32Array(32));
    kernels.fold(held(z), out);
    const folded = Array.from({ length: 32 }, (_, i) => power(2 * i) + power(2 * i + 1));
    close(out, folded);
    const both = held(new Float32Array(64));
    kernels.interleave(out, held(numbers(32, 13)), both);
    const other = numbers(32, 13);
    close(
      both,
      Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? out[i >> 1]! : other[i >> 1]!)),
    );
  });
});

test('an envelope is the same by kernels and by plain loops, and its input is left as it was', () => {
  const n = 4096;
  const forward = fastEngine.real(n);
  forward.time.set(numbers(n, 17));
  forward.forward();
  const copy = Float32Array.from(forward.bins);
  const [byKernels, byLoops] = [envelopePlan(fastEngine, n), envelopePlan(fastEngine, n)];
  expect([kernels.holds(forward.bins), kernels.holds(copy)]).toEqual([true, false]);
  byKernels.compute(forward.bins, 500);
  byLoops.compute(copy, 500);
  expect(forward.bins).toEqual(copy);
  for (const kind of ['whitened', 'levelled'] as const) {
    const peak = Math.max(...byLoops[kind].subarray(1, 500));
    for (let k = 1; k < 500; k++) {
      expect(Math.abs(byKernels[kind][k]! - byLoops[kind][k]!) / peak, `${kind} ${k}`).toBeLessThan(1e-4);
    }
  }
});

test('Welch on the heap bears an offset that dwarfs the signal', () => {
  const x = Float32Array.from(numbers(8192, 19), (value) => 50 + value / 1e4);
  const [fast, exact] = [welchPlan(fastEngine, 1024), welchPlan(float64Engine, 1024)];
  expect(fast.estimate(x, 1000)).toBe(exact.estimate(x, 1000));
  const peak = Math.max(...exact.density);
  for (let k = 0; k <= 512; k++) {
    expect(Math.abs(fast.density[k]! - exact.density[k]!) / peak, `bin ${k}`).toBeLessThan(1e-4);
  }
});

test('kernels survive that memory grows', () => {
  const early = kernels.allocate(64);
  early.values.fill(3);
  const plans = Array.from({ length: 12 }, () => fastEngine.complex(2 ** 18));
  expect(kernels.holds(early.values)).toBe(true);
  const sum = kernels.allocate(32);
  sum.values.fill(0);
  kernels.addPower(early.values, sum.values);
  expect([...sum.values]).toEqual(new Array(32).fill(18));
  for (const plan of plans) plan.free();
});

test('the assembler refuses what it does not know', () => {
  expect(() => assembleWasm('(func $f (param $a) (i64.add (local.get $a) (local.get $a)))')).toThrow(/i64\.add/);
  expect(() => assembleWasm('(func $f (param $a) (local.set $b (local.get $a)))')).toThrow(/\$b/);
  expect(() => assembleWasm('(func $f (param $a)')).toThrow(/parentheses/);
});
