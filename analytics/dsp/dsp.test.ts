import fc from 'fast-check';
import { expect, test } from 'vitest';
import golden from './golden/golden.generated.json' with { type: 'json' };
import {
  analyticSignal,
  bandRms,
  envelopePlan,
  fastEngine,
  fastSize,
  float64Engine,
  floorPlan,
  prewhiten,
  squaredEnvelopeSpectrum,
  timeFeatures,
  velocityRms,
  type WindowName,
  welchPlan,
  window,
} from './index.ts';
import { nthSmallest } from './noiseFloor.ts';

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-12, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!) / scale, `value ${i}`).toBeLessThan(tolerance);
  }
};
/** Impacts of a struck resonance in noise: what an envelope is made for. */
const impacts = (n: number) => {
  let seed = 7;
  const noise = () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  return Float32Array.from(
    { length: n },
    (_, i) => Math.exp(-(i % 117) / 9) * Math.sin((i % 117) * 1.7) + 0.2 * noise(),
  );
};

test('windows equal scipy', () => {
  for (const [name, expected] of Object.entries(golden.windows)) close(window(name as WindowName, 12), expected, 1e-9);
});

test('time features equal numpy and scipy', () => {
  for (const { x, ...expected } of golden.features) {
    const actual = timeFeatures(x);
    for (const [key, value] of Object.entries(expected)) expect(actual[key as 'rms']).toBeCloseTo(value, 10);
    expect(actual.crest).toBeCloseTo(expected.peak / expected.rms, 10);
  }
});

test('time features of a flat line are zeros, of a NaN NaN', () => {
  expect(timeFeatures([3, 3, 3])).toEqual({
    mean: 3,
    rms: 0,
    peak: 0,
    peakToPeak: 0,
    crest: 0,
    kurtosis: 0,
    skewness: 0,
  });
  expect(timeFeatures([1, Number.NaN, 2]).rms).toBeNaN();
  expect(timeFeatures([1, -1, 1, -1])).toMatchObject({ rms: 1, peak: 1, crest: 1, kurtosis: 1, skewness: 0 });
});

test('Welch equals scipy; float32 to 1e-5', () => {
  const { x, samplingRateHz, segmentLength, density } = golden.welch;
  for (const [engine, tolerance] of [
    [float64Engine, 1e-9],
    [fastEngine, 1e-5],
  ] as const) {
    const plan = welchPlan(engine, segmentLength);
    expect(plan.estimate(Float64Array.from(x), samplingRateHz)).toBe(7);
    close(plan.density, density, tolerance);
  }
});

test('band RMS of a flat density, of a band outside, and of bad edges', () => {
  const psd = { density: new Float64Array(64).fill(2), binHz: 1 };
  expect(bandRms(psd, 10, 18)).toBeCloseTo(Math.sqrt(18), 12);
  for (const [low, high] of [
    [18, 10],
    [-1, 5],
    [10, 64],
    [Number.NaN, 5],
  ])
    expect(() => bandRms(psd, low!, high!)).toThrow(/band/);
});

test('1 g RMS at 100 Hz is 15.61 mm/s, at any rate and length, with drift and offset', () => {
  for (const [rate, n] of [
    [12_000, 16_384],
    [51_200, 16_384],
    [25_600, 32_768],
    [10_000, 8000],
  ] as const) {
    const x = Float64Array.from({ length: n }, (_, i) => Math.SQRT2 * Math.sin((2 * Math.PI * 100 * i) / rate));
    const drifted = x.map((value, i) => value + 0.5 + (0.2 * i) / n);
    for (const engine of [float64Engine, fastEngine]) {
      if (!engine.supports('real', n)) continue;
      expect(velocityRms(engine, x, rate)).toBeCloseTo(15.61, 1);
      expect(velocityRms(engine, drifted, rate)).toBeCloseTo(15.61, 1);
    }
  }
});

// 1 g at 4 Hz is 275 mm/s RMS, so 0.1 mm/s is a rejection by more than 2000.
test('velocity leaves out what lies below 10 and above 1000 Hz', () => {
  for (const hz of [4, 1400]) {
    const x = Float64Array.from({ length: 16_384 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / 12_000));
    expect(velocityRms(fastEngine, x, 12_000)).toBeLessThan(0.1);
  }
});

test('analytic signal, pre-whitening and envelope power equal scipy, also at odd lengths', () => {
  for (const { x, analytic, prewhitened, envelopePower } of golden.envelope) {
    const { re, im } = analyticSignal(Float64Array.from(x));
    close(
      [...re].flatMap((value, i) => [value, im[i]!]),
      analytic,
      1e-9,
    );
    close(prewhiten(Float64Array.from(x)), prewhitened, 1e-9);
    close(squaredEnvelopeSpectrum(Float64Array.from(x)), envelopePower, 1e-9);
  }
});

test('the fast envelope equals the plain one at low bins, in both engines', () => {
  const n = 16_384;
  const x = impacts(n);
  const mean = x.reduce((sum, value) => sum + value, 0) / n;
  const centred = Float64Array.from(x, (value) => value - mean);
  const plain = squaredEnvelopeSpectrum(prewhiten(centred));
  for (const engine of [float64Engine, fastEngine]) {
    const forward = engine.real(n);
    forward.time.set(centred);
    forward.forward();
    const plan = envelopePlan(engine, n);
    plan.compute(forward.bins, 600);
    // The folded average droops by cos²(πk/(n/2)) in power and the scale is arbitrary; compare shapes.
    const droop = (k: number) => Math.cos((Math.PI * k) / (n / 2)) ** 2;
    const ratio = (k: number) => plan.whitened[k]! / droop(k) / plain[k]!;
    const strong = Array.from({ length: 590 }, (_, k) => k + 2).filter((k) => plain[k]! > 0.5 * plain[140]!);
    expect(strong.length).toBeGreaterThan(3);
    // The fold adds noise of k/(n/2), here up to a fifteenth, of the floor's power; lines stand above it.
    for (const k of strong) expect(Math.abs(ratio(k) / ratio(140) - 1)).toBeLessThan(0.15);
  }
});

test('both engines give the same envelopes to 1e-4 of the peak', () => {
  const n = 16_384;
  const [a, b] = [float64Engine, fastEngine].map((engine) => {
    const forward = engine.real(n);
    forward.time.set(impacts(n));
    forward.forward();
    const plan = envelopePlan(engine, n);
    plan.compute(forward.bins, 1000);
    return plan;
  });
  for (const kind of ['whitened', 'levelled'] as const)
    close(b![kind].subarray(1, 1000), a![kind].subarray(1, 1000), 1e-4);
});

test('the floor of exponential noise is 1, lines stand on it', () => {
  let seed = 3;
  const uniform = () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return (seed + 0.5) / 2 ** 32;
  };
  const power = Float64Array.from({ length: 2000 }, (_, k) => -Math.log(uniform()) * (1 + k / 500));
  power[700] = 100 * (1 + 700 / 500);
  floorPlan(256).normalise(power, 2000, 101, power);
  const mean = (power.reduce((sum, value) => sum + value, 0) - power[700]!) / 1999;
  expect(mean).toBeGreaterThan(0.9);
  expect(mean).toBeLessThan(1.1);
  expect(power[700]).toBeGreaterThan(70);
});

test('quickselect finds what sorting finds', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 60 }), fc.nat(), (values, at) => {
      const n = at % values.length;
      expect(nthSmallest(Float64Array.from(values), values.length, n)).toBe(Float64Array.from(values).sort()[n]);
    }),
  );
});

test('fast sizes are multiples of 64 without large factors, never longer than asked', () => {
  expect(fastSize(16_384)).toBe(16_384);
  expect(fastSize(63)).toBe(0);
  fc.assert(
    fc.property(fc.integer({ min: 64, max: 200_000 }), (count) => {
      const size = fastSize(count);
      expect(size).toBeLessThanOrEqual(count);
      expect(size).toBeGreaterThan(0.8 * count - 64);
      expect(fastEngine.supports('real', size) && fastEngine.supports('complex', size / 4)).toBe(true);
    }),
  );
});
